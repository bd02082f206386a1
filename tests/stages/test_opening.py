"""A different study is refused with the flags that differ, a nonsense flag before that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpsearch.errors import SpaceError, StudyError, StudyMismatch
from hpsearch.spaces import Overrides
from hpsearch.stages.changing import check_changes
from hpsearch.stages.opening import check_free, check_same
from hpsearch.stages.request import StageRequest
from hpsearch.storage import RunDirectory

Make = Callable[..., Any]
IDENTITY = {
    "direction": "maximize",
    "overrides": Overrides.parse(["dropout=0.3", "units=64"], ["rate=1e-4:1e-2"]).to_json(),
    "grid": {"points": None},
    "replicates": None,
    "patience": 3,
    "data": "abc",
    "seed": 0,
}


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"seed": 4}, "--seed was 0, now 4"),
        ({"patience": None}, "--patience was 3, now not given"),
        ({"grid": {"points": 5}}, "--grid-points was not given, now 5"),
        ({"tries": [{"x": "1", "y": "2"}, {"x": "3"}]}, "--try was not given, now x=1,y=2 x=3"),
        ({"data": "def"}, "the data differs"),
        ({"deterministic": True}, "--deterministic was not given, now True"),
        (
            {"replicates": {"seeds": 4, "race": False}},
            "--no-race was not given, now given; --seeds was not given, now 4",
        ),
        (
            {"overrides": Overrides.parse(["dropout=0.5", "units=64"], ["l2=0:1"]).to_json()},
            (
                "--fix dropout was 0.3, now 0.5; --range l2 was not given, now 0:1; "
                "--range rate was 1e-4:1e-2, now not given"
            ),
        ),
    ],
)
def test_what_differs_is_named_as_it_is_given(
    make_study: Make, changes: dict[str, Any], difference: str
) -> None:
    """As the flag and its value, so that a person can give what the study had."""
    run = RunDirectory(make_study([], identity=IDENTITY))
    check_same(run, IDENTITY)
    with pytest.raises(StudyMismatch) as refusal:
        check_same(run, {**IDENTITY, **changes})
    assert refusal.value.message == f"{run} holds a different study: {difference}."


def test_what_an_earlier_version_did_not_write_is_no_difference(make_study: Make) -> None:
    """Studies made before `--try` and `--deterministic` existed can be continued without them."""
    run = RunDirectory(make_study([], identity=IDENTITY))
    check_same(run, {**IDENTITY, "tries": [], "deterministic": None})


def request(**changes: Any) -> StageRequest:
    """A request to continue a study with these `--fix` and `--range`."""
    overrides = Overrides.parse(changes.pop("fix", ()), changes.pop("limit", ()))
    return StageRequest("coarse", "s", Path("out"), overrides=overrides, **changes)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"fix": ["droput_rate=0.5"]}, "droput_rate"),
        ({"fix": ["activation=swish"]}, "'activation' cannot be 'swish'"),
        ({"limit": ["dropout_rate=0:x"]}, "'dropout_rate' cannot be 'x'"),
    ],
)
def test_nonsense_is_called_so_before_any_difference(
    make_study: Make, changes: dict[str, Any], reason: str
) -> None:
    """A typing mistake is no wish for a different study, so --overwrite is no answer to it."""
    with pytest.raises(SpaceError, match=reason):
        check_changes(request(**changes), RunDirectory(make_study([])))


def test_what_the_study_itself_changed_may_be_given_otherwise(make_study: Make) -> None:
    """Its choices are cut down in the study; that the declared ones differ is for check_same."""
    identity = {"overrides": Overrides.parse(["activation=relu"]).to_json()}
    run = RunDirectory(make_study([], identity={**IDENTITY, **identity}))
    check_changes(request(fix=["activation=tanh"]), run)


def test_trials_without_their_study_file_are_not_written_over(
    make_study: Make, trial: Make
) -> None:
    """Only the journal of a study that was never finished being created may be replaced."""
    run = RunDirectory(make_study([trial(0.5)], "full"))
    run.study_file.unlink()
    run.lock_file.touch()
    with pytest.raises(StudyError, match=r"a journal with trials, but no study\.json"):
        check_free(run)
    begun = RunDirectory(make_study([], "begun"))
    begun.study_file.unlink()
    begun.lock_file.touch()
    check_free(begun)
