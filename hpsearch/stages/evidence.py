"""The evidence for narrowing one hyperparameter."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from hpsearch.spaces import Parameter, Value
from hpsearch.storage import TrialRecord

FEWEST_TO_FIX = 50
GOOD_SHARE = 0.2
FEWEST_GOOD = 5

Decision = Literal["keep", "shrink", "widen", "drop", "fix"]


@dataclass(frozen=True)
class Evidence:
    """What the decisions about one hyperparameter rest on."""

    num_trials: int
    importance: float | None
    chance: float | None
    best: Value | None
    good: tuple[Value, ...]
    tried: tuple[Value, ...]
    limits: tuple[float, float] | None

    @property
    def may_fix(self) -> bool:
        return self.num_trials >= FEWEST_TO_FIX


def gather(
    parameter: Parameter,
    complete: Sequence[TrialRecord],
    share: float | None,
    chance: float | None,
    limits: Mapping[str, tuple[float, float]],
) -> Evidence:
    """What the completed trials say about one hyperparameter.

    Args:
        parameter: The hyperparameter.
        complete: The completed trials, best first.
        share: Its share of the importance; None where that could not be measured.
        chance: How often chance alone would give it that share.
        limits: Name → how far a range may be widened.
    """
    active = [
        record
        for record in complete
        if parameter.name in record.params
        and all(condition.holds(record.params) for condition in parameter.conditions)
        and parameter.contains(record.params[parameter.name])
    ]
    values = tuple(record.params[parameter.name] for record in active)
    num_good = max(FEWEST_GOOD, math.ceil(GOOD_SHARE * len(active)))
    return Evidence(
        num_trials=len(active),
        importance=share,
        chance=chance,
        best=values[0] if values else None,
        good=values[:num_good],
        tried=values,
        limits=limits.get(parameter.name),
    )
