"""Whoever watches a study sees what goes on, takes no lock and writes nothing."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpsearch.execution import liveness, observing
from hpsearch.execution.observing import Observer
from hpsearch.spaces import Space
from hpsearch.storage import RunDirectory, StudyStore
from hpsearch.storage.address import parse_address
from hpsearch.storage.atomic import write_json
from tests.conftest import MakeStudy, facts

Trial = Callable[..., dict[str, Any]]


def begin(store: StudyStore, worker: str) -> int:
    return store.create_trial({}, {}, {"params": {"rate": 0.1}, "worker": worker, "seed": 1})


def say(run: RunDirectory, worker: str, **doing: Any) -> None:
    write_json(run.live_file(worker), doing)


def files_of(path: Path) -> dict[str, tuple[int, int]]:
    """Every file and folder with its size and its time of change."""
    found = [path, *path.rglob("*")]
    return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in found}


def test_counts_speed_and_what_the_workers_do(make_study: MakeStudy, trial: Trial) -> None:
    """Two workers whose trials take 30 s end four a minute; 56 more take them 14 minutes."""
    ended = [
        trial(0.5, {"rate": 0.1}, seconds=29.0, timings={"between": 1.0}, best_epoch=1),
        trial(0.7, {"rate": 0.2}, seconds=30.0, best_epoch=2),
        trial(None, state="failed", failure="oom", message="no room", seconds=30.0),
        trial(0.1, state="pruned", seconds=30.0),
    ]
    run = RunDirectory(make_study(ended))
    store = StudyStore(run)
    begin(store, "a")
    begin(store, "b")
    say(run, "a", number=4, epoch=2, epochs=5, value=0.4, metrics={"loss": 1.5})
    say(run, "b", number=3, epoch=5, epochs=5, value=0.1)  # of the trial before
    sight = Observer(run).look()
    assert sight.counts == {"completed": 2, "pruned": 1, "failed": 1, "running": 2, "waiting": 0}
    assert sight.failures == {"oom": 1}
    assert sight.best is not None
    assert sight.best.number == 1
    assert sight.status == "running"
    first, second = sight.snapshot.running
    assert (first["number"], first["epoch"], first["metrics"]) == (4, 2, {"loss": 1.5})
    assert (second["number"], second["epoch"], second["epochs"]) == (5, 0, 5)
    assert sight.trials_per_minute == pytest.approx(4.0)
    assert sight.seconds_left == pytest.approx(56 * 30 / 2)


def test_the_next_look_sees_what_came_since(make_study: MakeStudy) -> None:
    run = RunDirectory(make_study())
    observer = Observer(run)
    assert observer.look().counts["running"] == 0
    store = StudyStore(run)
    number = begin(store, "a")
    assert observer.look().counts["running"] == 1
    store.finish(number, "complete", 0.5, {})
    assert observer.look().counts == {
        "completed": 1,
        "pruned": 0,
        "failed": 0,
        "running": 0,
        "waiting": 0,
    }


def test_a_worker_between_two_trials_is_at_work(make_study: MakeStudy, trial: Trial) -> None:
    """Otherwise the time left would double whenever one of two workers stores a trial."""
    run = RunDirectory(make_study([trial(0.5, seconds=30.0)]))
    store, observer = StudyStore(run), Observer(run)
    numbers = [begin(store, worker) for worker in "ab"]
    assert observer.look().trials_per_minute == pytest.approx(4.0)
    for number in numbers:
        store.finish(number, "complete", 0.5, {"seconds": 30.0})
        sight = observer.look()
        assert (sight.status, sight.trials_per_minute) == ("running", pytest.approx(4.0))
    for _ in range(observing.RECENT_LOOKS):
        sight = observer.look()
    assert (sight.status, sight.trials_per_minute) == ("waiting", None)


def test_nothing_is_written_and_no_lock_is_taken(
    make_study: MakeStudy, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that locks could hold up workers, and a read-only disk must do."""
    run = RunDirectory(make_study([trial(0.5)]))
    begin(StudyStore(run), "a")
    say(run, "a", number=1, epoch=1, epochs=5, value=0.4)
    run.worker_lock("a").write_text("this machine")
    before = files_of(run.path)

    def refuse(*arguments: Any) -> None:
        raise AssertionError("a lock was taken")

    opened = os.open

    def open_to_read(path: Any, flags: int, *more: Any, **others: Any) -> int:
        assert not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT), path
        return opened(path, flags, *more, **others)

    monkeypatch.setattr(fcntl, "flock", refuse)
    monkeypatch.setattr(os, "open", open_to_read)
    observer = Observer(run)
    observer.look()
    observer.look()
    assert files_of(run.path) == before


def test_a_worker_without_a_sign_of_life_is_told(
    make_study: MakeStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its counter has not moved for a minute of the watcher's own clock."""
    run = RunDirectory(make_study())
    store = StudyStore(run)
    begin(store, "alive")
    begin(store, "dead")
    monkeypatch.setattr(observing, "RECENT_LOOKS", 1)
    now = [1000.0]
    monkeypatch.setattr(liveness.time, "monotonic", lambda: now[0])
    observer = Observer(run)
    for beat in range(8):
        run.worker_heartbeat("alive").write_text(str(beat))
        run.worker_heartbeat("dead").write_text("1")
        sight = observer.look()
        now[0] += 10.0
    assert sight.silent == {1}
    assert sight.snapshot.workers == 1
    assert sight.status == "running"


@pytest.mark.parametrize(
    ("ended", "trials", "narrowed", "status"),
    [
        (None, 2, False, "closing"),
        (None, 2, True, "done"),
        ("done", 2, True, "done"),
        (None, 3, False, "waiting"),
        ("stopped", 3, True, "stopped"),
        ("done", 3, True, "done"),
    ],
)
def test_how_a_study_stands_when_nobody_works_on_it(
    make_study: MakeStudy, trial: Trial, ended: str, trials: int, narrowed: bool, status: str
) -> None:
    """Spent and narrowed is done; so is a space of fewer configurations than the budget."""
    run = RunDirectory(make_study([trial(0.5), trial(0.6)]))
    session = run.start_session({"trials": trials})
    if ended is not None:
        run.end_session(session, ended)
    if narrowed:
        run.narrowing_file.write_text("{}")
    assert Observer(run).look().status == status


def test_a_study_that_goes_on_after_it_was_stopped_is_not_stopped(
    make_study: MakeStudy, trial: Trial
) -> None:
    """What counts is the newest invocation; that of a worker which joined says nothing."""
    run = RunDirectory(make_study([trial(0.5)]))
    observer = Observer(run)
    run.end_session(run.start_session({"trials": 3}), "stopped")
    run.start_session({"joined": True})
    assert observer.look().status == "stopped"
    begin(StudyStore(run), "joined")
    assert observer.look().status == "running", "somebody else goes on with it"
    StudyStore(run).finish(1, "complete", 0.5, {})
    run.start_session({"trials": 3})
    assert Observer(run).look().status == "waiting"


def test_a_study_in_which_nothing_succeeded_has_failed(make_study: MakeStudy, trial: Trial) -> None:
    run = RunDirectory(make_study([trial(None, state="failed", failure="error")]))
    run.end_session(run.start_session({"trials": 1}), "failed")
    sight = Observer(run).look()
    assert (sight.status, sight.best, sight.failures) == ("failed", None, {"error": 1})


def test_a_confirmation_is_done_when_it_is_judged(make_study: MakeStudy, trial: Trial) -> None:
    run = RunDirectory(make_study([trial(0.5)], stage="confirm"))
    run.end_session(run.start_session({"trials": 1}), "done")
    assert Observer(run).look().status == "closing"
    run.winner_file.write_text("{}")
    assert Observer(run).look().status == "done"


def test_a_confirmation_whose_race_was_over_early_is_done(
    make_study: MakeStudy, trial: Trial
) -> None:
    """Configurations were given up, so that fewer trials ended than the budget allows."""
    run = RunDirectory(make_study([trial(0.5)], stage="confirm"))
    session = run.start_session({"trials": 12})
    run.winner_file.write_text("{}")
    assert Observer(run).look().status == "done", "also where an older version ended it"
    run.end_session(session, "stopped")
    assert Observer(run).look().status == "done", "its time was up, but each had enough seeds"


def test_a_live_file_of_another_shape_is_left_out(make_study: MakeStudy) -> None:
    """It may be anybody's, or half of one on a network disk."""
    run = RunDirectory(make_study())
    begin(StudyStore(run), "a")
    for text in ("{", '{"number": "0"}', '{"number": 0, "epoch": "x", "epochs": 5}'):
        run.live_file("a").write_text(text)
        (doing,) = Observer(run).look().snapshot.running
        assert (doing["number"], doing["epoch"]) == (0, 0)


@pytest.mark.slow
def test_trials_in_a_database_are_watched_as_those_in_a_journal(
    tmp_path: Path, database: str
) -> None:
    run = RunDirectory(tmp_path / "coarse")
    run.make()
    address = parse_address(database)
    assert address is not None
    named = address.named_after("coarse")
    store = StudyStore(run, create=True, storage=named)
    write_json(run.space_file, Space().to_json())
    run.write_study(facts("coarse", storage=named.to_json()))
    observer = Observer(run)
    assert observer.look().counts["running"] == 0
    begin(store, "a")
    say(run, "a", number=0, epoch=3, epochs=5, value=0.4)
    sight = observer.look()
    assert (sight.status, sight.snapshot.running[0]["epoch"]) == ("running", 3)
    assert not run.journal_file.exists()
