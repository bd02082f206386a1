"""`optimize`: search for the best arguments of any function."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hpsearch.errors import Infeasible, InputError
from hpsearch.search.factory import ALGORITHMS, make_sampler
from hpsearch.search.observation import Observation, Outcome
from hpsearch.search.samplers import Proposal, Sampler, first_points
from hpsearch.search.selection import Estimate, estimated_best
from hpsearch.spaces import Space, Value, finest_grid, make_grid

DIRECTIONS = ("maximize", "minimize")

TrialState = Literal["complete", "failed"]


class Params(Mapping[str, Value]):
    """The active hyperparameters of one trial, read-only.

    Also answers to `.get(name)` and `.values` as `keras_tuner.HyperParameters` does, where
    `.values` may be read as a dictionary or called as a method.
    """

    def __init__(self, params: Mapping[str, Value]) -> None:
        self._params = dict(params)
        self.values = _Values(self._params)  # type: ignore[method-assign]

    def __getitem__(self, name: str) -> Value:
        return self._params[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._params)

    def __len__(self) -> int:
        return len(self._params)

    def __repr__(self) -> str:
        return f"Params({self._params})"


class _Values(dict[str, Value]):
    """`params.values` as Keras Tuner has it, and `params.values()` as mappings have it."""

    def __call__(self) -> Any:
        return super().values()


@dataclass(frozen=True)
class OptimizeTrial:
    """One evaluation.

    Args:
        number: Its position, from 0.
        params: The active hyperparameters.
        value: What the function returned; None if it failed.
        state: `complete`, or `failed` for NaN, infinity and `hpsearch.Infeasible`.
        replicate_of: Number of the trial that this one repeats on purpose.
    """

    number: int
    params: Mapping[str, Value]
    value: float | None
    state: TrialState
    replicate_of: int | None = None


@dataclass(frozen=True)
class Result:
    """What a search found.

    Args:
        trials: Every evaluation, in order.
        best_params: The configuration of the best estimated mean, which need not be the one
            with the best single value; None if no trial succeeded.
        best_value: That estimated mean.
        exhausted: Whether the search ended because every configuration had been tried.
    """

    trials: tuple[OptimizeTrial, ...]
    best_params: Mapping[str, Value] | None
    best_value: float | None
    exhausted: bool = False

    def __repr__(self) -> str:
        return (
            f"Result({len(self.trials)} trials, best_value={self.best_value}, "
            f"best_params={dict(self.best_params or {})})"
        )


def optimize(
    evaluate: Callable[[Params], float],
    space: Any,
    *,
    trials: int,
    algorithm: str = "coarse-to-fine",
    direction: str = "maximize",
    seed: int = 0,
    tries: Sequence[Mapping[str, Value]] = (),
) -> Result:
    """Search for the best arguments of a function.

    Args:
        evaluate: Gets the active hyperparameters and returns the objective; each call is one
            trial. NaN, infinity or `hpsearch.Infeasible` mark a configuration to keep away
            from; any other exception ends the search.
        space: A `Space`, or a `keras_tuner.HyperParameters`.
        trials: Most evaluations.
        algorithm: `coarse-to-fine` (explores, refines, then repeats the leaders where the
            function is noisy), or one of `random`, `sobol`, `grid`, `bayesian`, `cmaes`.
        direction: `maximize` or `minimize`.
        seed: The same seed and function give the same trials.
        tries: Points to try first; names they leave out have their defaults.

    Returns:
        The trials and the best configuration. Fewer trials than asked for if every
        configuration of the space has been tried.

    Raises:
        InputError: The algorithm, the direction, the number of trials or the space is none.

    Example:
        >>> from hpsearch import Float, Space, optimize
        >>> space = Space((Float("x", -1, 1),))
        >>> optimize(lambda p: -(p["x"] - 0.5) ** 2, space, trials=30).best_params  # doctest: +SKIP
        {'x': 0.4998…}
    """
    _check(trials, direction)
    own = _as_space(space)
    sampler = _sampler(algorithm, own, trials, direction, seed, tries)
    observations: list[Observation] = []
    replicates: list[int | None] = []
    proposal: Proposal | None = None
    for index in range(trials):
        proposal = sampler.propose(index, observations)
        if proposal is None:
            break
        observations.append(_evaluate(evaluate, proposal))
        replicates.append(proposal.replicate_of)
    best = estimated_best(own, observations, direction)
    return _result(observations, replicates, best, exhausted=proposal is None)


def _check(trials: int, direction: str) -> None:
    if type(trials) is not int or trials < 1:
        raise InputError(f"trials is {trials!r}.", "Give a whole number of 1 or more.")
    if direction not in DIRECTIONS:
        raise InputError(f"The direction is '{direction}'.", "Use maximize or minimize.")


def _as_space(space: Any) -> Space:
    if isinstance(space, Space):
        return space
    entries = getattr(space, "space", None)  # what keras_tuner.HyperParameters calls its entries
    if isinstance(entries, list):
        from hpsearch.spaces.keras_tuner_form import from_keras_tuner

        return Space(tuple(from_keras_tuner(entry) for entry in entries))
    raise InputError(
        f"The space is a {type(space).__name__}.",
        "Give a hpsearch.Space or a keras_tuner.HyperParameters.",
    )


def _sampler(
    algorithm: str,
    space: Space,
    trials: int,
    direction: str,
    seed: int,
    tries: Sequence[Mapping[str, Value]],
) -> Sampler:
    if algorithm != "coarse-to-fine":
        if algorithm not in ALGORITHMS:
            raise InputError(
                f"No algorithm '{algorithm}'.",
                f"Use one of coarse-to-fine, {', '.join(ALGORITHMS)}.",
            )
        grid = (finest_grid(space, trials) or make_grid(space, 2)) if algorithm == "grid" else None
        return make_sampler(
            algorithm, space, seed=seed, direction=direction, grid=grid, tries=tries
        )
    from hpsearch.search.coarse_to_fine import CoarseToFineSampler

    first = first_points(space, tries, defaults=True, centre=True)
    return CoarseToFineSampler(space, trials=trials, seed=seed, direction=direction, first=first)


def _evaluate(evaluate: Callable[[Params], float], proposal: Proposal) -> Observation:
    outcome: Outcome = "avoid"
    try:
        value = float(evaluate(Params(proposal.params)))
    except Infeasible:
        return Observation(proposal.params, None, outcome)
    if not math.isfinite(value):
        return Observation(proposal.params, None, outcome)
    return Observation(proposal.params, value, "complete")


def _result(
    observations: Sequence[Observation],
    replicates: Sequence[int | None],
    best: Sequence[Estimate],
    *,
    exhausted: bool,
) -> Result:
    trials = tuple(
        OptimizeTrial(
            number,
            observation.params,
            observation.value,
            "complete" if observation.outcome == "complete" else "failed",
            replicate,
        )
        for number, (observation, replicate) in enumerate(
            zip(observations, replicates, strict=True)
        )
    )
    if not best:
        return Result(trials, None, None, exhausted)
    return Result(trials, observations[best[0].number].params, best[0].mean, exhausted)
