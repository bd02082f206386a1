"""The file with what was seen of a winner: it comes back as it was, and damage is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.analysis.winner_view import (
    LARGEST,
    WinnerView,
    read_winner_view,
    write_winner_view,
)
from hpsearch.errors import StudyError
from hpsearch.storage import RunDirectory

TOLD = {
    "part": "validation",
    "problem": "one_label",
    "class_names": ["é", "b"],
    "num_images": 2,
    "num_predicted": 2,
    "scores": {"mean_loss": 0.5},
}
VIEW = WinnerView(
    "abc",
    3,
    predictions=TOLD,
    without={"maps": "because"},
    arrays={"losses": np.array([0.25, 0.75], np.float32)},
)


@pytest.fixture
def directory(tmp_path: Path) -> RunDirectory:
    return RunDirectory(tmp_path)


def test_a_view_comes_back_as_it_was_written(directory: RunDirectory) -> None:
    write_winner_view(directory.winner_view_file, VIEW)
    found = read_winner_view(directory)
    assert found is not None
    assert found.facts() == VIEW.facts()
    assert found.arrays["losses"].tolist() == [0.25, 0.75]
    assert found.why_not("predictions", "losses") == ""
    assert found.why_not("maps", "maps_0") == "because"


def test_there_is_none_where_nobody_looked(directory: RunDirectory) -> None:
    assert read_winner_view(directory) is None


def test_a_failure_is_the_reason_for_everything(directory: RunDirectory) -> None:
    write_winner_view(directory.winner_view_file, WinnerView("", failure="no data"))
    found = read_winner_view(directory)
    assert found is not None
    assert found.why_not("filters", "filters") == "no data"


def facts(**changes: Any) -> Any:
    return np.frombuffer(json.dumps({**VIEW.facts(), **changes}).encode(), np.uint8)


@pytest.mark.parametrize(
    "members",
    [
        {"facts": facts(trial="three")},
        {"facts": facts(schema_version=99)},
        {"facts": facts(), "losses": np.zeros((2, 2))},
        {"facts": np.array([{}], dtype=object)},
        {"losses": np.zeros(2)},
        {"facts": facts(), "filters": np.zeros((1, 1, 1, LARGEST), np.uint8)},
    ],
)
def test_what_makes_no_sense_is_refused(directory: RunDirectory, members: Any) -> None:
    """Facts or arrays of another shape, another version, pickled objects, and what is too large."""
    np.savez_compressed(directory.winner_view_file, **members)
    with pytest.raises(StudyError, match=r"winner_view\.npz"):
        read_winner_view(directory)


def test_a_damaged_file_is_refused(directory: RunDirectory) -> None:
    write_winner_view(directory.winner_view_file, VIEW)
    whole = directory.winner_view_file.read_bytes()
    for content in (b"", b"noise", whole[: len(whole) // 2], np.zeros(3).tobytes()):
        directory.winner_view_file.write_bytes(content)
        with pytest.raises(StudyError, match="damaged"):
            read_winner_view(directory)
