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


def memory_study(space: Space, observations: Sequence[Observation], direction: str) -> Study:
    """An Optuna study that knows the observations with an objective and nothing else.

    A hyperparameter is in a trial if it is searched, was active and had a value in its range.
    """
    import optuna
    from optuna.trial import create_trial

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    goal = optuna.study.StudyDirection[direction.upper()]
    study = optuna.create_study(direction=goal)
    codes = Codes(space)
    distributions = {space.key(p): sampled_distribution(p) for p in space if p.num_values != 1}
    for observation in observations:
        params = _params(codes, observation)
        study.add_trial(
            create_trial(
                value=observation.value,
                params=params,
                distributions={key: distributions[key] for key in params},
            )
        )
    return study


def _params(codes: Codes, observation: Observation) -> dict[str, float | int]:
    row = codes.encode(observation.params)
    return {
        codes.space.key(parameter): int(code) if count else float(code)
        for parameter, count, code in zip(codes.space, codes.counts, row, strict=True)
        if parameter.num_values != 1
        and not math.isnan(code)
        and parameter.contains(observation.params[parameter.name])
    }
