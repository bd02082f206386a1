"""Search tools on the simulated clock: the epochs they train, and whom they stop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.replayed_tools import EPOCHS, Hpsearch, KerasTuner, OptunaTpe
from benchmarks.simulated_clock import Job, Tool

EVEN = [0.5 + epoch / 100 for epoch in range(EPOCHS)]


def train(tool: Tool, curve: list[float]) -> int:
    """Train one trial; after how many of its epochs it ended."""
    job = tool.propose()
    assert job is not None
    shown = curve[job.first : job.first + 1]
    while job.first + len(shown) < job.last and not tool.stops(job, shown):
        shown = curve[job.first : job.first + len(shown) + 1]
    tool.end(job, shown, is_stopped=job.first + len(shown) < job.last)
    return len(shown)


def one_iteration(**options: Any) -> Any:
    import keras_tuner

    return keras_tuner.oracles.HyperbandOracle(max_epochs=EPOCHS, hyperband_iterations=1, **options)


@pytest.mark.slow
def test_hyperband_trains_what_its_brackets_say(tmp_path: Path) -> None:
    """Of 8 epochs by thirds: 5 × 3 epochs, 2 of these on to the 8th, then 3 × 8 from the start."""
    tool = KerasTuner(one_iteration, 0, str(tmp_path))
    jobs: list[Job] = []
    while (job := tool.propose()) is not None:
        jobs.append(job)
        tool.end(job, EVEN[job.first : job.last], is_stopped=False)
    assert [(job.first, job.last) for job in jobs] == [(0, 3)] * 5 + [(3, 8)] * 2 + [(0, 8)] * 3
    begun = [dict(job.params) for job in jobs[:5]]
    assert all(dict(job.params) in begun for job in jobs[5:7])


def test_a_bad_trial_is_stopped_at_the_first_rung_once_five_have_ended() -> None:
    """The median rule on 8 epochs judges after 3, 4 and 5: a sixth, two, three and four of them
    are 1, 3, 4 and 5, and the first is before the second epoch."""
    tool = Hpsearch(seed=0)
    assert [train(tool, EVEN) for _ in range(5)] == [8] * 5
    assert train(tool, [0.1] * EPOCHS) == 3
    assert train(tool, [0.9] * EPOCHS) == 8


def test_what_another_worker_trains_is_not_proposed_again() -> None:
    tool = Hpsearch(seed=0)
    jobs = [tool.propose() for _ in range(10)]
    assert len({tuple(job.params.values()) for job in jobs if job is not None}) == 10


def test_optuna_stops_what_is_worst_at_its_rung() -> None:
    tool = OptunaTpe(seed=0)
    curves = [[0.2 + n / 100] * EPOCHS for n in range(30, 0, -1)]
    lengths = [train(tool, curve) for curve in curves]
    assert lengths[0] == EPOCHS
    assert min(lengths) < EPOCHS
