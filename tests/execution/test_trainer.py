"""A trainer's orders and answers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from hpsearch.data import source_of
from hpsearch.execution import trainer as trainer_module
from hpsearch.execution.launching import launch_plainly
from hpsearch.execution.study_plan import DataRequest, StudyPlan, TrainingPlan
from hpsearch.execution.trainer import Trainer

ECHOES = """
import json, sys
json.loads(sys.stdin.readline())
for line in sys.stdin:
    order = json.loads(line)
    number, told = order.pop("number"), {"order": order}
    if order == {"images": 3}:
        sys.exit(1)
    print("a builder prints this")
    print(json.dumps({"hpsearch": True, "number": number, **told}), flush=True)
"""
SPACE = """
import keras

def build(hp):
    print("building")
    units = hp.Int("units", 2, 8)
    layers = [keras.layers.Input((6, 6, 1)), keras.layers.Flatten()]
    model = keras.Sequential([*layers, keras.layers.Dense(units, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


@pytest.fixture
def echoing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stack: ExitStack) -> Trainer:
    """A stand-in that says what it was told, and dies when it is to train on three images."""
    (tmp_path / "echoes.py").write_text(ECHOES)
    before = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{before}")
    monkeypatch.setattr(trainer_module, "PROCESS", "echoes")
    return Trainer(launch_plainly, stack, StudyPlan("s"), 1)


def test_the_answer_is_that_to_the_last_order(echoing: Trainer) -> None:
    """Nobody may have waited for those before."""
    echoing.get_ready({"units": 2}, 16, "float32")
    echoing.train(64)
    echoing.train_for(0.5)
    assert echoing.answer() == {"order": {"seconds": 0.5}}


def test_one_that_has_died_answers_nothing(echoing: Trainer) -> None:
    """Neither to the order that ended it nor to any other."""
    echoing.train(3)
    assert echoing.answer() == {}
    for _ in range(3):
        echoing.train(1)
        assert echoing.answer() == {}


@pytest.mark.slow
def test_it_trains_what_it_has_made_ready(tmp_path: Path, stack: ExitStack) -> None:
    """Two units fit labels of 0 and 1; with none a model cannot be built, and the next can."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, 128)
    images = (generator.random((128, 6, 6, 1)) + labels[:, None, None, None]) / 2
    np.savez(tmp_path / "data.npz", x_train=images.astype(np.float32), y_train=labels)
    (tmp_path / "space.py").write_text(SPACE)
    data = DataRequest(source_of(tmp_path / "data.npz"), 0, 0.25)
    plan = StudyPlan(f"{tmp_path / 'space.py'}:build", data, TrainingPlan(batch_size=16))
    trainer = Trainer(launch_plainly, stack, plan, 1)
    trainer.get_ready({"units": 0}, 16, "float32")
    assert trainer.answer() == {}
    trainer.train(16)
    assert trainer.answer() == {}, "nothing is ready"
    trainer.get_ready({"units": 2}, 16, "float32")
    assert trainer.answer() == {"rounds_outputs": False}
    trainer.train(64)
    first = trainer.answer()
    assert first["images"] == 64
    assert first["seconds"] > 0
    trainer.train_for(0.2)
    told = trainer.answer()
    assert told["seconds"] >= 0.2
    assert told["images"] % 16 == 0
    trainer.train(64)
    assert trainer.answer()["loss"] < first["loss"]
