"""The time that the plan of a stage says."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hpsearch.execution import ProbeResult
from hpsearch.spaces import Space
from hpsearch.stages.prepared import Prepared
from hpsearch.training.costs import FeaturesCost


def seconds(trials: int, *features: FeaturesCost) -> Any:
    """Of a stage whose trials take two seconds each."""
    prepared: Any = SimpleNamespace(
        probed=ProbeResult(Space(), features=features),
        budget=SimpleNamespace(trials=trials, epochs=1),
        request=SimpleNamespace(executor="local", workers=1),
        finished=0,
        template=None,
        seconds_of_trial=lambda epochs: 2.0,
    )
    return Prepared.estimated_seconds.fget(prepared)  # type: ignore[attr-defined]


def test_features_are_made_once_whatever_the_number_of_trials() -> None:
    early, late = FeaturesCost("early", 1, 30.0, 1), FeaturesCost("late", 1, 12.0, 1)
    for trials in (1, 10):
        assert seconds(trials, early, late) - seconds(trials) == 42.0
    assert seconds(10, early) - seconds(1, early) == 18.0
