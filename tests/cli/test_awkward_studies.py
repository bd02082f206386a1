"""What looks at a study works on every study, and says what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpsearch.cli.entry import run as hpsearch
from hpsearch.spaces import Float
from tests.conftest import MakeStudy

Trial = Callable[..., dict[str, Any]]
Case = tuple[list[dict[str, Any]], str]
"""The trials of a study, and what `show` must say of it."""


def one(value: float | None, state: str = "complete", **more: Any) -> dict[str, Any]:
    params = more.pop("params", {"rate": 0.1})
    return {"value": value, "params": params, "state": state, "result": more}


MANY = {f"parameter_{number}": number / 60 for number in range(60)}
STRANGE = {"größe ☃ \x1b[2J": "=1+1", "名前": "x", "a|b_c": "<b>", "long" * 40: 1}
FAILED = {"failure": "error", "message": "ValueError: größe\nTraceback (most recent call last)"}
CURVE = {"history": {"loss": [2.0, 1.0], "val_accuracy": [0.4, 0.5]}, "best_epoch": 2}
CASES: dict[str, Case] = {
    "nothing": ([], "0 completed"),
    "only running": ([one(None, "running")], "0 completed"),
    "one completed": ([one(0.5, **CURVE)], "1 completed"),
    "two completed": ([one(0.5, **CURVE), one(0.25)], "2 completed"),
    "all failed": ([one(None, "failed", **FAILED) for _ in range(3)], "ValueError: größe"),
    "all pruned": ([one(0.1, "pruned", rungs={1: 0.1}) for _ in range(3)], "3 pruned"),
    "no hyperparameter": ([one(0.5, params={})], "1 completed"),
    "sixty hyperparameters": ([one(v, params=MANY) for v in (0.5, 0.6)], "parameter_59"),
    "strange names": ([one(0.5, params=STRANGE, **CURVE)], "größe ☃"),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, make_study: MakeStudy) -> tuple[Path, str]:
    trials, said = CASES[request.param]
    fresh = [{**trial, "result": dict(trial["result"])} for trial in trials]
    space = [Float(name, 0.0, 1.0) for name in (MANY if "sixty" in request.param else ["rate"])]
    return make_study(fresh, name="größe 名前", space=space), said


def test_show_says_what_there_is(
    case: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    path, said = case
    assert hpsearch(["show", str(path)]) == 0
    out = capsys.readouterr().out
    assert said in out
    assert "Importance: too few completed trials to say" in out
    assert "\x1b" not in out
    assert hpsearch(["show", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["stage"] == "coarse"


def test_every_trial_can_be_shown(
    case: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = case
    assert hpsearch(["show", str(path), "--json"]) == 0
    for trial in json.loads(capsys.readouterr().out)["trials"]:
        number = str(trial["number"])
        assert hpsearch(["show", str(path), "--trial", number]) == 0
        out = capsys.readouterr().out
        assert out.startswith(f"trial {number} of ")
        assert "\x1b" not in out
        assert hpsearch(["show", str(path), "--trial", number, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["number"] == trial["number"]


def test_any_two_trials_can_be_compared(
    case: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = case
    status = hpsearch(["show", str(path), "--compare", "0", "1"])
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    if status == 2:
        assert "has no trial" in said.err
    else:
        assert status == 0
        assert "What came of it" in said.out


def test_markdown_says_what_is_missing(
    case: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = case
    assert hpsearch(["show", str(path), "--markdown"]) == 0
    out = capsys.readouterr().out
    assert "### Provenance" in out
    assert ("No trial is completed." in out) == ("### The best of" not in out)
    assert "\x1b" not in out


@pytest.mark.parametrize("format_name", ["csv", "parquet", "json"])
def test_every_study_can_be_exported(
    case: tuple[Path, str], format_name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = case
    assert hpsearch(["export", str(path), "--format", format_name, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert Path(said["trials"]) == path / "export" / f"trials.{format_name}"
    assert Path(said["histories"]).is_file()


def test_every_study_can_be_watched(
    case: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = case
    assert hpsearch(["watch", str(path), "--once"]) == 0
    out = capsys.readouterr().out
    assert "of 60 ended" in out
    assert "\x1b" not in out
