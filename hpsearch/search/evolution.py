"""CMA-ES: a normal distribution that moves and stretches towards the better half of its draws.

Hansen & Ostermeier, Completely Derandomized Self-Adaptation in Evolution Strategies, 2001, from
the package `cmaes`. It sees ordered hyperparameters only; unordered ones are drawn at random.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from hpsearch.search.samplers import Sampler, SamplerOptions
from hpsearch.search.seeding import derive_seed, uniform
from hpsearch.spaces import Space, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

STEP = 0.25  # first standard deviation, as a share of every range


class EvolutionSampler(Sampler):
    """Draws from a distribution that learns from each completed generation of trials.

    A generation is the next few ended trials in order of number, whoever proposed them, so that
    any number of workers may ask at any time, and a resumed study comes to the same.

    It starts at the first of the configurations to try.
    """

    in_any_order = False

    def __init__(self, space: Space, **options: Unpack[SamplerOptions]) -> None:
        super().__init__(space, **options)
        codes = self.knowledge.codes
        self._ordered = np.flatnonzero(codes.searched & ~codes.category)
        self._last = np.where(codes.counts > 0, codes.counts - 1, 1.0)[self._ordered]
        self._strategy: Any = None
        self._told: tuple[int, ...] = ()

    def draw(self, index: int, attempt: int) -> dict[str, Value]:
        if len(self._ordered) < 2:  # a covariance needs two
            return super().draw(index, attempt)
        strategy = self._current()
        strategy._rng = np.random.RandomState(derive_seed(self.seed, index, "cmaes", attempt))  # noqa: SLF001  (so that a draw depends on the index alone)
        point = strategy.ask()
        codes = self.knowledge.codes
        units = np.array([uniform(self.seed, index, p.label, attempt) for p in self.space])
        row = codes.from_units(units[None])[0]
        row = np.where(np.isnan(row), 0.0, row)
        places = point * self._last
        row[self._ordered] = np.where(codes.counts[self._ordered] > 0, np.rint(places), places)
        return codes.decode(codes.masked(row[None])[0])

    def _current(self) -> Any:
        """The strategy after all whole generations that have ended."""
        ended = tuple(self.knowledge.numbers("complete", "pruned", "avoid"))
        if self._strategy is None or ended[: len(self._told)] != self._told:
            self._strategy, self._told = self._fresh(), ()
        size = self._strategy.population_size
        while len(ended) - len(self._told) >= size:
            generation = ended[len(self._told) : len(self._told) + size]
            self._tell(generation)
            self._told += generation
        return self._strategy

    def _fresh(self) -> Any:
        from cmaes import CMA

        start = self.knowledge.codes.encode(self.first[0] if self.first else self.space.defaults())
        places = start[self._ordered] / self._last
        columns = len(self._ordered)
        return CMA(
            mean=np.clip(np.where(np.isnan(places), 0.5, places), 0.1, 0.9),
            sigma=STEP,
            bounds=np.tile([0.0, 1.0], (columns, 1)),
            seed=0,
            population_size=4 + int(3 * np.log(columns)),
        )

    def _tell(self, generation: Sequence[int]) -> None:
        scores = self.knowledge.scores
        worst = np.nanmin(scores) if not np.isnan(scores).all() else 0.0
        rows = self.knowledge.rows(generation)[:, self._ordered] / self._last
        mean = self._strategy.mean
        solutions = [
            (np.where(np.isnan(row), mean, np.clip(row, 0.0, 1.0)), -_or(scores[number], worst))
            for row, number in zip(rows, generation, strict=True)
        ]
        self._strategy.tell(solutions)


def _or(score: float, worst: float) -> float:
    return worst if np.isnan(score) else float(score)
