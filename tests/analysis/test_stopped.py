"""What early stopping did, in numbers and words."""

from __future__ import annotations

from pathlib import Path

from hpsearch.analysis.stopped import early_stops
from hpsearch.storage import RunDirectory, StudyView, TrialRecord


def view_of(*trials: TrialRecord) -> StudyView:
    """A study of at most 10 epochs a trial."""
    facts = {
        "identity": {"epochs": 10, "objective": "val_accuracy", "direction": "maximize"},
        "plan": {"pruning": {"pruner": "asha", "rungs": [2, 5]}},
    }
    return StudyView(RunDirectory(Path("none")), facts, {}, trials)


def stopped(number: int, value: float, epochs: int) -> TrialRecord:
    """A trial that was stopped early."""
    return TrialRecord(number, "pruned", value=value, epochs=epochs, rungs={epochs: value})


def test_what_was_saved_counts_against_what_the_finished_trials_could_have_trained() -> None:
    """Stopped after 2 and after 5 of 10 epochs: 8 + 5 of 40 are saved; the best shown is named."""
    complete = TrialRecord(0, "complete", value=0.9, epochs=10)
    failed = TrialRecord(3, "failed", epochs=1)
    running = TrialRecord(4, "running")
    stops = early_stops(view_of(complete, stopped(1, 0.25, 2), stopped(2, 0.5, 5), failed, running))
    assert [record.number for record in stops.stopped] == [2, 1]
    assert (stops.epochs_saved, stops.epochs_planned) == (13, 40)
    words = stops.words("val_accuracy")
    assert words.startswith("2 trials were stopped early (asha, judged at epochs 2 and 5)")
    assert "13 of 40 epochs (32 %)" in words
    assert "trial 2, had shown val_accuracy 0.5000 in 5 epochs" in words


def test_where_nothing_was_stopped_there_is_nothing_to_say() -> None:
    assert early_stops(view_of(TrialRecord(0, "complete", value=0.9))).words("val_accuracy") == ""
