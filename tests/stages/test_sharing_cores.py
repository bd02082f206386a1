"""When the sharing of the cores is measured, and what is taken over from before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpsearch.cli.plans import _workers
from hpsearch.execution import ProbeResult, StudyPlan, TrainingPlan, devices
from hpsearch.execution.parallelism import Parallelism, Way
from hpsearch.spaces import Budget, Float, Space
from hpsearch.stages import sharing_cores
from hpsearch.stages.data_facts import DataFacts
from hpsearch.stages.prepared import START_SECONDS, Prepared
from hpsearch.stages.request import StageRequest
from hpsearch.stages.sharing_cores import with_parallelism
from hpsearch.storage import RunDirectory

SPACE = Space((Float("x", 0.0, 1.0),))
USUAL, OTHER = Way(2, 1), Way(1, 2)
Stage = Callable[..., Prepared]


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A stage on two cores without a GPU; what it measures always finds one worker faster."""
    monkeypatch.setattr(devices, "affine_cores", lambda: 2)
    monkeypatch.setattr(devices, "granted_cores", lambda: 2.0)
    monkeypatch.setattr(devices, "visible_gpus", list)
    monkeypatch.setattr(devices, "_workers_by_cores", lambda: 2)

    def measure(plan: Any, values: Any, ways: Any, launcher: Any) -> Parallelism:
        assert (values, ways) == ({"x": 0.0}, [USUAL, OTHER])
        return found()

    monkeypatch.setattr(sharing_cores, "measure_ways", measure)

    def make(seconds_per_epoch: float, *, deterministic: bool = False, **asked: Any) -> Prepared:
        training = TrainingPlan(deterministic=deterministic)
        return Prepared(
            StageRequest("coarse", "s", Path("out"), **asked),
            None,  # type: ignore[arg-type]
            RunDirectory(Path("out")),
            Budget(trials=100, epochs=10),
            StudyPlan("s", training=training),
            SPACE,
            DataFacts({}, "", None),
            {},
            ProbeResult(SPACE, seconds_per_epoch=seconds_per_epoch, seconds_per_trial=1.0),
            0,
        )

    return make


def found(**changes: Any) -> Parallelism:
    """A measurement of this machine."""
    import platform

    rates = ((USUAL, 100.0), (OTHER, 200.0))
    return replace(Parallelism(OTHER, rates, "", platform.node(), 2), **changes)


def test_a_long_study_is_measured_and_its_plan_says_so(stage: Stage) -> None:
    """One worker trains four times as fast as one of two did: 100 × (1 + 30 / 4) seconds."""
    shared = with_parallelism(stage(3.0), None)
    assert (shared.placement.workers, shared.placement.threads) == OTHER
    assert _workers(shared) == (
        "no GPU: 1 worker with 2 threads; "
        "measured 2 × 1 thread: 100 images/s, 1 × 2 threads: 200 images/s"
    )
    assert shared.estimated_seconds == pytest.approx(START_SECONDS + 850.0)


def test_a_short_study_is_not_measured_and_its_plan_says_why(stage: Stage) -> None:
    """Two ways cost 3.4 s; 100 trials of 3 s on two workers take 158 s: a 400th of it is 0.4 s."""
    shared = with_parallelism(stage(0.2), None)
    assert shared.parallelism is not None
    assert not shared.parallelism.rates
    assert (shared.placement.workers, shared.placement.threads) == USUAL
    assert _workers(shared).endswith("; the study is too short for measuring others to pay")
    assert with_parallelism(stage(3.0), None).placement.workers == 1, "3.9 s are allowed"


def test_what_is_asked_for_is_not_measured(stage: Stage) -> None:
    """A number of workers, and the same bits whatever a measurement would say."""
    assert with_parallelism(stage(1.0, workers=2), None).parallelism is None
    told = with_parallelism(stage(1.0, deterministic=True), None)
    assert _workers(told).endswith("what is deterministic has one thread each")
    assert with_parallelism(stage(0.0), None).parallelism is None, "a number has no threads"


def test_what_was_measured_before_is_taken_over_on_the_same_machine(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A study that is continued, or the next stage; elsewhere it is measured anew."""
    before = found(reason="as results/coarse")
    shared = with_parallelism(stage(0.2), before)
    assert _workers(shared) == "no GPU: 1 worker with 2 threads; as results/coarse"
    elsewhere = replace(before, machine="elsewhere")
    assert with_parallelism(stage(0.2), elsewhere).placement.workers == 2
    continued = replace(stage(1.0), probed=None)
    assert with_parallelism(continued, before).placement.workers == 1
    assert with_parallelism(continued, elsewhere).parallelism is None
