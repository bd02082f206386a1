"""Samplers: which configuration to try next."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from hpsearch.errors import InputError
from hpsearch.search.observation import Observation, Tried, is_repeated
from hpsearch.search.seeding import uniform
from hpsearch.spaces import Grid, Parameter, Space, Value, make_grid

ALGORITHMS = ("random", "grid", "bayesian")
REDRAWS = 100


class Sampler(ABC):
    """Proposes configurations of a space.

    The same seed, index and observations give the same proposal; `random` and `grid` look at
    the observations only to avoid repeats.

    Args:
        space: What may vary.
        seed: The study's seed.
        direction: `maximize` or `minimize`.
    """

    def __init__(self, space: Space, *, seed: int = 0, direction: str = "maximize") -> None:
        self.space = space
        self.seed = seed
        self.direction = direction

    def propose(
        self, index: int, observations: Sequence[Observation] = ()
    ) -> dict[str, Value] | None:
        """The configuration to try as the `index`-th one, from 0.

        Args:
            index: Position among the proposals of the study; second tries are not counted.
            observations: What is known of earlier trials, running ones included.

        Returns:
            A value for every active hyperparameter; None if every configuration of the space
            has been tried. The first proposal is the defaults.
        """
        names = frozenset(self.space.names)
        proposal = self.space.defaults()
        if index == 0 and not is_repeated(proposal, observations, names):
            return proposal
        for attempt in range(REDRAWS):
            proposal = self.draw(index, observations, attempt)
            if not is_repeated(proposal, observations, names):
                return proposal
        if self.space.size() is None:
            return proposal
        return self._first_untried(Tried(observations, names))

    def _first_untried(self, known: Tried) -> dict[str, Value] | None:
        largest = max((p.num_values or 1 for p in self.space), default=1)
        return next((point for point in make_grid(self.space, largest) if point not in known), None)

    @abstractmethod
    def draw(
        self, index: int, observations: Sequence[Observation], attempt: int
    ) -> dict[str, Value]:
        """A configuration; other attempts give others where the sampler can."""


class RandomSampler(Sampler):
    """Every hyperparameter drawn for itself, uniformly on its own scale."""

    def draw(
        self, index: int, observations: Sequence[Observation], attempt: int
    ) -> dict[str, Value]:
        return self.space.choose(
            lambda parameter: draw_value(parameter, parameter.label, self.seed, index, attempt)
        )


class GridSampler(Sampler):
    """The points of a grid in its own order.

    Args:
        space: What may vary.
        grid: The points; a point that was tried already is passed over.
        seed: Not used.
        direction: Not used.
    """

    def __init__(
        self, space: Space, grid: Grid, *, seed: int = 0, direction: str = "maximize"
    ) -> None:
        super().__init__(space, seed=seed, direction=direction)
        self._points = list(grid)
        self._varied = {p.name for p in space if len(grid.values[space.key(p)]) > 1}

    def propose(
        self, index: int, observations: Sequence[Observation] = ()
    ) -> dict[str, Value] | None:
        known = Tried(observations, self._varied)
        return next((point for point in self._points if point not in known), None)

    def draw(
        self, index: int, observations: Sequence[Observation], attempt: int
    ) -> dict[str, Value]:
        return self._points[index]


def draw_value(parameter: Parameter, label: str, seed: int, index: int, attempt: int = 0) -> Value:
    """A random value of one hyperparameter for one trial, whatever else is drawn.

    The label, unlike the key, does not depend on which hyperparameters are known, so that a
    worker that meets one for the first time draws what the sampler would have drawn.
    """
    return parameter.from_unit(uniform(seed, index, "ask", label, attempt))


def make_sampler(
    algorithm: str,
    space: Space,
    *,
    seed: int = 0,
    direction: str = "maximize",
    grid: Grid | None = None,
) -> Sampler:
    """The sampler of an algorithm.

    Args:
        algorithm: One of `ALGORITHMS`.
        space: What may vary.
        seed: The study's seed.
        direction: `maximize` or `minimize`.
        grid: The points of `grid`; by default five values of every ordered hyperparameter.

    Raises:
        InputError: There is no such algorithm.
    """
    if algorithm == "random":
        return RandomSampler(space, seed=seed, direction=direction)
    if algorithm == "grid":
        points = make_grid(space, 5) if grid is None else grid
        return GridSampler(space, points, seed=seed, direction=direction)
    if algorithm == "bayesian":
        from hpsearch.search.bayesian import BayesianSampler

        return BayesianSampler(space, seed=seed, direction=direction)
    raise InputError(f"No algorithm '{algorithm}'.", f"Use one of {', '.join(ALGORITHMS)}.")
