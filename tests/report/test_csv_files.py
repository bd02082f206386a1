"""CSV files hold what the study holds."""

from __future__ import annotations

from pathlib import Path

from hpsearch.report.csv_files import history_rows, trial_rows
from hpsearch.storage import RunDirectory, StudyView, TrialRecord

TRIALS = (
    TrialRecord(
        0,
        "complete",
        params={"rate": 0.1, "optimizer": "adam"},
        value=0.75,
        best_epoch=2,
        epochs=2,
        history={"loss": [1.0, 0.5], "val_accuracy": [0.5, 0.75]},
    ),
    TrialRecord(1, "failed", params={"rate": 0.2, "momentum": 0.9}, failure="oom"),
)
VIEW = StudyView(RunDirectory(Path("none")), {}, {}, TRIALS)


def test_every_trial_has_a_row_and_every_hyperparameter_a_column() -> None:
    """A hyperparameter that a trial does not have leaves its cell empty."""
    heading, first, second = trial_rows(VIEW)
    assert heading[-3:] == ["params.rate", "params.optimizer", "params.momentum"]
    assert dict(zip(heading, first, strict=True))["value"] == 0.75
    assert first[-3:] == [0.1, "adam", None]
    assert second[-3:] == [0.2, None, 0.9]
    assert dict(zip(heading, second, strict=True))["failure"] == "oom"


def test_every_epoch_has_a_row() -> None:
    """Epochs are counted from 1; a trial without epochs has none."""
    assert history_rows(VIEW) == [
        ["trial", "epoch", "loss", "val_accuracy"],
        [0, 1, 1.0, 0.5],
        [0, 2, 0.5, 0.75],
    ]
