"""A worker that must stop in the middle of a trial, and the one that goes on with it."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.execution.worker import Worker
from hpsearch.storage import RunDirectory, StudyStore, TrialRecord
from tests.execution.drawing_study import make_drawing_study

pytestmark = pytest.mark.slow


class Preempted(BaseException):
    """Stands for the signal; nothing may catch it."""


class InProcess(Worker):
    """A worker in this process, which stops after some epoch has been judged."""

    stop_at: int | None = None

    def _prepare(self) -> None:
        """The process has its threads already."""

    def _should_stop(self, claim: Any, progress: Any) -> bool:
        stopped = super()._should_stop(claim, progress)
        if progress.epochs == self.stop_at:
            raise Preempted
        return stopped


def work(run: RunDirectory, name: str, stop_at: int | None = None) -> TrialRecord:
    """Let a worker train the one trial of the study, perhaps not to its end."""
    worker = InProcess(run, name)
    worker.stop_at = stop_at
    try:
        worker.run()
    except Preempted:
        worker.give_back()
    return StudyStore(run).record(0)


def outcome(record: TrialRecord) -> TrialRecord:
    """What must not depend on who trained it, how often it was interrupted and how long."""
    return replace(record, worker="", seconds=None, timings={}, started="", resumed=0)


def test_a_trial_given_back_twice_ends_as_one_that_was_never_disturbed(tmp_path: Path) -> None:
    """Values, history, best epoch, rungs, a hyperparameter met on the way: all the same."""
    whole = work(make_drawing_study(tmp_path / "whole"), "w")
    assert whole.state == "complete", whole.message
    assert set(whole.rungs) == {2, 4}
    assert "filters" in whole.params

    run = make_drawing_study(tmp_path / "disturbed")
    for stop_at, saved in ((3, 2), (6, 5)):
        waiting = work(run, f"until-{stop_at}", stop_at)
        assert waiting.state == "waiting"
        with np.load(run.checkpoint_file(0)) as archive:
            text = archive["facts"].tobytes().decode()
        assert (
            f'"val_accuracy": [{", ".join(map(str, whole.history["val_accuracy"][:saved]))}]'
            in (text)
        )
    resumed = work(run, "last")
    assert outcome(resumed) == outcome(whole)
    assert (whole.resumed, resumed.resumed) == (0, 2)
    assert list(run.checkpoints.iterdir()) == []
    assert (run.models / "trial-0000.keras").is_file()


def test_a_checkpoint_of_another_model_costs_the_training_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The trial starts anew, so its rungs are blank, and the log says why."""
    whole = work(make_drawing_study(tmp_path / "whole"), "w")
    run = make_drawing_study(tmp_path / "damaged")
    assert work(run, "first", stop_at=5).rungs == whole.rungs
    with np.load(run.checkpoint_file(0)) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays["variable-2"] = np.zeros((3, 3))
    np.savez(run.checkpoint_file(0), **arrays)
    with caplog.at_level(logging.WARNING):
        stopped = work(run, "second", stop_at=1)
    assert "trial 0 starts anew" in caplog.text
    assert stopped.rungs == {}
    assert not run.checkpoint_file(0).exists()
    again = work(run, "third")
    assert outcome(again) == outcome(whole)
    assert again.resumed == 0


def study_that_diverges(folder: Path, **training: Any) -> RunDirectory:
    """A study whose models diverge in whatever is not float32."""
    run = make_drawing_study(folder, epochs=2, **training)
    space = folder / "drawing.py"
    other = "keras.config.dtype_policy().name != 'float32'"
    loss = f"(lambda y, p: float('nan') * keras.ops.sum(p, -1)) if {other} else"
    space.write_text(space.read_text().replace('loss = "', f'loss = {loss} "'))
    return run


def test_what_diverges_in_a_precision_that_was_chosen_is_trained_in_float32(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes to what a study in float32 comes to; who asked for the precision has it."""
    monkeypatch.setattr("hpsearch.execution.worker.check_precision", lambda *_: None)
    lower = {"precision": "mixed_bfloat16"}
    whole = work(study_that_diverges(tmp_path / "float32"), "w")
    again = work(study_that_diverges(tmp_path / "auto", **lower, precision_gain=1.5), "w")
    asked = work(study_that_diverges(tmp_path / "asked", **lower), "w")
    assert (whole.state, whole.in_float32) == ("complete", False)
    assert again.in_float32
    assert outcome(replace(again, in_float32=False)) == outcome(whole)
    assert (asked.failure, asked.in_float32) == ("diverged", False)
    run = study_that_diverges(tmp_path / "disturbed", **lower, precision_gain=1.5)
    assert work(run, "first", stop_at=2).state == "waiting"
    resumed = work(run, "second")
    assert (resumed.in_float32, resumed.resumed) == (True, 1), "it goes on in float32"
    assert outcome(resumed) == outcome(again)


def test_a_worker_taken_for_dead_leaves_no_checkpoint(tmp_path: Path) -> None:
    """Its trial was ended by somebody else and is tried again under another number."""
    run = make_drawing_study(tmp_path / "lost")
    worker = InProcess(run, "zombie")
    worker.stop_at = 3
    with pytest.raises(Preempted):
        worker.run()
    assert worker.claims.end_of_worker("zombie", "lost", "vanished") == [0]
    worker.give_back()
    assert StudyStore(run).record(0).failure == "lost"
    assert list(run.checkpoints.iterdir()) == []


def test_after_a_stop_nothing_is_claimed_or_ended_any_more(tmp_path: Path) -> None:
    """The process takes a moment to go; its main thread must wait for what it would write."""
    run = make_drawing_study(tmp_path / "run")
    ended: list[int] = []
    worker = InProcess(run, "w", leave_process=ended.append)
    claim = worker._claim()
    assert claim is not None
    worker.stop()
    assert ended == [3]
    assert StudyStore(run).record(0).state == "waiting"
    main = threading.Thread(target=worker._claim, daemon=True)
    main.start()
    main.join(0.3)
    assert main.is_alive(), "it waits for ever"
    assert StudyStore(run).record(0).state == "waiting"


def test_a_stop_that_cannot_give_back_says_so_by_its_status(tmp_path: Path) -> None:
    """Then the trial is still entered as running, and whoever started the worker must end it."""
    run = make_drawing_study(tmp_path / "run")
    ended: list[int] = []
    worker = InProcess(run, "w", leave_process=ended.append)
    assert worker._claim() is not None
    run.lock_file.unlink()
    run.lock_file.mkdir()
    worker.stop()
    assert ended == [1]
    assert StudyStore(run).record(0).state == "running"
