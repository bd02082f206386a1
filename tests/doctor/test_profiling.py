"""Where the seconds of trials went, from what their records say."""

from __future__ import annotations

from typing import Any

import pytest

from hpsearch.doctor.profiling import profile_of
from hpsearch.errors import InputError
from hpsearch.stages import StageResult
from hpsearch.storage import TrialRecord


class View:
    """A study, as far as a profile looks at it."""

    def __init__(self, *trials: TrialRecord) -> None:
        self.trials = trials


def record(number: int, seconds: float | None, **timings: float) -> TrialRecord:
    """A trial that took so long."""
    return TrialRecord(number, "complete", value=0.5, seconds=seconds, timings=timings)


def result(*trials: TrialRecord, seconds: float) -> StageResult:
    """How a study with these trials ended."""
    view: Any = View(*trials)
    return StageResult(view, "done", seconds=seconds)


def test_every_second_is_accounted_for() -> None:
    """Two trials kept the worker 3 + 1 and 2 + 2 s; 0.5 s of each are in no phase."""
    first = record(0, 3.0, build=0.5, train=2.0, validate=0.25, claim=0.75, between=1.0)
    second = record(1, 2.0, train=1.0, own=0.5, claim=0.25, storage=1.75, between=2.0)
    found = profile_of(result(first, second, record(2, None), seconds=18.0))
    assert (found.num_trials, found.seconds, found.start_seconds) == (2, 4.0, 10.0)
    spent = {phase.name: phase.seconds for phase in found.phases}
    assert spent == {
        "claim": 0.5, "build": 0.25, "trace": 0.0, "features": 0.0, "train": 1.5,
        "validate": 0.125, "storage": 0.875, "own": 0.25, "other": 0.5,
    }  # fmt: skip
    assert sum(spent.values()) == found.seconds
    assert sum(phase.share for phase in found.phases) == pytest.approx(1.0)
    assert found.phases[4].share == 1.5 / 4.0


def test_a_profile_needs_a_space(capsys: pytest.CaptureFixture[str]) -> None:
    """The machine alone has no trials."""
    from hpsearch.cli.doctor import doctor

    with pytest.raises(InputError, match="--profile is given without --space"):
        doctor(profile=True)
    assert capsys.readouterr().out == ""
