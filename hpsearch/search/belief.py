"""`Belief`: what a Gaussian process makes of all that is known of a study."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from hpsearch.search.codes import CHOICE_DISTANCE
from hpsearch.search.knowledge import Knowledge
from hpsearch.search.surrogate import GaussianProcess
from hpsearch.search.warping import Warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Vector = NDArray[np.float64]

SUCCESS_NOISE = 0.05
ROOT_2PI = math.sqrt(2 * math.pi)


@dataclass(frozen=True)
class Belief:
    """A fitted process with what is needed to use it.

    Args:
        knowledge: The observations.
        process: The process over warped objectives, larger is better.
        reference: The same without what is only guessed of running trials.
        feasible: A process of success (1) and failure (-1); None if nothing is to be avoided.
        numbers: The observations it knows that have an objective.
        num_trials: How many trials it rests on, those to be avoided and those of an earlier
            stage included.
        earlier: What the process knows of an earlier stage: its last column tells the two.
        warp: From objectives to the values of the process; None before the first.
    """

    knowledge: Knowledge
    process: GaussianProcess
    reference: GaussianProcess
    feasible: GaussianProcess | None
    numbers: list[int]
    num_trials: int
    earlier: Knowledge | None
    warp: Warp | None

    @property
    def noise(self) -> float:
        """Variance between repetitions, as a share of the variance among trials."""
        return self.process.kernel.noise

    @cached_property
    def means(self) -> dict[int, float]:
        """Observation → its estimated mean, warped."""
        if not self.numbers:
            return {}
        means = self.reference.mean(self._view(self.knowledge.rows(self.numbers)))
        return dict(zip(self.numbers, means.tolist(), strict=True))

    def _view(self, rows: Matrix) -> Matrix:
        features = self.knowledge.codes.features(rows)
        return features if self.earlier is None else marked(features, 1.0)

    def leading_trials(self, count: int) -> list[int]:
        """The completed trials of the best estimated means, each configuration once."""
        leaders: dict[bytes, int] = {}
        for number in sorted(self.means, key=lambda n: -self.means[n]):
            if self.knowledge.observations[number].outcome == "complete":
                leaders.setdefault(self.knowledge.rows([number]).tobytes(), number)
            if len(leaders) == count:
                break
        return list(leaders.values())

    def leaders(self, count: int, generator: np.random.Generator) -> Matrix:
        """Rows of the best estimated means; with few trials those of an earlier stage too."""
        own = self.knowledge.rows(self.leading_trials(count))
        room = count - len(own)
        if self.earlier is None or not room:
            return own
        best = np.argsort(-self.earlier.scores, kind="stable")[:room].tolist()  # NaN comes last
        return np.vstack([own, self.knowledge.codes.inside(self.earlier.rows(best), generator)])

    def promise(self, rows: Matrix) -> Vector:
        """Augmented expected improvement over the best estimated mean, for rows of codes.

        Times the probability of success, where trials failed (Gardner et al., Bayesian
        Optimization with Inequality Constraints, ICML 2014).
        """
        view = self._view(rows)
        improvement, deviation = self._improvement(view)
        seen = 1 - np.sqrt(self.noise / (self.noise + deviation**2))
        promise: Vector = np.maximum(improvement * seen, 0.0)
        return promise if self.feasible is None else promise * self._chance_of_success(view)

    def improvement(self, rows: Matrix) -> Vector:
        """Expected improvement of the mean over the best estimated mean, for rows of codes.

        As `promise`, without what noise hides: by how much the configuration is better, not how
        much of that a single trial of it would show.
        """
        view = self._view(rows)
        improvement, _ = self._improvement(view)
        return improvement if self.feasible is None else improvement * self._chance_of_success(view)

    def joint_improvement(self, rows: Matrix, draws: int, generator: np.random.Generator) -> float:
        """Expected improvement of the best of several configurations over the best estimated mean.

        The multi-points expected improvement (Ginsbourger et al., Kriging Is Well-Suited to
        Parallelize Optimization, 2010), by draws from the joint posterior.

        Args:
            rows: The configurations, as codes.
            draws: How many functions are drawn.
            generator: Source of randomness.
        """
        samples = self.process.sample(self._view(rows), draws, generator)
        return float(np.maximum(samples.max(1) - self.best, 0.0).mean())

    def _improvement(self, view: Matrix) -> tuple[Vector, Vector]:
        """Expected improvement and the deviation of the means."""
        mean, deviation = self.process.predict(view)
        gain = (mean - self.best) / deviation
        density = np.exp(-0.5 * gain**2) / ROOT_2PI
        improvement: Vector = deviation * (gain * _normal_below(gain) + density)
        return np.maximum(improvement, 0.0), deviation

    def _chance_of_success(self, view: Matrix) -> Vector:
        """The probability that a trial does not have to be avoided."""
        assert self.feasible is not None
        mean, deviation = self.feasible.predict(view)
        return _normal_below(mean / np.sqrt(deviation**2 + SUCCESS_NOISE))

    @cached_property
    def best(self) -> float:
        """The best estimated mean, warped."""
        if self.numbers:
            return max(self.means.values())
        as_now = self.reference.features.copy()
        as_now[:, -1] = CHOICE_DISTANCE
        return float(self.reference.mean(as_now).max())


def marked(features: Matrix, stage: float) -> Matrix:
    """The features with one more that tells this stage (1) from the earlier one (0)."""
    return np.hstack([features, np.full((len(features), 1), stage * CHOICE_DISTANCE)])


def _normal_below(z: Vector) -> Vector:
    from scipy.special import ndtr

    below: Vector = ndtr(z)
    return below
