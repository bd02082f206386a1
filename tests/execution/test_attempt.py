"""What an attempt at a trial carries over from the one before it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from hpsearch.execution.attempt import Attempt
from hpsearch.execution.checkpoints import Checkpoint

NONE = cast("Any", None)


@pytest.fixture(autouse=True)
def no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds are those of earlier attempts alone."""
    clock = SimpleNamespace(monotonic=lambda: 100.0)
    monkeypatch.setattr("hpsearch.execution.attempt.time", clock)


def attempt(before: Checkpoint | None = None, repeats: float | None = None) -> Attempt:
    return Attempt(NONE, NONE, before, {}, repeats, _started=100.0)


def test_an_attempt_has_the_seconds_of_those_that_it_continues_or_repeats() -> None:
    """Of one that was stopped, and of one that diverged in a lower precision."""
    stopped = Checkpoint(NONE, seconds=7.0, resumed=1, drawn={})
    assert attempt().seconds == 0.0
    assert attempt(stopped).seconds == 7.0
    assert attempt(repeats=5.0).seconds == 5.0


def test_what_is_trained_again_stays_in_float32() -> None:
    """Also when the attempt that began it was stopped."""
    stopped = Checkpoint(NONE, seconds=7.0, resumed=0, drawn={})
    in_float32 = Checkpoint(NONE, seconds=7.0, resumed=0, drawn={}, in_float32=True)
    assert not attempt(stopped).in_float32
    assert attempt(in_float32).in_float32
    assert attempt(repeats=0.0).in_float32
