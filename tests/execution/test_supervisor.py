"""Choices of the supervisor that need no process."""

from __future__ import annotations

import pytest

from hpsearch.errors import NoTrialSucceeded
from hpsearch.execution.devices import Slot
from hpsearch.execution.hopeless import stop_if_hopeless
from hpsearch.execution.local_workers import free_slots
from hpsearch.execution.supervisor import Snapshot, under_way
from hpsearch.storage import TrialRecord


def test_a_worker_gets_the_place_that_is_free() -> None:
    """After a worker on GPU 0 died, its successor gets GPU 0, not GPU 1 once more."""
    first, second = Slot("0", 4096), Slot("1", 4096)
    assert free_slots([first, second], [second]) == [first]
    assert free_slots([first, second, first], [first, second]) == [first]
    assert free_slots([Slot(), Slot()], [Slot()]) == [Slot()]
    assert free_slots([], []) == []


def failed(number: int, message: str) -> TrialRecord:
    """A trial that failed with an exception."""
    return TrialRecord(number, "failed", failure="error", message=f"{message}\ntraceback")


def test_five_failures_of_one_cause_are_hopeless() -> None:
    """The one cause is shown; four are not enough, and two causes are not one."""
    same = [failed(n, "ValueError: no") for n in range(5)]
    with pytest.raises(NoTrialSucceeded, match="ValueError: no"):
        stop_if_hopeless(same)
    stop_if_hopeless(same[:4])
    stop_if_hopeless([*same[:4], failed(4, "KeyError: other")])
    stop_if_hopeless([TrialRecord(5, "complete", value=0.5), *same])


def test_five_trials_without_memory_are_hopeless_whatever_each_asked_for() -> None:
    """Each asks for its own amount; that of the first is shown."""
    short = [
        TrialRecord(n, "failed", failure="oom", message=f"out of memory: {n + 1} GiB asked for")
        for n in range(5)
    ]
    with pytest.raises(NoTrialSucceeded, match="out of memory: 1 GiB asked for"):
        stop_if_hopeless(short)


def test_a_trial_that_has_ended_is_not_under_way() -> None:
    """Its worker has not said anything since its last epoch."""
    records = [TrialRecord(0, "complete", value=0.5), TrialRecord(1, "running")]
    said = [{"number": 0, "epoch": 3}, {"number": 1, "epoch": 2}]
    assert under_way(said, records) == said[1:]


def test_time_left_is_what_the_mean_trial_takes_over_the_workers() -> None:
    """Four trials left of 3 s each on two workers: 6 s."""
    done = [TrialRecord(n, "complete", value=0.1, seconds=s) for n, s in enumerate((2.0, 4.0))]
    assert Snapshot(done, 6, [], 1.0, 2).seconds_left() == 6.0
    assert Snapshot([], 6, [], 1.0, 2).seconds_left() is None


def test_time_left_counts_what_a_trial_costs_besides_its_training() -> None:
    """Half of 10,000 trials of 1 ms each are left, of which each kept its worker 20 ms: 50 s."""
    around = {"train": 0.0005, "claim": 0.012, "storage": 0.004, "between": 0.019}
    done = [
        TrialRecord(n, "complete", value=0.1, seconds=0.001, timings=around) for n in range(5000)
    ]
    left = Snapshot(done, 10_000, [], 51.0, 2).seconds_left()
    assert left == pytest.approx(5000 * 0.020 / 2)
