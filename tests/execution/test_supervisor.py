"""Choices of the supervisor that need no process."""

from __future__ import annotations

import pytest

from hpsearch.errors import NoTrialSucceeded
from hpsearch.execution.supervisor import (
    Snapshot,
    available_cores,
    choose_workers,
    least_used,
    stop_if_hopeless,
    threads_per_worker,
)
from hpsearch.storage import TrialRecord


def test_a_worker_gets_the_gpu_that_is_least_used() -> None:
    """After the worker on GPU 0 died, its successor gets GPU 0, not GPU 1 once more."""
    assert least_used(["0", "1"], ["1"]) == "0"
    assert least_used(["0", "1"], ["0", "1", "0"]) == "1"
    assert least_used([], []) is None


def test_one_worker_a_gpu_unless_told() -> None:
    """With GPUs their number decides; a number given by the user always does."""
    assert choose_workers(None, ["0", "1", "3"]) == 3
    assert choose_workers(5, ["0"]) == 5


def test_threads_of_all_workers_together_use_every_core_once() -> None:
    """Never more threads than cores, never none."""
    cores = available_cores()
    assert threads_per_worker(1) == cores
    assert threads_per_worker(cores) == 1
    assert threads_per_worker(10 * cores) == 1


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


def test_time_left_is_what_the_mean_trial_takes_over_the_workers() -> None:
    """Four trials left of 3 s each on two workers: 6 s."""
    done = [TrialRecord(n, "complete", value=0.1, seconds=s) for n, s in enumerate((2.0, 4.0))]
    assert Snapshot(done, 6, [], 1.0, 2).seconds_left() == 6.0
    assert Snapshot([], 6, [], 1.0, 2).seconds_left() is None
