"""Exported tables can be read by other programs, and hold what the frames hold."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from hpsearch.errors import InputError
from hpsearch.report import exporting
from hpsearch.report.exporting import export_study, target_files
from hpsearch.report.frames import Study
from hpsearch.storage import RunDirectory, StudyView, TrialRecord

TRIALS = (
    TrialRecord(
        0,
        "complete",
        params={"rate": 0.1, "name": "größe", "mixed": "=a", "deep": True, "batch": 32},
        value=0.75,
        best_epoch=1,
        epochs=1,
        history={"val_accuracy": [0.75]},
        started="2026-01-02T03:04:05+00:00",
    ),
    TrialRecord(1, "failed", params={"rate": 0.2, "mixed": 3}, failure="oom"),
)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(StudyView(RunDirectory(tmp_path / "coarse"), {}, {}, TRIALS))


def test_parquet_gives_the_frames_back_with_their_types(study: Study, tmp_path: Path) -> None:
    """A mixture of types, which Parquet has none for, comes back as text."""
    trials, histories = export_study(study, "parquet", tmp_path / "out")
    read = pd.read_parquet(trials)
    expected = study.trials.astype({"params.mixed": "str"})
    pd.testing.assert_frame_equal(read, expected)
    pd.testing.assert_frame_equal(pd.read_parquet(histories), study.histories)
    assert list(read["params.mixed"]) == ["=a", "3"]


def test_json_is_a_list_of_objects_with_null_for_what_is_missing(
    study: Study, tmp_path: Path
) -> None:
    trials, histories = export_study(study, "json", tmp_path / "out")
    first, second = json.loads(trials.read_text(encoding="utf-8"))
    assert (first["params.name"], first["params.deep"], first["params.batch"]) == (
        "größe",
        True,
        32,
    )
    assert first["started"] == "2026-01-02T03:04:05+00:00"
    assert (second["value"], second["params.deep"], second["started"]) == (None, None, None)
    assert json.loads(histories.read_text()) == [{"trial": 0, "epoch": 1, "val_accuracy": 0.75}]


def test_csv_is_safe_for_spreadsheets(study: Study, tmp_path: Path) -> None:
    trials, _ = export_study(study, "csv", tmp_path / "out")
    assert "'=a" in trials.read_text(encoding="utf-8")


def test_a_study_without_trials_is_exported_in_every_format(tmp_path: Path) -> None:
    empty = Study(StudyView(RunDirectory(tmp_path / "coarse"), {}, {}, ()))
    for name in exporting.ENCODERS:
        assert all(path.is_file() for path in export_study(empty, name))
    assert json.loads((tmp_path / "coarse" / "export" / "trials.json").read_text()) == []


def test_out_is_a_folder_or_a_file_of_the_format(tmp_path: Path) -> None:
    assert target_files(tmp_path / "new", "csv") == [
        tmp_path / "new" / "trials.csv",
        tmp_path / "new" / "histories.csv",
    ]
    assert target_files(tmp_path / "my.csv", "csv") == [
        tmp_path / "my.csv",
        tmp_path / "my-histories.csv",
    ]
    (tmp_path / "odd.csv").mkdir()
    assert target_files(tmp_path / "odd.csv", "csv")[0] == tmp_path / "odd.csv" / "trials.csv"


def test_out_of_another_format_or_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(InputError, match=r"another format than csv\. Give --format json"):
        target_files(tmp_path / "my.json", "csv")
    with pytest.raises(InputError, match=r"notes is a file\. Give a folder"):
        target_files(tmp_path / "notes", "csv")


def test_an_unknown_format_and_a_missing_package_say_what_to_do(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=r"no format 'xlsx'\. Give one of: csv, parquet, json"):
        export_study(study, "xlsx")
    monkeypatch.setattr(exporting, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'hpsearch\[export\]'"):
        export_study(study, "parquet")
