"""A result shows itself in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hpsearch.stages.result import StageResult, summarize
from hpsearch.storage import RunDirectory, StudyStore, load

Make = Callable[..., Any]


def test_a_result_in_a_notebook_is_one_short_line(make_study: Make, trial: Make) -> None:
    """The generated text would hold every trial with its history."""
    directory = make_study([trial(0.25), trial(0.75)])
    result = StageResult(load(directory), "done")
    assert repr(result) == f"<coarse done: best val_accuracy 0.7500 (trial 1), {directory}>"
    empty = StageResult(load(make_study([], "empty")), "stopped")
    assert repr(empty).startswith("<coarse stopped: no trial completed, ")


def test_a_study_without_success_names_the_most_frequent_failure(
    make_study: Make, trial: Make
) -> None:
    """Two of three share a cause, though another came first."""
    messages = ("OSError: odd", "ValueError: no", "ValueError: no")
    directory = make_study(
        [trial(None, {}, "failed", failure="error", message=text) for text in messages]
    )
    result = summarize(RunDirectory(directory), "done", "", "", 1.0)
    assert result.status == "failed"
    assert result.message.endswith("2 of 3 trials failed with ValueError: no (error)")


def test_trials_that_are_open_are_not_read_again(
    make_study: Make, trial: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening 10,000 trials takes most of a second; the result is the same."""
    directory = RunDirectory(make_study([trial(0.5, {"filters": 6})]))
    store, before = StudyStore(directory), summarize(directory, "done")

    def fail(*arguments: object) -> None:
        raise AssertionError("opened again")

    monkeypatch.setattr("hpsearch.storage.study_view.StudyStore", fail)
    assert summarize(directory, "done", store=store).view.trials == before.view.trials
    with pytest.raises(AssertionError, match="opened again"):
        summarize(directory, "done")
