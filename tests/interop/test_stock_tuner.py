"""`OptunaOracle` inside a stock `keras_tuner.Tuner` that trains real models."""

from __future__ import annotations

import json

import keras_tuner
import numpy as np
import pytest

from hpsearch.interop import OptunaOracle

pytestmark = pytest.mark.slow


def build(hp):
    """Learns whether the first number is positive; a second layer appears in some trials only."""
    import keras

    model = keras.Sequential([keras.Input((4,))])
    for layer in range(hp.Int("layers", 1, 3)):
        model.add(keras.layers.Dense(hp.Int(f"units_{layer}", 2, 64), activation="relu"))
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    name = hp.Choice("optimizer", ["adam", "sgd"])
    with hp.conditional_scope("optimizer", ["sgd"]):
        momentum = hp.Float("momentum", 0.1, 0.9)
    rate = hp.Float("learning_rate", 1e-4, 1e-1, sampling="log", default=1e-2)
    if name == "adam" and rate < 1e-3:
        raise ValueError("adam is too slow here")
    chosen = keras.optimizers.Adam(rate)
    if name == "sgd":
        chosen = keras.optimizers.SGD(rate, momentum=momentum)
    model.compile(chosen, "binary_crossentropy", metrics=["accuracy"])
    return model


def make_tuner(folder, max_trials):
    oracle = OptunaOracle("val_accuracy", max_trials, algorithm="random", seed=1)
    tuner = keras_tuner.Tuner(
        oracle=oracle, hypermodel=build, directory=str(folder), project_name="signs"
    )
    numbers = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    data = (numbers, (numbers[:, 0] > 0).astype("float32"))
    tuner.search(*data, validation_data=data, epochs=1, batch_size=64, verbose=0)
    return tuner


def test_a_stock_tuner_searches_records_fails_and_resumes(tmp_path):
    make_tuner(tmp_path, max_trials=5)
    tuner = make_tuner(tmp_path, max_trials=8)
    stored = {
        path.parent.name: json.loads(path.read_text())
        for path in tmp_path.glob("signs/trial_*/trial.json")
    }
    assert sorted(stored) == [f"trial_{i}" for i in range(8)]
    for entry in stored.values():
        check(entry)
    assert {entry["status"] for entry in stored.values()} == {"COMPLETED", "FAILED"}
    # The second layer's units were first met by a trial with two layers, not with the default 2.
    deep = [e["hyperparameters"]["values"] for e in stored.values()]
    first = next(values for values in deep if "units_1" in values)
    assert first["units_1"] != 2
    best = tuner.get_best_hyperparameters()[0]
    assert len(build(best).layers) == best["layers"] + 1


def check(entry):
    values = entry["hyperparameters"]["values"]
    assert {f"units_{layer}" for layer in range(values["layers"])} <= set(values)
    assert ("momentum" in values) == (values["optimizer"] == "sgd")
    fails = values["optimizer"] == "adam" and values["learning_rate"] < 1e-3
    assert entry["status"] == ("FAILED" if fails else "COMPLETED")
    assert (entry["score"] is None) == fails
