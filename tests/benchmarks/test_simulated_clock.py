"""The simulated clock: whose epoch ends when, and what is added to the recorded seconds."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmarks.recorded import Curve, Recorded
from benchmarks.simulated_clock import Costs, Job, search

SLOW = {
    "num_conv_layers": 3,
    "filters": 24,
    "dropout": 0.0,
    "l2": 1e-5,
    "learning_rate": 1e-3,
    "initializer": "he_normal",
}
QUICK = {**SLOW, "num_conv_layers": 2, "filters": 6}
RECORDED = Recorded(
    [Curve(SLOW, (0.5, 0.6, 0.9), seconds=10.0), Curve(QUICK, (0.1, 0.2, 0.3), seconds=1.0)]
)


class Given:
    """Trains given jobs in order and notes what it is told."""

    def __init__(self, *jobs: Job, stop_after: int = 99) -> None:
        self.jobs = list(jobs)
        self.stop_after = stop_after
        self.ended: list[tuple[Job, list[float], bool]] = []

    def propose(self) -> Job | None:
        return self.jobs.pop(0) if self.jobs else None

    def stops(self, job: Job, shown: Sequence[float]) -> bool:
        return len(shown) >= self.stop_after

    def end(self, job: Job, shown: Sequence[float], *, is_stopped: bool) -> None:
        self.ended.append((job, list(shown), is_stopped))


def seconds(found: float) -> float:
    return round(found, 1)  # the proposals of a list take microseconds of processor time


def test_a_worker_trains_one_trial_after_another() -> None:
    tool = Given(Job(QUICK, 0, 3), Job(SLOW, 0, 3))
    found = search(tool, RECORDED, Costs(start=5, per_trial=2), target=0.9)
    assert seconds(found.seconds) == 5 + (2 + 3 * 1) + (2 + 3 * 10)
    assert (found.trials, found.epochs) == (2, 6)


def test_two_workers_train_at_the_same_time() -> None:
    tool = Given(Job(QUICK, 0, 3), Job(SLOW, 0, 3))
    found = search(tool, RECORDED, Costs(workers=2), target=0.9)
    assert seconds(found.seconds) == 30


def test_epochs_of_a_slower_loop_take_as_many_times_longer() -> None:
    found = search(Given(Job(SLOW, 0, 3)), RECORDED, Costs(epoch_factor=1.5), target=0.6)
    assert seconds(found.seconds) == 30


def test_epochs_trained_before_cost_nothing_but_their_curve_goes_on() -> None:
    """As Keras Tuner's Hyperband goes on from a checkpoint."""
    found = search(Given(Job(SLOW, 2, 3)), RECORDED, Costs(per_trial=1), target=0.9)
    assert (seconds(found.seconds), found.epochs) == (11, 1)


def test_a_trial_stopped_early_frees_its_worker() -> None:
    tool = Given(Job(QUICK, 0, 3), Job(SLOW, 0, 3), stop_after=1)
    found = search(tool, RECORDED, Costs(), target=0.5)
    assert seconds(found.seconds) == 1 + 10
    assert tool.ended == [(Job(QUICK, 0, 3), [0.1], True)]


def test_a_target_that_is_never_met_takes_for_ever() -> None:
    tool = Given(Job(QUICK, 0, 3))
    assert search(tool, RECORDED, Costs(), target=0.9).seconds == math.inf
    assert tool.ended == [(Job(QUICK, 0, 3), [0.1, 0.2, 0.3], False)]
