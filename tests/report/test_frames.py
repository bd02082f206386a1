"""A study as pandas frames: what is in them, of which types, and that they are documented."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import hpsearch
from hpsearch.report.columns import (
    HISTORY_COLUMNS,
    HISTORY_FAMILY,
    TRIAL_COLUMNS,
    TRIAL_FAMILIES,
)
from hpsearch.report.frames import histories_frame, kind_of, trials_frame
from hpsearch.storage import TrialRecord
from tests.conftest import MakeStudy

PAGE = Path(__file__).parents[2] / "docs" / "looking-at-results.md"
TRIALS = (
    TrialRecord(
        0,
        "complete",
        params={"rate": 0.1, "optimizer": "adam", "batch": 32, "norm": True, "size": 3},
        value=0.75,
        best_epoch=2,
        epochs=2,
        seconds=4.5,
        seed=7,
        history={"loss": [1.0, 0.5], "val_accuracy": [0.5, 0.75]},
        fold_values=(0.7, 0.8),
        timings={"train": 3.0},
        started="2026-01-02T03:04:05.250000+00:00",
    ),
    TrialRecord(
        1,
        "failed",
        params={"rate": 0.2, "momentum": 0.9, "batch": 64, "size": "auto"},
        failure="oom",
        message="out of memory\nTraceback",
        history={"loss": [2.0]},
        epochs=1,
    ),
    TrialRecord(2, "waiting"),
)


def test_a_trial_is_a_row_with_a_column_for_each_hyperparameter_metric_fold_and_phase() -> None:
    """What a trial does not have is missing, not zero and not empty text."""
    frame = trials_frame(TRIALS)
    first, second = frame.iloc[0], frame.iloc[1]
    assert list(frame["number"]) == [0, 1, 2]
    assert (first["value"], first["best_epoch"], first["params.rate"]) == (0.75, 2, 0.1)
    assert (first["best.loss"], first["best.val_accuracy"]) == (0.5, 0.75)
    assert (first["folds.1"], first["folds.2"], first["timings.train"]) == (0.7, 0.8, 3.0)
    assert (second["failure"], second["message"]) == ("oom", "out of memory\nTraceback")
    missing = ["value", "best_epoch", "params.optimizer", "params.norm", "best.loss", "started"]
    assert second[missing].isna().all()
    assert pd.isna(first["params.momentum"])
    assert pd.isna(first["message"])


def test_types_are_those_that_may_be_missing_and_times_are_in_utc() -> None:
    frame = trials_frame(TRIALS)
    types = frame.dtypes.astype(str)
    assert types["best_epoch"] == types["params.batch"] == types["retry_of"] == "Int64"
    assert types["params.norm"] == types["reused"] == "boolean"
    assert types["params.rate"] == types["value"] == "float64"
    assert types["params.optimizer"] == types["message"] == "str"
    assert types["params.size"] == "object", "a mixture of numbers and texts stays what it is"
    assert list(frame["params.size"])[:2] == [3, "auto"]
    assert list(frame["state"].cat.categories) == [
        "waiting",
        "running",
        "complete",
        "pruned",
        "failed",
    ]
    assert frame["started"][0] == pd.Timestamp("2026-01-02 03:04:05.25", tz="UTC")


def test_the_columns_are_the_documented_ones_in_their_order() -> None:
    frame, histories = trials_frame(TRIALS), histories_frame(TRIALS)
    names = [column.name for column in TRIAL_COLUMNS]
    assert list(frame.columns[: len(names)]) == names
    prefixes = dict.fromkeys(f"{name.partition('.')[0]}.*" for name in frame.columns[len(names) :])
    assert list(prefixes) == [family.name for family in TRIAL_FAMILIES]
    for column in TRIAL_COLUMNS:
        assert str(frame[column.name].dtype) == column.dtype, column.name
    for column in HISTORY_COLUMNS:
        assert str(histories[column.name].dtype) == column.dtype


def test_the_page_describes_every_column() -> None:
    """The tables of docs/looking-at-results.md say what the code does, and nothing besides."""
    shown = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    described = (*TRIAL_COLUMNS, *TRIAL_FAMILIES, *HISTORY_COLUMNS, HISTORY_FAMILY)
    rows = [f"| `{c.name}` | {c.dtype} | {c.meaning} |" for c in described]
    assert [line for line in shown if "`hpsearch " not in line] == rows


def test_an_epoch_is_a_row() -> None:
    """Epochs are counted from 1; a metric that a trial does not have is missing."""
    frame = histories_frame(TRIALS)
    assert list(frame.columns) == ["trial", "epoch", "loss", "val_accuracy"]
    assert frame[["trial", "epoch"]].to_numpy().tolist() == [[0, 1], [0, 2], [1, 1]]
    assert list(frame["loss"]) == [1.0, 0.5, 2.0]
    assert list(frame["val_accuracy"].isna()) == [False, False, True]


def test_a_metric_called_as_a_column_does_not_replace_it() -> None:
    record = TrialRecord(0, "complete", history={"epoch": [9.0]}, epochs=1)
    frame = histories_frame([record])
    assert list(frame.columns) == ["trial", "epoch", "metric.epoch"]
    assert (frame["epoch"][0], frame["metric.epoch"][0]) == (1, 9.0)


def test_a_study_without_trials_has_frames_without_rows() -> None:
    trials, histories = trials_frame([]), histories_frame([])
    assert list(trials.columns) == [column.name for column in TRIAL_COLUMNS]
    assert list(histories.columns) == ["trial", "epoch"]
    assert len(trials) == len(histories) == 0
    assert str(trials["started"].dtype) == "datetime64[us, UTC]"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None, 2], "whole"),
        ([1, 2.5], "number"),
        ([True, None], "truth"),
        (["a", "b"], "text"),
        ([True, 1], "own"),
        (["a", 1], "own"),
        ([None, None], "number"),
    ],
)
def test_the_type_of_a_hyperparameter_is_that_of_its_values(
    values: list[object], kind: str
) -> None:
    """A truth is no number, though Python takes it for one."""
    assert kind_of(values) == kind


def test_load_gives_frames(make_study: MakeStudy, trial: MakeStudy) -> None:
    """`hpsearch.load` is what a notebook begins with."""
    path = make_study([trial(0.5, {"größe": 1}, history={"loss": [1.0, 0.9]}, best_epoch=2)])
    study = hpsearch.load(path)
    assert (study.stage, study.objective, study.direction) == ("coarse", "val_accuracy", "maximize")
    assert study.trials["params.größe"][0] == 1
    assert list(study.histories["loss"]) == [1.0, 0.9]
    assert study.best is not None
    assert study.best.value == 0.5
    assert study.trials is study.trials, "made once"
    assert repr(study) == f"<coarse study of 1 trials, {path}>"


def test_names_that_are_no_text_can_be_written_to_any_file() -> None:
    """A value read from a name of a file that is no UTF-8 has a lone surrogate."""
    frame = trials_frame([TrialRecord(0, "complete", params={"file\udcff": "a\udcff"})])
    assert frame["params.file\\udcff"][0] == "a\\udcff"
