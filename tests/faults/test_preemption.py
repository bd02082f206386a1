"""Signals that announce the end of a job: what a worker process does about them, for real."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hpsearch.storage import RunDirectory, StudyStore, TrialRecord
from tests.execution.drawing_study import make_drawing_study
from tests.integration.conftest import environment

pytestmark = [pytest.mark.slow, pytest.mark.all, pytest.mark.timeout(400)]
Start = Callable[[RunDirectory, str], subprocess.Popen[bytes]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a worker process; whatever is left of it is killed later."""
    started: list[subprocess.Popen[bytes]] = []

    def run(directory: RunDirectory, name: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "hpsearch.execution.worker_process"]
        with directory.worker_log(name).open("wb") as log:
            process = subprocess.Popen(
                [*command, "--study", str(directory), "--name", name],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment(directory.path),
            )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def make_study(folder: Path) -> RunDirectory:
    """A study of one trial, whose epochs are one compiled call of some seconds each."""
    return make_drawing_study(folder, epochs=4, images=100_000, deterministic=True)


def outcome(record: TrialRecord) -> TrialRecord:
    """What must not depend on who trained it, how often it was interrupted and how long."""
    return replace(record, worker="", seconds=None, timings={}, started="", resumed=0)


def wait_for_epoch(run: RunDirectory, name: str, epoch: int) -> None:
    """Until the worker is in the middle of the epoch after this one."""
    deadline = time.monotonic() + 120
    live = run.live_file(name)
    while not (live.is_file() and run.read_json(live)["epoch"] >= epoch):
        assert time.monotonic() < deadline, run.worker_log(name).read_text()
        time.sleep(0.05)
    time.sleep(0.5)  # nothing shows from outside how far a compiled call has come


def test_a_preempted_trial_ends_with_the_metrics_of_an_undisturbed_one(
    tmp_path: Path, start: Start
) -> None:
    """SIGTERM in epoch 2 and SIGUSR1 in epoch 4: at once, with 3, and to the last bit the same."""
    whole = make_study(tmp_path / "whole")
    assert start(whole, "w").wait(200) == 0, whole.worker_log("w").read_text()
    expected = StudyStore(whole).record(0)
    assert expected.timings["train"] / 3 > 1.5, "an epoch must be longer than a stop may take"

    run = make_study(tmp_path / "preempted")
    for name, number, epoch in (("a", signal.SIGTERM, 1), ("b", signal.SIGUSR1, 3)):
        worker = start(run, name)
        wait_for_epoch(run, name, epoch)
        sent = time.monotonic()
        worker.send_signal(number)
        worker.send_signal(number)
        assert worker.wait(60) == 3, run.worker_log(name).read_text()
        taken = time.monotonic() - sent
        assert taken < 2, f"{number.name}: {taken:.2f} s"
        assert StudyStore(run).record(0).state == "waiting"
        assert run.checkpoint_file(0).is_file()
        assert f"given back after epoch {epoch}" in run.worker_log(name).read_text()
    assert start(run, "c").wait(200) == 0, run.worker_log("c").read_text()
    record = StudyStore(run).record(0)
    assert outcome(record) == outcome(expected)
    assert record.resumed == 2
    assert list(run.checkpoints.iterdir()) == []


def test_all_folds_of_a_preempted_trial_go_on_where_they_were(tmp_path: Path, start: Start) -> None:
    """SIGTERM while the second epoch is on one of three folds: the same curve and fold values."""
    settings = {"epochs": 3, "images": 30_000, "folds": 3, "deterministic": True}
    whole = make_drawing_study(tmp_path / "whole", **settings)
    assert start(whole, "w").wait(200) == 0, whole.worker_log("w").read_text()
    run = make_drawing_study(tmp_path / "preempted", **settings)
    worker = start(run, "a")
    wait_for_epoch(run, "a", 1)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 3, run.worker_log("a").read_text()
    assert "given back after epoch 1" in run.worker_log("a").read_text()
    assert start(run, "b").wait(200) == 0, run.worker_log("b").read_text()
    record = StudyStore(run).record(0)
    assert outcome(record) == outcome(StudyStore(whole).record(0))
    assert (record.resumed, len(record.fold_values)) == (1, 3)
