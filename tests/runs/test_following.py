"""A run is followed from stage to stage, and is over when the run says so."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpsearch.errors import StudyError
from hpsearch.runs.following import Following
from hpsearch.spaces import Float
from hpsearch.storage import RunDirectory
from hpsearch.storage.run_root import RunRoot
from tests.conftest import MakeStudy

Trial = Callable[..., dict[str, Any]]


def finish(path: Path) -> None:
    """Enter that a stage has ended, with all that follows its trials."""
    run = RunDirectory(path)
    run.end_session(run.start_session({"trials": 1}), "done")
    run.narrowing_file.write_text("{}")


def test_the_stage_that_is_going_on_is_the_latest(
    make_study: MakeStudy, trial: Trial, tmp_path: Path
) -> None:
    """Between two stages the run goes on; it is done when its own invocation has ended."""
    root = RunRoot(tmp_path)
    root.write({})
    session = root.start_session({"seconds": 0.0})
    following = Following(tmp_path)
    assert following.look() is None
    assert following.status(None) == "waiting"
    finish(make_study([trial(0.5)], "coarse"))
    sight = following.look()
    assert sight is not None
    assert (sight.directory.path.name, sight.status) == ("coarse", "done")
    assert following.status(sight) == "running"
    finish(make_study([trial(0.6)], "fine", "fine"))
    sight = following.look()
    assert sight is not None
    assert sight.directory.path.name == "fine"
    RunDirectory.end_session(session, "done")
    assert following.status(sight) == "done"


def test_a_folder_with_stages_that_were_run_by_themselves_is_followed_to_the_latest(
    make_study: MakeStudy, trial: Trial, tmp_path: Path
) -> None:
    finish(make_study([trial(0.5)], "coarse"))
    following = Following(tmp_path)
    sight = following.look()
    assert sight is not None
    assert following.status(sight) == "done"


def test_a_study_that_is_replaced_is_followed_as_the_new_one(
    make_study: MakeStudy, trial: Trial
) -> None:
    """`--overwrite` deletes a study and creates another one in its place."""
    path = make_study([trial(0.5), trial(0.6)])
    following = Following(path)
    before = following.look()
    shutil.rmtree(path)
    make_study([trial(0.25)], space=[Float("dropout", 0.0, 0.5)])
    after = following.look()
    assert before is not None
    assert after is not None
    assert [own.value for own in before.snapshot.records] == [0.5, 0.6]
    assert [own.value for own in after.snapshot.records] == [0.25]


def test_where_there_is_no_study_the_error_says_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for name, what in {
        "none": "there is no such directory",
        "file": "that is a file",
        ".": r"study\.json is missing",
    }.items():
        with pytest.raises(StudyError, match=what):
            Following(tmp_path / name)
