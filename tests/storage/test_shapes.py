"""What is read from a file has the shape its readers rely on, or is refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpsearch.errors import StudyError
from hpsearch.execution import StudyPlan
from hpsearch.storage import RunDirectory, StudyStore, load
from hpsearch.storage.shapes import ShapeError, check_shape

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        (3, int),
        (3, float),
        (None, (float, None)),
        ({"a": 1, "later": "?"}, {"a": int, "b?": str}),
        ({"x": "1", "y": "2"}, {...: str}),
        (["0", "1"], [str, str]),
        ([], [int]),
        ("fine", {"coarse", "fine"}),
        ({"a": None}, ({"a": (dict, None)}, None)),
    ],
)
def test_what_fits_is_taken(data: Any, shape: Any) -> None:
    check_shape(data, shape)


@pytest.mark.parametrize(
    ("data", "shape", "words"),
    [
        (True, int, "it is True, expected a whole number"),
        (1, bool, "it is 1, expected true or false"),
        (1.5, int, "it is 1.5, expected a whole number"),
        ({"a": {"b": [1, "x"]}}, {"a": {"b": [int]}}, r"a\.b\[1\] is 'x', expected a whole"),
        ({}, {"a": int}, "a is missing"),
        ({"a": None}, {"a?": str}, "a is None, expected text"),
        (["0"], [str, str], "has 1 entries, expected 2"),
        ("other", {"coarse", "fine"}, "is 'other', expected coarse or fine"),
        ([], ({"a": int}, None), r"is \[\], expected an object or null"),
        ({"a": 1}, ({"a": str}, None), "a is 1, expected text"),
        ({"k": {"x": []}}, {...: {...: str}}, r"k\.x is \[\], expected text"),
    ],
)
def test_what_does_not_fit_is_said_with_its_place(data: Any, shape: Any, words: str) -> None:
    with pytest.raises(ShapeError, match=words):
        check_shape(data, shape)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("generation",), "x", "generation is 'x'"),
        (("space", "reference"), 0.5, r"space\.reference is 0\.5"),
        (("data",), "signs", "data is 'signs'"),
        (("identity", "overrides"), "x", r"identity\.overrides is 'x'"),
        (("identity", "tries"), [1], r"identity\.tries\[0\] is 1"),
        (("plan", "data"), [], r"plan\.data is \[\]"),
        (("stage",), "medium", "stage is 'medium', expected coarse or confirm or curves or fine"),
    ],
)
def test_a_damaged_study_file_is_refused_in_one_line(
    make_study: Make, place: tuple[str, ...], value: Any, words: str
) -> None:
    run = RunDirectory(make_study([]))
    facts = json.loads(run.study_file.read_text())
    inner = facts
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    run.study_file.write_text(json.dumps(facts))
    with pytest.raises(StudyError, match=f"study.json is damaged: .*{words}"):
        load(run.path)


def test_a_plan_of_a_later_version_is_refused(make_study: Make) -> None:
    """Something in it that this version does not know might matter."""
    run = RunDirectory(make_study([]))
    facts = json.loads(run.study_file.read_text())
    facts["plan"]["training"]["later"] = 1
    run.study_file.write_text(json.dumps(facts))
    with pytest.raises(StudyError, match=r"a plan that this version does not know .*'later'"):
        StudyPlan.read(run)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"op_code":6', '"code":6'),
        ('"state":1', '"state":"x"'),
        ('"datetime_complete"', '"when"'),
        ('"values":[0.5]', '"values":[{"a":1}]'),
        ('"result":{', '"result":"","other":{'),
        ('"history":{}', '"history":{"loss":[{}]}'),
        ('"seed":1', '"seed":[]'),
    ],
)
def test_a_journal_of_something_else_is_refused_wherever_it_is_read(
    make_study: Make, trial: Make, before: str, after: str
) -> None:
    """As one error, from the workers' store, too, not as whatever fails inside Optuna."""
    run = RunDirectory(make_study([trial(0.5, {"x": 1}, history={})]))
    text = run.journal_file.read_text()
    assert before in text
    run.journal_file.write_text(text.replace(before, after))
    with pytest.raises(StudyError, match=r"study\.journal is no journal of hpsearch"):
        StudyStore(run).records()


def test_a_winner_that_is_no_candidate_is_refused(make_study: Make) -> None:
    run = RunDirectory(make_study([], "confirm", "confirm"))
    interval = {"mean": 0.5, "low": 0.4, "high": 0.6}
    entry = {"params": {}, "is_default": False, "seeds": 3, "failed": 0, "given_up_after": None}
    facts = {"objective": "val_accuracy", "winner": 1, "verdict": "", "optimism": None}
    facts |= {"gain_over_defaults": None, "model": None, "retrained": None, "test": None}
    run.winner_file.write_text(json.dumps({**facts, "candidates": [entry | interval]}))
    with pytest.raises(StudyError, match="its winner 1 is none of its candidates"):
        _ = load(run.path).confirmation


def test_nesting_without_end_is_no_json(tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 100_000)
    with pytest.raises(StudyError, match="no valid JSON"):
        RunDirectory.read_json(tmp_path / "deep.json")
