"""`hpsearch watch` shows how a study stands and ends when it does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpsearch.cli import watching
from hpsearch.cli.entry import run as hpsearch
from hpsearch.storage import RunDirectory, StudyStore
from hpsearch.storage.atomic import write_json
from tests.conftest import MakeStudy

Trial = Callable[..., dict[str, Any]]


def begin(run: RunDirectory, worker: str = "w") -> int:
    attributes = {"params": {"rate": 0.1}, "worker": worker, "seed": 1}
    return StudyStore(run).create_trial({}, {}, attributes)


def test_once_prints_how_a_study_stands(
    make_study: MakeStudy, trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    """Trials, failures by kind, the best, speed and each trial that runs."""
    ended = [
        trial(0.5, {"rate": 0.25}, seconds=30.0, best_epoch=2),
        trial(None, state="failed", failure="oom", seconds=30.0),
        trial(None, state="failed", failure="diverged", seconds=30.0),
        trial(None, state="failed", failure="oom", seconds=30.0),
    ]
    run = RunDirectory(make_study(ended))
    begin(run)
    metrics = {"loss": 1.25, "val_loss": 1.5, "val_accuracy": 0.4}
    doing = {"number": 4, "epoch": 3, "epochs": 5, "value": 0.45, "metrics": metrics}
    write_json(run.live_file("w"), doing)
    assert hpsearch(["watch", str(run.path), "--once"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    progress = "epoch 3 of 5, val_accuracy 0.4000, loss 1.2500, val_loss 1.5000"
    assert lines == [
        f"coarse of gtsrb_lenet: {run.path}",
        "status running",
        "data built-in synthetic signs (10,000 training images, seed 0)",
        "trials 4 of 60 ended: 1 completed, 3 failed, 1 running",
        "failures 2 oom, 1 diverged",
        "best trial 0, val_accuracy 0.5000 at epoch 2: rate 0.25",
        "speed 2 trials a minute, about 28 min left",
        f"trial 4 {progress}, best val_accuracy 0.4500",
    ]


def test_once_as_json_is_one_object(
    make_study: MakeStudy, trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RunDirectory(make_study([trial(0.5, {"rate": 0.25}, seconds=3.0)]))
    begin(run)
    assert hpsearch(["watch", str(run.path), "--once", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["status"], said["stage"], said["budget"]) == ("running", "coarse", 60)
    assert said["trials"]["completed"] == 1
    assert said["best"]["params"] == {"rate": 0.25}
    assert said["running"] == [
        {"number": 1, "epoch": 0, "epochs": 5, "worker": "w", "silent": False}
    ]
    assert said["trials_per_minute"] == pytest.approx(20.0)


@pytest.mark.parametrize(("ended", "status"), [("done", 0), ("stopped", 3), ("failed", 4)])
def test_watching_ends_with_the_study_and_with_its_status(
    make_study: MakeStudy,
    trial: Trial,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ended: str,
    status: int,
) -> None:
    """A trial begins, ends, and then the command that trained it."""
    run = RunDirectory(make_study())
    session = run.start_session({"trials": 1 if ended == "done" else 2})

    def finish_trial() -> None:
        state, value = ("failed", None) if ended == "failed" else ("complete", 0.75)
        result = {"failure": "oom", "message": "no room"} if ended == "failed" else {}
        StudyStore(run).finish(0, state, value, {**result, "best_epoch": 1})  # type: ignore[arg-type]

    def close() -> None:
        run.narrowing_file.write_text("{}")
        run.end_session(session, ended)

    steps = [lambda: begin(run), finish_trial, lambda: None, close]
    monkeypatch.setattr(watching.time, "sleep", lambda seconds: steps.pop(0)())
    assert hpsearch(["watch", str(run.path)]) == status
    said = capsys.readouterr().out
    told = "trial 0 failed (oom): no room" if ended == "failed" else "val_accuracy 0.7500"
    assert told in said
    assert watching.STATUS_WORDS[ended] in said
    assert not steps


def test_ctrl_c_ends_the_watching_only(
    make_study: MakeStudy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = RunDirectory(make_study())
    begin(run)

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(watching.time, "sleep", interrupt)
    assert hpsearch(["watch", str(run.path)]) == 3
    assert capsys.readouterr().err == "No longer watched; the study goes on as before.\n"


def test_what_follows_the_trials_is_not_waited_for_without_end(
    make_study: MakeStudy, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command may have been killed just then."""
    run = RunDirectory(make_study([trial(0.5)]))
    run.start_session({"trials": 1})
    slept: list[float] = []
    monkeypatch.setattr(watching.time, "sleep", slept.append)
    monkeypatch.setattr(watching.time, "monotonic", lambda: 30.0 * len(slept))
    assert hpsearch(["watch", str(run.path)]) == 0
    assert len(slept) == 3


def test_a_missing_study_is_wrong_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert hpsearch(["watch", str(tmp_path / "coarse")]) == 2
    said = capsys.readouterr().err
    assert "there is no such directory. Give the directory that --out named" in said


def test_json_is_of_one_moment(make_study: MakeStudy, capsys: pytest.CaptureFixture[str]) -> None:
    assert hpsearch(["watch", str(make_study()), "--json"]) == 2
    assert "Add --once" in json.loads(capsys.readouterr().out)["error"]["hint"]


def test_a_worker_without_a_sign_of_life_is_named(make_study: MakeStudy) -> None:
    from dataclasses import replace

    from hpsearch.execution.observing import Observer

    run = RunDirectory(make_study())
    begin(run)
    sight = replace(Observer(run).look(), silent=frozenset({0}))
    rows = watching.WatchScreen(sight).rows(sight.status)
    assert rows["trial 0"] == "no sign of life from its worker for a minute"


def test_names_of_anybodys_files_do_not_command_the_terminal(
    make_study: MakeStudy, trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make_study([trial(0.5, {"a\x1b]0;title\x07": "\x1b[2J"})])
    assert hpsearch(["watch", str(run), "--once"]) == 0
    assert "\x1b" not in capsys.readouterr().out
