"""Which configurations the probe times, how the lower precision gets ready beside, what follows."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hpsearch.execution import precision_probe, timing_probe
from hpsearch.execution.precision_probe import Timing, images_a_round, pays
from hpsearch.execution.side_process import quiet_environment
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.execution.template import WITHOUT_THREADS
from hpsearch.execution.timing_probe import TimingProbe
from hpsearch.spaces import Choice, Float, Space
from hpsearch.training.costs import Costs, FeaturesCost
from hpsearch.training.precision import BFLOAT16, FLOAT32, Arithmetic

FILTERS = Space((Choice("filters", (6, 12, 24)), Choice("optimizer", ("adam", "sgd", "rmsprop"))))
MIDDLE, SECOND, THIRD = (
    {"filters": 12, "optimizer": "adam"},
    {"filters": 24, "optimizer": "sgd"},
    {"filters": 6, "optimizer": "rmsprop"},
)
LONG = 1_000_000.0


class Probed:
    """Stands for models: each trains a second an epoch; bfloat16 is so many times as fast.

    Attributes:
        costed: The configurations that were timed in float32, in order.
        compared: Those that were timed in both arithmetics.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.costs: Costs | None = Costs(seconds_per_epoch=1.0, seconds_besides=1.5)
        self.gains = [2.0, 2.0, 2.0]
        self.loss = 2.0
        self.costed: list[dict[str, Any]] = []
        self.compared: list[dict[str, Any]] = []
        lower = [BFLOAT16]

        def costs_of(own: TimingProbe, values: dict[str, Any]) -> tuple[Costs | None, list[Any]]:
            self.costed.append(values)
            return self.costs, []

        def row(own: TimingProbe, values: dict[str, Any], *_: Any) -> list[Timing]:
            self.compared.append(values)
            gain = self.gains[len(self.compared) - 1]
            return [Timing(1.0, 2.0), Timing(1 / gain, self.loss)]

        monkeypatch.setattr(TimingProbe, "_costs_of", costs_of)
        monkeypatch.setattr(TimingProbe, "_row", row)
        monkeypatch.setattr(TimingProbe, "_batch_size", lambda own, values: 64)
        monkeypatch.setattr(timing_probe, "own_capability", lambda: None)
        monkeypatch.setattr(precision_probe, "lower_precisions", lambda capability: lower)
        monkeypatch.setattr(timing_probe, "clear", lambda: None)
        self.lower = lower


@pytest.fixture
def probed(monkeypatch: pytest.MonkeyPatch) -> Probed:
    return Probed(monkeypatch)


@pytest.fixture
def timed() -> TimingProbe:
    return TimingProbe(StudyPlan("s"), None, FILTERS, SimpleNamespace(num_train=1000))


def test_a_comparison_takes_a_tenth_of_the_training_at_most() -> None:
    """A configuration in two arithmetics takes 2 × (1.5 + 3 × 0.5) = 6 s: a tenth of 60 s."""
    assert [pays(1.5, 0.5, seconds) for seconds in (59, 60)] == [False, True]
    assert not pays(9.0, 0.5, 200)  # a model that takes long to trace


def test_a_round_is_as_long_as_the_time_and_the_loss_need() -> None:
    """1,024 images; 0.2 s of a slower model; four steps of the slowest."""
    rounds = [images_a_round(each, 32) for each in (0.0, 1e-5, 1e-3, 1.0)]
    assert rounds == [1024, 1024, 200, 128]


def test_the_middle_of_the_space_is_timed(timed: TimingProbe, probed: Probed) -> None:
    """The defaults are often the smallest, and small models gain least."""
    timed.measured(1, 60.0)
    assert probed.compared == [MIDDLE]


@pytest.mark.parametrize(
    ("gain", "loss", "compared"),
    [
        (2.0, 2.0, [MIDDLE]),
        (1.0, 2.0, [MIDDLE]),
        (1.2, 2.0, [MIDDLE, SECOND, THIRD]),  # 1.15 is enough, 1.2075 clearly so
        (1.1, 2.0, [MIDDLE, SECOND, THIRD]),  # from 1.095 down it is clearly not
        (2.0, 2.16, [MIDDLE, SECOND, THIRD]),  # 8 per cent more of a tolerated tenth
        (2.0, 2.6, [MIDDLE]),
    ],
)
def test_a_long_study_times_more_where_the_first_tells_too_little(
    timed: TimingProbe,
    probed: Probed,
    gain: float,
    loss: float,
    compared: Sequence[dict[str, Any]],
) -> None:
    """Close to what decides, another configuration may say the opposite."""
    probed.gains, probed.loss = [gain] * 3, loss
    timed.measured(LONG, LONG)
    assert probed.compared == compared
    assert probed.costed == compared


def test_it_stops_as_soon_as_it_is_clear(timed: TimingProbe, probed: Probed) -> None:
    """1.2 and 1.4 together: 2 s against 1.55 s, 1.29 times as fast."""
    probed.gains = [1.2, 1.4, 1.0]
    told = timed.measured(LONG, LONG)
    assert probed.compared == [MIDDLE, SECOND]
    assert told["arithmetic"]["gain"] == pytest.approx(2 / (1 / 1.2 + 1 / 1.4))


def test_a_short_study_times_one_even_if_that_tells_little(
    timed: TimingProbe, probed: Probed
) -> None:
    """It would wait for its probe longer than for some of its trials."""
    probed.gains = [1.2]
    told = timed.measured(1e-9, LONG)
    assert probed.compared == [MIDDLE]
    assert told["arithmetic"]["precision"] == BFLOAT16


def test_a_space_with_something_frozen_shows_all_its_bases(
    timed: TimingProbe, probed: Probed
) -> None:
    """What their features take on the disk is told before the study begins."""
    features = (FeaturesCost("block5_pool", 1000, 2.0, 5000),)
    probed.costs = Costs(1.0, 1.5, features)
    timed.measured(LONG, LONG)
    assert probed.costed == [MIDDLE, SECOND, THIRD]


def test_a_short_study_is_not_worth_measuring(timed: TimingProbe, probed: Probed) -> None:
    """The probe would take a good part of what it could save; the reason says so."""
    told = timed.measured(1, 20.0)
    assert told["arithmetic"]["precision"] == FLOAT32
    assert "too short" in told["arithmetic"]["reason"]
    assert told["seconds_per_epoch"] == 1.0
    assert probed.compared == []


def test_a_processor_without_lower_precision_says_so(timed: TimingProbe, probed: Probed) -> None:
    """However long the study is."""
    probed.lower.clear()
    told = timed.measured(LONG, LONG)
    assert told["arithmetic"] == asdict(Arithmetic(reason="this processor has nothing faster"))
    assert (probed.costed, probed.compared) == ([MIDDLE], [])


def test_what_is_faster_shortens_the_estimate(timed: TimingProbe, probed: Probed) -> None:
    """Twice as fast: half a second an epoch instead of one."""
    told = timed.measured(1, 60.0)
    assert (told["arithmetic"]["precision"], told["arithmetic"]["gain"]) == (BFLOAT16, 2.0)
    assert told["seconds_per_epoch"] == 0.5
    assert told["seconds_per_trial"] == 1.5


def test_nothing_is_compared_where_it_is_settled_how_to_compute(
    timed: TimingProbe, probed: Probed
) -> None:
    """Then one configuration tells how long trials take, in long studies too."""
    told = timed.measured(LONG, None)
    assert told["arithmetic"] is None
    assert told["seconds_per_epoch"] == 1.0
    assert (probed.costed, probed.compared) == ([MIDDLE], [])


def test_where_none_of_them_trains_the_defaults_are_timed(
    timed: TimingProbe, probed: Probed
) -> None:
    """They are what whoever wrote the space has tried."""
    probed.costs = None
    assert timed.measured(1, 60.0) == {}
    assert probed.costed[3:] == [FILTERS.defaults()]


def test_the_probe_meets_the_choices_in_turn() -> None:
    """They may make models of different kinds, which two random draws could miss."""
    kinds = Choice("weights", ("imagenet", "none"))
    sizes = Choice("units", (16, 32, 64), default=16)
    timed = TimingProbe(StudyPlan("s"), None, Space((kinds, sizes)), None)
    points = [(point["weights"], point["units"]) for point in timed.configurations()]
    assert points == [("imagenet", 32), ("none", 64), ("imagenet", 16)]


def test_the_first_configuration_is_the_middle_of_each_scale() -> None:
    """Of 1e-5 to 1e-1 on a logarithmic one 1e-3, whatever the default."""
    rate = Float("learning_rate", 1e-5, 1e-1, sampling="log", default=1e-5)
    timed = TimingProbe(StudyPlan("s"), None, Space((rate, Float("dropout", 0.0, 0.6))), None)
    first = next(iter(timed.configurations()))
    assert first == {"learning_rate": pytest.approx(1e-3), "dropout": pytest.approx(0.3)}


BESIDE = """
import json, sys
from pathlib import Path
from contextlib import ExitStack
from hpsearch.execution.forking import fork_beside
from hpsearch.execution.study_plan import DataRequest, StudyPlan, TrainingPlan
from hpsearch.execution.timing_probe import TimingProbe
from hpsearch.execution.trainer import Trainer
from hpsearch.data import source_of

folder = Path(sys.argv[1])
plan = StudyPlan(
    f"{folder / 'space.py'}:build",
    DataRequest(source_of(folder / "data.npz"), 0, 0.25),
    TrainingPlan(batch_size=16),
    seed=3,
)
with ExitStack() as stack:
    trainer = Trainer(fork_beside, stack, plan, 1)
    import tensorflow as tf
    from hpsearch.spaces import Space, load_space
    from hpsearch.training.arrays import make_arrays
    from hpsearch.training.costs import Costs
    from hpsearch.training.precision import Arithmetic
    from hpsearch.training.process import prepare_process

    prepare_process(1)
    space = load_space(plan.reference).space
    plan.data.bind(space)
    arrays = make_arrays(plan.data.load(space))
    pair = [Arithmetic(), Arithmetic("mixed_bfloat16")]
    losses = []
    for values in ({"rate": 0.1}, {"rate": 0.01}, {"rate": -1.0}, {"rate": 0.1}):
        for beside in (trainer, None):
            probe = TimingProbe(plan, space, Space(()), arrays, beside)
            probe._get_ready_beside(values, pair)
            costs, warm = probe._costs_of(values)
            row = probe._row(values, costs or Costs(1.0, 1.0), pair, warm)
            losses.append([[timing.loss, timing.rounded] for timing in row])
print(json.dumps(losses))
"""
SPACE = """
import keras

def build(hp):
    rate = hp.Float("rate", 0.01, 0.1)
    if rate < 0:
        raise ValueError("a rate below 0")
    print("built with", rate)
    layers = [keras.layers.Input((6, 6, 1)), keras.layers.Flatten(), keras.layers.Dropout(0.5)]
    model = keras.Sequential([*layers, keras.layers.Dense(2, activation="softmax")])
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.SGD(rate), loss, metrics=["accuracy"])
    return model
"""


@pytest.mark.slow
def test_what_gets_ready_beside_is_what_would_be_built_here(tmp_path: Path) -> None:
    """Equal losses from equal weights on equal images; what fails beside fails here, too."""
    numbers = np.random.default_rng(0)
    images, labels = numbers.random((128, 6, 6, 1), np.float32), numbers.integers(0, 2, 128)
    np.savez(tmp_path / "data.npz", x_train=images, y_train=labels)
    (tmp_path / "space.py").write_text(SPACE)
    told = subprocess.run(
        [sys.executable, "-c", BESIDE, str(tmp_path)],
        check=False,
        capture_output=True,
        text=True,
        env=quiet_environment() | WITHOUT_THREADS,
    )
    assert told.returncode == 0, told.stderr
    first, first_here, second, second_here, failed, failed_here, again, _ = json.loads(
        told.stdout.splitlines()[-1]
    )
    assert first == first_here
    assert second == second_here
    assert failed == failed_here == []
    assert again == first
    assert first != second
