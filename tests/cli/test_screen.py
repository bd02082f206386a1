"""What is said of a trial while a study runs."""

from __future__ import annotations

import pytest

from hpsearch.cli.screen import Screen
from hpsearch.execution import Snapshot
from hpsearch.storage import TrialRecord

TIMINGS = {"build": 0.1, "trace": 1.25, "train": 2.0, "validate": 0.5}


def ended(record: TrialRecord, *, verbose: bool) -> str:
    return Screen("val_accuracy", "maximize", False, verbose=verbose).ended(record)


def trial(**more: object) -> TrialRecord:
    return TrialRecord(4, "complete", {}, 0.5, best_epoch=2, seconds=4.0, timings=TIMINGS, **more)  # type: ignore[arg-type]


def test_verbose_says_where_the_seconds_went_and_whose_graph_it_was() -> None:
    plain = ended(trial(), verbose=False)
    assert plain == "trial 4 complete in 4 s: val_accuracy 0.5000 at epoch 2"
    phases = "\n    build 0.10 s, trace 1.25 s, train 2.00 s, validate 0.50 s; graph of "
    assert ended(trial(), verbose=True) == f"{plain}{phases}its own"
    assert ended(trial(reused=True), verbose=True) == f"{plain}{phases}an earlier trial"


def test_verbose_says_why_a_graph_is_not_shared() -> None:
    said = ended(trial(unshared="its layer x is a Lambda"), verbose=True)
    assert said.endswith("graph of its own, shared with no other: its layer x is a Lambda")


def test_a_trial_without_training_has_no_phases() -> None:
    record = TrialRecord(1, "failed", {}, failure="infeasible", message="too small")
    assert ended(record, verbose=True).endswith("\n    nothing was trained")


@pytest.mark.parametrize("joined", [True, False])
def test_of_many_ends_at_once_those_of_an_earlier_invocation_are_not_told(
    joined: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who was told what had ended before is told of all that ended since."""
    screen = Screen("val_accuracy", "maximize", False, stderr=False)
    if joined:
        screen.has_seen([])
    ended = [TrialRecord(number, "complete", {}, 0.5, best_epoch=1) for number in range(3)]
    with screen.show() as update:
        update(Snapshot(ended, 4, [], 0.0, workers=1))
    assert capsys.readouterr().out.count("complete: val_accuracy") == (3 if joined else 0)
