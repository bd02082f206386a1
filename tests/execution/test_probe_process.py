"""When the probe measures how to compute, and what follows for the estimated time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hpsearch.execution import probe_process
from hpsearch.execution.precision_probe import affordable
from hpsearch.execution.probe_process import _Timed
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.spaces import Choice, Space
from hpsearch.training.costs import Costs
from hpsearch.training.precision import BFLOAT16, Arithmetic


@pytest.fixture
def timed(monkeypatch: pytest.MonkeyPatch) -> _Timed:
    """A probe whose measurement always finds bfloat16 twice as fast."""
    chosen = Arithmetic(BFLOAT16, gain=2.0, reason="measured")
    monkeypatch.setattr(probe_process, "own_capability", lambda: None)
    monkeypatch.setattr(probe_process, "choose_arithmetic", lambda time_all, capability: chosen)
    return _Timed(StudyPlan("s"), None, Space(), None)


COSTS = {"seconds_per_epoch": 1.0, "seconds_per_trial": 1.5}


def test_a_probe_takes_at_most_a_tenth_of_the_training() -> None:
    """A configuration in two arithmetics takes 2 × (1.5 + 1) s: one from 50 s, three from 150 s."""
    assert [affordable(1.5, seconds, 3) for seconds in (49, 50, 149, 150)] == [0, 1, 1, 3]
    assert affordable(9.0, 150, 3) == 0  # a model that takes long to trace


def test_shorter_studies_time_the_middle_of_the_space(
    timed: _Timed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The defaults are often the smallest, and small models gain least."""
    asked: list[Any] = []
    space = Space((Choice("filters", (6, 12, 24)), Choice("optimizer", ("adam", "sgd", "rmsprop"))))
    timed = replace(timed, space=space)

    def choose(time_all: Any, capability: None) -> Arithmetic:
        asked.extend(time_all.args[0])
        return Arithmetic()

    monkeypatch.setattr(probe_process, "choose_arithmetic", choose)
    timed.arithmetic(COSTS, 60.0)
    assert asked == [{"filters": 12, "optimizer": "adam"}]
    timed.arithmetic(COSTS, 600.0)
    assert len(asked) == 4
    assert asked[1] == {"filters": 6, "optimizer": "adam"}


def test_a_short_study_is_not_worth_measuring(timed: _Timed) -> None:
    """The probe would take a good part of what it could save; the reason says so."""
    told: dict[str, Any] = timed.arithmetic(COSTS, 49.0)
    assert told["arithmetic"]["precision"] == "float32"
    assert "too short" in told["arithmetic"]["reason"]
    assert "seconds_per_epoch" not in told


def test_what_is_faster_shortens_the_estimate(timed: _Timed) -> None:
    """Twice as fast: half a second an epoch instead of one."""
    told = timed.arithmetic(COSTS, 50.0)
    assert told["arithmetic"] == {
        "precision": BFLOAT16,
        "xla": False,
        "gain": 2.0,
        "reason": "measured",
    }
    assert told["seconds_per_epoch"] == 0.5


@pytest.mark.parametrize(
    ("trials", "timed_ones"),
    [(1_000_000, 3), (0.1, 1)],
)
def test_more_configurations_than_one_are_timed_only_where_that_is_little(
    timed: _Timed, monkeypatch: pytest.MonkeyPatch, trials: float, timed_ones: int
) -> None:
    """A study of a few short trials would wait for its probe longer than for some of them."""
    asked: list[dict[str, Any]] = []

    def costs_of(self: _Timed, values: dict[str, Any]) -> Costs:
        asked.append(values)
        return Costs(seconds_per_epoch=1e-4, seconds_besides=1e-4)

    monkeypatch.setattr(_Timed, "_costs_of", costs_of)
    assert timed.seconds(trials)["seconds_per_epoch"] == pytest.approx(1e-4)
    assert len(asked) == timed_ones


def test_the_probe_meets_the_choices_in_turn() -> None:
    """They may make models of different kinds, which two random draws could miss."""
    kinds = Choice("weights", ("imagenet", "none"))
    sizes = Choice("units", (16, 32, 64), default=32)
    timed = _Timed(StudyPlan("s"), None, Space((kinds, sizes)), None)
    points = [(point["weights"], point["units"]) for point in timed.configurations()]
    assert points == [("imagenet", 32), ("none", 64), ("imagenet", 16)]
