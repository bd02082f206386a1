"""`hpsearch show` of one trial, of two, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from hpsearch.cli.entry import run as hpsearch
from tests.conftest import MakeStudy

Trial = Callable[..., dict[str, Any]]
TRACEBACK = "ValueError: bad\nTraceback (most recent call last):\n  File 'model.py', line 3"


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_a_trial_has_its_score_its_curves_and_its_seconds(
    make_study: MakeStudy, trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    history = {"loss": [2.0, 1.0, 0.5], "val_accuracy": [0.25, 0.75, 0.5]}
    timings = {"build": 0.5, "train": 3.0}
    facts = {"best_epoch": 2, "seconds": 4.25, "timings": timings, "num_parameters": 1234}
    path = make_study([trial(0.8), trial(0.75, {"rate": 0.125}, history=history, **facts)])
    assert hpsearch(["show", str(path), "--trial", "1"]) == 0
    said = lines(capsys)
    assert f"trial 1 of {path}" in said
    assert "state complete, number 2 of 2" in said
    assert "val_accuracy 0.7500, the best of 3 epochs, at epoch 2" in said
    assert "at that epoch loss 1" in said
    assert "rate 0.125" in said
    assert "model 1,234 parameters, not kept" in said
    assert "phases build 0.50 s, train 3.00 s; graph of its own" in said
    assert "val_accuracy ▁█▅ 0.25 0.5" in said
    assert "2 best 1 0.75" in said


def test_a_failed_trial_shows_all_that_it_said(
    make_study: MakeStudy, trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = trial(None, state="failed", failure="crash", message=TRACEBACK)
    again = trial(0.5, retry_of=0)
    path = make_study([failed, again])
    assert hpsearch(["show", str(path), "--trial", "0"]) == 0
    said = lines(capsys)
    assert "state failed: crash" in said
    assert "tried again as trial 1" in said
    assert said[-3:] == [
        "ValueError: bad",
        "Traceback (most recent call last):",
        "File 'model.py', line 3",
    ]
    assert hpsearch(["show", str(path), "--trial", "1"]) == 0
    assert "second try of trial 0" in lines(capsys)


def test_a_trial_as_json_has_its_history_and_its_rank(
    make_study: MakeStudy, trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make_study([trial(0.5, history={"loss": [1.0]}, best_epoch=1), trial(0.6)])
    assert hpsearch(["show", str(path), "--trial", "0", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["rank"], said["history"], said["best_metrics"]) == (
        2,
        {"loss": [1.0]},
        {"loss": 1.0},
    )


def test_two_trials_side_by_side_show_what_differs(
    make_study: MakeStudy, trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    first = trial(0.5, {"rate": 0.1, "depth": 3, "norm": True}, seconds=2.0)
    second = trial(0.9, {"rate": 0.2, "depth": 3, "momentum": 0.5}, seconds=3.0)
    path = make_study([first, second])
    assert hpsearch(["show", str(path), "--compare", "0", "1"]) == 0
    said = lines(capsys)
    assert "rate 0.1 0.2" in said
    assert "norm true not in use" in said
    assert "momentum not in use 0.5" in said
    assert "The same in both: depth." in said
    assert "val_accuracy 0.5 0.9" in said
    assert "seconds 2 3" in said
    assert said[-1].startswith("Trial 1 is 0.4000 better than trial 0, more than the ±")


def test_two_trials_as_json(
    make_study: MakeStudy, trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    path = make_study([trial(0.5, {"rate": 0.1}), trial(0.9, {"rate": 0.2})])
    assert hpsearch(["show", str(path), "--compare", "1", "0", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["differs"] == {"rate": [0.2, 0.1]}
    assert said["difference"]["gap"] == pytest.approx(0.4)
    assert said["difference"]["basis"] == "images"


@pytest.mark.parametrize(
    ("flags", "error"),
    [
        (["--trial", "2"], "has no trial 2; it has those from 0 to 1"),
        (["--compare", "0", "7"], "has no trial 7"),
        (["--compare", "1", "1"], "is one trial"),
        (["--trial", "0", "--markdown"], "--trial and --markdown show different things"),
        (["--trial", "0", "--compare", "0", "1"], "--trial and --compare show different things"),
        (["--markdown", "--json"], "--markdown is no JSON"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_line(
    make_study: MakeStudy,
    trial: Trial,
    capsys: pytest.CaptureFixture[str],
    flags: list[str],
    error: str,
) -> None:
    path = make_study([trial(0.5), trial(0.6)])
    assert hpsearch(["show", str(path), *flags]) == 2
    said = capsys.readouterr()
    assert error in said.out + said.err
