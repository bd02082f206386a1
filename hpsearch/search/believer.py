"""`Believer`: keeps what is believed of a study up to date."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hpsearch.search.belief import SUCCESS_NOISE, Belief, marked
from hpsearch.search.knowledge import Knowledge
from hpsearch.search.observation import Observation
from hpsearch.search.surrogate import GaussianProcess, Kernel, fit_kernel
from hpsearch.search.warping import Warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Vector = NDArray[np.float64]

KERNEL_TRIALS = 120  # most trials the kernel's parameters are fitted to
KERNEL_BEST = 40
PRIOR_TRIALS = 120  # most trials of an earlier stage
FIRST_FIT = 8
REFIT_GROWTH = 1.1


class Believer:
    """Keeps the process of a study up to date.

    The kernel's parameters depend on the first m ended trials, m growing by a tenth from fit to
    fit, so that a new process that only knows the observations comes to the same.

    Args:
        knowledge: The observations.
        direction: `maximize` or `minimize`.
        prior: Observations of an earlier stage. They enter as another column, whose length
            scale, learned like the others, says how much the two stages have in common.
    """

    def __init__(
        self, knowledge: Knowledge, direction: str, prior: Sequence[Observation] = ()
    ) -> None:
        self.knowledge = knowledge
        earlier = Knowledge(knowledge.codes.space, direction)
        earlier.update(list(prior))
        told = earlier.telling(PRIOR_TRIALS) if knowledge.codes.searched.any() else []
        self._earlier_data = self._data_of(earlier, told)
        self._earlier = earlier if self._earlier_data is not None else None
        self._kernels: dict[tuple[object, ...], Kernel] = {}

    @property
    def has_prior(self) -> bool:
        """Whether an earlier stage had trials with an objective."""
        return self._earlier_data is not None

    def belief(self) -> Belief | None:
        """What is known now; None if no trial has an objective yet."""
        knowledge = self.knowledge
        telling = knowledge.telling()
        numbers = self._valued(knowledge, telling)
        joined = self._joined(self._data_of(knowledge, telling))
        if joined is None:
            return None
        features, values = joined
        process = self._process(features, values, self._kernel())
        warp = Warp.of(knowledge.scores[numbers]) if numbers else None
        believed = self._with_running(process, features, values)
        return Belief(
            knowledge,
            believed,
            process,
            self._feasibility(telling),
            numbers,
            len(values),
            self._earlier,
            warp,
        )

    @staticmethod
    def _valued(knowledge: Knowledge, numbers: Sequence[int]) -> list[int]:
        """Those of the observations that have an objective."""
        scores = knowledge.scores
        return [number for number in numbers if not np.isnan(scores[number])]

    def _feasibility(self, telling: Sequence[int]) -> GaussianProcess | None:
        """The process of success over the study's own trials."""
        failed = np.isnan(self.knowledge.scores[list(telling)])
        if not failed.any():
            return None
        kernel = replace(Kernel.prior(self._columns), noise=SUCCESS_NOISE)
        return self._process(self._features(telling), np.where(failed, -1.0, 1.0), kernel)

    def _features(self, numbers: Sequence[int]) -> Matrix:
        """Features of the study's own trials."""
        features = self.knowledge.codes.features(self.knowledge.rows(numbers))
        return marked(features, 1.0) if self.has_prior else features

    @staticmethod
    def _data_of(knowledge: Knowledge, numbers: Sequence[int]) -> tuple[Matrix, Vector] | None:
        """Rows and warped objectives; what is to be avoided counts as the worst seen."""
        scores = knowledge.scores[list(numbers)]
        if np.isnan(scores).all():
            return None
        values = Warp.of(scores[~np.isnan(scores)])(
            np.where(np.isnan(scores), np.nanmin(scores), scores)
        )
        return knowledge.codes.features(knowledge.rows(numbers)), values

    def _joined(self, own: tuple[Matrix, Vector] | None) -> tuple[Matrix, Vector] | None:
        """The study's data together with those of the earlier stage."""
        if self._earlier_data is None:
            return own
        features, values = self._earlier_data
        if own is None:
            return marked(features, 0.0), values
        both = np.vstack([marked(features, 0.0), marked(own[0], 1.0)])
        return both, np.r_[values, own[1]]

    def _process(self, features: Matrix, values: Vector, kernel: Kernel) -> GaussianProcess:
        return GaussianProcess(features, values, self._owners(), kernel)

    def _owners(self) -> NDArray[np.intp]:
        own = self.knowledge.codes.owners
        return np.r_[own, own.max() + 1] if self.has_prior else own

    @property
    def _columns(self) -> int:
        return int(self._owners().max()) + 1

    def _kernel(self) -> Kernel:
        """The kernel fitted to the first m ended trials."""
        ended = self.knowledge.numbers("complete", "pruned", "avoid")
        numbers = self._thinned(ended[: _fitted_at(len(ended))])
        key = (*numbers, self.knowledge.scores[numbers].tobytes())
        if key not in self._kernels:
            joined = self._joined(self._data_of(self.knowledge, numbers))
            prior = Kernel.prior(self._columns)
            fitted = prior if joined is None else fit_kernel(*joined, self._owners())
            self._kernels = {key: fitted}
        return self._kernels[key]

    def _thinned(self, numbers: list[int]) -> list[int]:
        """At most 120: the best 40, the others spread evenly."""
        if len(numbers) <= KERNEL_TRIALS:
            return numbers
        order = np.argsort(-self.knowledge.scores[numbers], kind="stable")  # NaN comes last
        best, others = order[:KERNEL_BEST], np.sort(order[KERNEL_BEST:])
        spread = np.linspace(0, len(others) - 1, KERNEL_TRIALS - KERNEL_BEST).astype(int)
        return sorted(numbers[at] for at in [*best, *others[spread]])

    def _with_running(
        self, process: GaussianProcess, features: Matrix, values: Vector
    ) -> GaussianProcess:
        """The process that takes running trials to show what it expects of them.

        So that workers who ask at the same time are not all sent to one spot (the kriging
        believer of Ginsbourger et al. 2010).
        """
        running = self.knowledge.numbers("running")
        if not running:
            return process
        asked = self._features(running)
        guessed = np.r_[values, process.mean(asked)]
        return self._process(np.vstack([features, asked]), guessed, process.kernel)


def _fitted_at(ended: int) -> int:
    """The last number of ended trials at which the kernel was fitted."""
    at = FIRST_FIT
    while math.ceil(at * REFIT_GROWTH) + 1 <= ended:
        at = math.ceil(at * REFIT_GROWTH) + 1
    return min(at, ended)
