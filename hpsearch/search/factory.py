"""The algorithms by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hpsearch.errors import InputError
from hpsearch.search.observation import Observation
from hpsearch.search.samplers import (
    GridSampler,
    Sampler,
    SamplerOptions,
    SobolSampler,
    first_points,
)
from hpsearch.spaces import Grid, Space, Value, make_grid

ALGORITHMS = ("random", "sobol", "grid", "bayesian", "cmaes")


def make_sampler(  # noqa: PLR0913  (every one has its flag or its algorithm)
    algorithm: str,
    space: Space,
    *,
    seed: int = 0,
    direction: str = "maximize",
    grid: Grid | None = None,
    tries: Sequence[Mapping[str, Value]] = (),
    prior: Sequence[Observation] = (),
    replicates: bool = True,
) -> Sampler:
    """The sampler of an algorithm.

    Args:
        algorithm: One of `ALGORITHMS`.
        space: What may vary.
        seed: The study's seed.
        direction: `maximize` or `minimize`.
        grid: The points of `grid`; by default five values of every ordered hyperparameter.
        tries: Points to try first; names they leave out have their defaults. All algorithms
            but `grid` try the defaults themselves next, `bayesian` also the centre.
        prior: For `bayesian`: what an earlier stage showed.
        replicates: For `bayesian`: whether a configuration may be repeated on purpose.

    Raises:
        InputError: There is no such algorithm.
    """
    first = first_points(
        space, tries, defaults=algorithm != "grid", centre=algorithm == "bayesian" and not prior
    )
    common: SamplerOptions = {"seed": seed, "direction": direction, "first": first}
    if algorithm == "random":
        return Sampler(space, **common)
    if algorithm == "sobol":
        return SobolSampler(space, **common)
    if algorithm == "grid":
        return GridSampler(space, make_grid(space, 5) if grid is None else grid, **common)
    if algorithm == "bayesian":
        from hpsearch.search.bayesian import BayesianSampler

        return BayesianSampler(space, **common, prior=prior, replicates=replicates)
    if algorithm == "cmaes":
        from hpsearch.search.evolution import EvolutionSampler

        return EvolutionSampler(space, **common)
    raise InputError(f"No algorithm '{algorithm}'.", f"Use one of {', '.join(ALGORITHMS)}.")
