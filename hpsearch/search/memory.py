"""In-memory Optuna studies filled with observations, for what Optuna computes from trials."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpsearch.search.codes import Codes
from hpsearch.search.encoding import sampled_distribution
from hpsearch.search.observation import Observation
from hpsearch.spaces import Space

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial


def memory_study(trials: Sequence[FrozenTrial], direction: str) -> Study:
    """An Optuna study that knows some trials and nothing else."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction=optuna.study.StudyDirection[direction.upper()])
    study.add_trials(trials)
    return study


def memory_trials(space: Space, observations: Sequence[Observation]) -> list[FrozenTrial]:
    """Observations with an objective as trials of Optuna.

    A hyperparameter is in a trial if it is searched, was active and had a value in its range.
    """
    from optuna.trial import create_trial

    codes = Codes(space)
    known = {space.key(p): sampled_distribution(p) for p in space if p.num_values != 1}
    all_params = [_params(codes, observation) for observation in observations]
    return [
        create_trial(
            value=observation.value,
            params=params,
            distributions={key: known[key] for key in params},
        )
        for observation, params in zip(observations, all_params, strict=True)
    ]


def _params(codes: Codes, observation: Observation) -> dict[str, float | int]:
    row = codes.encode(observation.params)
    return {
        codes.space.key(parameter): int(code) if count else float(code)
        for parameter, count, code in zip(codes.space, codes.counts, row, strict=True)
        if parameter.num_values != 1
        and not math.isnan(code)
        and parameter.contains(observation.params[parameter.name])
    }
