"""The limit on the time of a trial."""

from __future__ import annotations

from typing import Any

import pytest

from hpsearch.execution import trial_clock
from hpsearch.execution.trial_clock import TrialClock


def test_a_trial_is_over_its_limit_from_when_it_was_first_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker's next trial starts from nothing; without a limit nobody is over it."""
    now = [0.0]
    clock: Any = type("Clock", (), {"monotonic": staticmethod(lambda: now[0])})
    monkeypatch.setattr(trial_clock, "time", clock)
    watch = TrialClock()
    assert watch.over([("a", 0), ("b", 1)], 10) == []
    now[0] = 8.0
    assert watch.over([("a", 2), ("b", 1)], 10) == []
    now[0] = 11.0
    assert watch.over([("a", 2), ("b", 1)], None) == []
    assert watch.over([("a", 2), ("b", 1)], 10) == ["b"]
