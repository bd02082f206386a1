"""What follows a search is loaded while its last trial leaves a core idle."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from hpsearch.execution import Snapshot
from hpsearch.stages import loading_ahead as module
from hpsearch.stages.loading_ahead import leaves_room, loading_ahead
from hpsearch.storage import TrialRecord


def snapshot(finished: int, running: int, workers: int, budget: int = 4) -> Snapshot:
    """Of a study in which nothing else has happened."""
    numbers = range(finished + running)
    records = [TrialRecord(n, "complete" if n < finished else "running") for n in numbers]
    doing = [{"number": n} for n in numbers[finished:]]
    return Snapshot(records, budget, doing, 1.0, workers)


@pytest.mark.parametrize(
    ("finished", "running", "workers", "room"),
    [
        (1, 2, 2, False),  # a third is about to begin
        (2, 2, 2, False),  # both cores are busy
        (3, 1, 2, True),
        (2, 1, 1, False),
        (3, 1, 1, True),
        (1, 3, 3, False),
        (2, 2, 3, True),
        (4, 0, 2, False),  # it is over
    ],
)
def test_there_is_room_once_the_last_trials_leave_a_place(
    finished: int, running: int, workers: int, room: bool
) -> None:
    """Of a budget of four; a single worker leaves none, and nothing is gained by waiting."""
    assert leaves_room(snapshot(finished, running, workers)) == room


def test_it_is_loaded_once_and_trials_are_looked_after_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The screen goes on while the modules are still being read."""
    loaded: list[str] = []
    begun, over = threading.Event(), threading.Event()

    def slowly(name: str) -> None:
        loaded.append(name)
        begun.set()
        over.wait(30)

    monkeypatch.setattr(module, "import_module", slowly)
    shown: list[Any] = []
    update = loading_ahead(shown.append)
    before, room = snapshot(2, 2, 2), snapshot(3, 1, 2)
    update(before)
    assert loaded == []
    update(room)
    assert begun.wait(30)
    update(room)
    over.set()
    assert shown == [before, room, room]
    assert loaded == ["optuna.importance"]
