"""In-memory Optuna studies filled with observations, for samplers and importance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hpsearch.search.encoding import encode, sampled_distribution
from hpsearch.search.observation import Observation
from hpsearch.spaces import Parameter, Space, Value

if TYPE_CHECKING:
    from optuna import Study
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial

VIOLATED = {"feasible": 1.0}


def memory_study(
    space: Space,
    observations: Sequence[Observation],
    direction: str,
    sampler: BaseSampler | None = None,
) -> Study:
    """An Optuna study that knows the observations and nothing else.

    What is to be avoided is entered as a violated constraint: a failed trial would be invisible
    to Optuna's samplers.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    goal = optuna.study.StudyDirection[direction.upper()]
    study = optuna.create_study(direction=goal, sampler=sampler)
    worst = _worst_value(observations, direction)
    distributions = {space.key(p): sampled_distribution(p) for p in space}
    study.add_trials(
        [_trial(space, observation, distributions, worst) for observation in observations]
    )
    return study


def _worst_value(observations: Sequence[Observation], direction: str) -> float:
    values = [o.value for o in observations if o.value is not None]
    if not values:
        return 0.0
    return min(values) if direction == "maximize" else max(values)


def _trial(
    space: Space, observation: Observation, distributions: Mapping[str, Any], worst: float
) -> FrozenTrial:
    from optuna.trial import TrialState, create_trial

    params = {
        space.key(parameter): encode(parameter, observation.params[parameter.name])
        for parameter in space.active(observation.params)
        if _is_usable(parameter, observation.params)
    }
    known = {key: distributions[key] for key in params}
    if observation.outcome == "running":
        return create_trial(state=TrialState.RUNNING, params=params, distributions=known)
    constraints = VIOLATED if observation.outcome == "avoid" else {"feasible": 0.0}
    value = worst if observation.value is None else observation.value
    return create_trial(value=value, params=params, distributions=known, constraints=constraints)


def _is_usable(parameter: Parameter, params: Mapping[str, Value]) -> bool:
    """Whether the model can learn from it: searched, used in the trial and in its range."""
    return (
        parameter.num_values != 1
        and parameter.name in params
        and parameter.contains(params[parameter.name])
    )
