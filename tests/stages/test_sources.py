"""What is said where no stage can start from a study."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpsearch.errors import StudyError
from hpsearch.stages.fine import open_source
from hpsearch.stages.request import StageRequest
from hpsearch.stages.sources import load_completed, most_frequent_failure
from hpsearch.storage import TrialRecord, load

Make = Callable[..., Any]


def failed(number: int, message: str, kind: Any = "error") -> TrialRecord:
    """A trial that failed."""
    return TrialRecord(number, "failed", failure=kind, message=message)


def test_the_cause_that_most_trials_share_is_told_with_its_count() -> None:
    """The first failure may be the odd one; tracebacks below the first line may differ."""
    records = [
        failed(0, "", "oom"),
        failed(1, "ValueError: no\nTraceback 1"),
        failed(2, "ValueError: no\nTraceback 2"),
        TrialRecord(3, "pruned"),
    ]
    assert most_frequent_failure(records) == "2 of 4 trials failed with ValueError: no (error)"
    assert most_frequent_failure(records[:1]) == "its only trial failed with no message (oom)"


def test_a_study_of_failures_tells_them_and_what_to_do(make_study: Make, trial: Make) -> None:
    """Running it to its end, as the hint used to say, would only fail further."""
    failures = [trial(None, {}, "failed", failure="error", message="KeyError: 'x'")] * 3
    directory = make_study([{**one, "result": dict(one["result"])} for one in failures])
    with pytest.raises(StudyError, match="3 of 3 trials failed with KeyError: 'x'") as refusal:
        load_completed(directory)
    assert f"hpsearch show {directory}" in refusal.value.hint
    assert "--overwrite" in refusal.value.hint


def test_a_study_that_has_just_begun_is_to_be_finished(make_study: Make, trial: Make) -> None:
    """With the command that began it, which its facts hold."""
    with pytest.raises(StudyError, match="no completed trial") as refusal:
        load_completed(make_study([trial(None, {}, "running")]))
    assert refusal.value.hint == "Finish that stage first: hpsearch coarse --space gtsrb_lenet"


def test_one_completed_trial_is_enough(make_study: Make, trial: Make) -> None:
    """Failures beside it do not matter."""
    directory = make_study([trial(None, {}, "failed"), trial(0.5)])
    assert load_completed(directory).best is not None


@pytest.mark.parametrize("stage", ["fine", "confirm", "curves"])
def test_no_stage_goes_on_from_curves(make_study: Any, trial: Any, stage: str) -> None:
    """They train another study's winner on samples and parts of its data: none is a winner."""
    curves = make_study([trial(0.9)], "curves-sizes", "curves", **{"from": "results/fine"})
    assert load(curves).best is None
    with pytest.raises(StudyError, match="holds curves of another study's winner") as refused:
        open_source(StageRequest(stage, "s", Path("out"), source=curves))
    assert refused.value.hint.endswith("--from results/fine")
