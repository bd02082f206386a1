"""When the probe measures how to compute, and what follows for the estimated time."""

from __future__ import annotations

from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import pytest

from hpsearch.execution import probe_process
from hpsearch.execution.precision_probe import Timing, affordable, images_a_round
from hpsearch.execution.probe_process import _Timed
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.spaces import Choice, Float, Space
from hpsearch.training.costs import Costs
from hpsearch.training.precision import BFLOAT16, Arithmetic

CHOSEN = Arithmetic(BFLOAT16, gain=2.0, reason="measured")
FILTERS = Space((Choice("filters", (6, 12, 24)), Choice("optimizer", ("adam", "sgd", "rmsprop"))))


class Probed:
    """Stands for models: each trains a second an epoch, and bfloat16 is always twice as fast.

    Attributes:
        costed: The configurations that were timed in float32, in order.
        compared: Those that were timed in both arithmetics.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.costs: Costs | None = Costs(seconds_per_epoch=1.0, seconds_besides=1.5)
        self.costed: list[dict[str, Any]] = []
        self.compared: list[dict[str, Any]] = []

        def costs_of(timed: _Timed, values: dict[str, Any]) -> tuple[Costs | None, list[Any]]:
            self.costed.append(values)
            return self.costs, []

        def all_of(timed: _Timed, values: dict[str, Any], *_: Any) -> list[Timing]:
            self.compared.append(values)
            return [Timing(1.0, 2.0)]

        def choose(time_all: Any, capability: None) -> Arithmetic:
            time_all([Arithmetic(), Arithmetic(BFLOAT16)])
            return CHOSEN

        monkeypatch.setattr(_Timed, "_costs_of", costs_of)
        monkeypatch.setattr(_Timed, "_all_of", all_of)
        monkeypatch.setattr(_Timed, "_batch_size", lambda timed, values: 64)
        monkeypatch.setattr(probe_process, "own_capability", lambda: None)
        monkeypatch.setattr(probe_process, "choose_arithmetic", choose)
        monkeypatch.setattr(probe_process, "clear", lambda: None)


@pytest.fixture
def probed(monkeypatch: pytest.MonkeyPatch) -> Probed:
    return Probed(monkeypatch)


@pytest.fixture
def timed() -> _Timed:
    return _Timed(StudyPlan("s"), None, FILTERS, SimpleNamespace(num_train=1000))


def test_a_probe_takes_a_small_part_of_the_training() -> None:
    """A configuration in two arithmetics takes 2 × (1.5 + 3 × 0.5) = 6 s: a tenth of 60 s; three
    take 18 s: a thousandth of 18,000 s."""
    lengths = (59, 60, 17_999, 18_000)
    assert [affordable(1.5, 0.5, seconds, 3) for seconds in lengths] == [0, 1, 1, 3]
    assert affordable(9.0, 0.5, 200, 3) == 0  # a model that takes long to trace


def test_a_round_is_as_long_as_the_time_and_the_loss_need() -> None:
    """1,024 images; 0.2 s of a slower model; four steps of the slowest."""
    rounds = [images_a_round(each, 32) for each in (0.0, 1e-5, 1e-3, 1.0)]
    assert rounds == [1024, 1024, 200, 128]


def test_shorter_studies_time_the_middle_of_the_space(timed: _Timed, probed: Probed) -> None:
    """The defaults are often the smallest, and small models gain least."""
    timed.measured(1, 60.0)
    assert probed.compared == [{"filters": 12, "optimizer": "adam"}]
    timed.measured(1, 18_000.0)
    assert probed.compared[2:] == [
        {"filters": 24, "optimizer": "sgd"},
        {"filters": 6, "optimizer": "rmsprop"},
    ]


def test_a_short_study_is_not_worth_measuring(timed: _Timed, probed: Probed) -> None:
    """The probe would take a good part of what it could save; the reason says so."""
    told = timed.measured(1, 20.0)
    assert told["arithmetic"]["precision"] == "float32"
    assert "too short" in told["arithmetic"]["reason"]
    assert told["seconds_per_epoch"] == 1.0
    assert probed.compared == []


def test_what_is_faster_shortens_the_estimate(timed: _Timed, probed: Probed) -> None:
    """Twice as fast: half a second an epoch instead of one."""
    told = timed.measured(1, 60.0)
    assert told["arithmetic"] == asdict(CHOSEN)
    assert told["seconds_per_epoch"] == 0.5
    assert told["seconds_per_trial"] == 1.5


def test_nothing_is_compared_where_it_is_settled_how_to_compute(
    timed: _Timed, probed: Probed
) -> None:
    told = timed.measured(1, None)
    assert told["arithmetic"] is None
    assert told["seconds_per_epoch"] == 1.0
    assert probed.compared == []


@pytest.mark.parametrize(("trials", "timed_ones"), [(1_000_000, 3), (1e-9, 1)])
def test_more_configurations_than_one_are_timed_only_where_that_is_little(
    timed: _Timed, probed: Probed, trials: float, timed_ones: int
) -> None:
    """A study of a few short trials would wait for its probe longer than for some of them."""
    timed.measured(trials, None)
    assert len(probed.costed) == timed_ones


def test_where_none_of_them_trains_the_defaults_are_timed(timed: _Timed, probed: Probed) -> None:
    """They are what whoever wrote the space has tried."""
    probed.costs = None
    assert timed.measured(1, 60.0) == {}
    assert probed.costed[3:] == [FILTERS.defaults()]


def test_the_probe_meets_the_choices_in_turn() -> None:
    """They may make models of different kinds, which two random draws could miss."""
    kinds = Choice("weights", ("imagenet", "none"))
    sizes = Choice("units", (16, 32, 64), default=16)
    timed = _Timed(StudyPlan("s"), None, Space((kinds, sizes)), None)
    points = [(point["weights"], point["units"]) for point in timed.configurations()]
    assert points == [("imagenet", 32), ("none", 64), ("imagenet", 16)]


def test_the_first_configuration_is_the_middle_of_each_scale() -> None:
    """Of 1e-5 to 1e-1 on a logarithmic one 1e-3, whatever the default."""
    rate = Float("learning_rate", 1e-5, 1e-1, sampling="log", default=1e-5)
    timed = _Timed(StudyPlan("s"), None, Space((rate, Float("dropout", 0.0, 0.6))), None)
    first = next(iter(timed.configurations()))
    assert first == {"learning_rate": pytest.approx(1e-3), "dropout": pytest.approx(0.3)}
