"""Early stopping of real trainings, through the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.storage import load
from tests.integration.test_failures import kill_tree, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

BUILDER = '''"""A dense layer on separable data: only the learning rate decides."""
import time

import keras


def build(hp):
    time.sleep(1)  # so that there is time to kill
    rate = hp.Float("learning_rate", 1e-7, 1e-1, sampling="log", default=1e-2)
    layers = [keras.layers.Input((4, 4, 1)), keras.layers.Flatten()]
    model = keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])
    optimizer = keras.optimizers.Adam(rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
'''


def write_inputs(folder: Path) -> tuple[Path, Path]:
    """A space file and data in which one pixel in ten tells the class."""
    space, data = folder / "dense.py", folder / "pixels.npz"
    space.write_text(BUILDER, encoding="utf-8")
    generator = np.random.default_rng(0)
    labels = np.arange(400) % 10
    images = generator.integers(0, 120, (400, 16), dtype=np.uint8)
    images[np.arange(400), labels] = 220
    np.savez(data, x=images.reshape(400, 4, 4, 1), y=labels)
    return space, data


@pytest.mark.all
def test_asha_stops_bad_learning_rates_the_same_after_a_kill(
    tmp_path: Path, hpsearch: Any, start: Any
) -> None:
    """Budget, states and histories are right; a killed and continued study has the same ones."""
    space, data = write_inputs(tmp_path)
    asked = ("coarse", "--space", f"{space}:build", "--data", data, "--workers", 1)
    search = ("--trials", 9, "--epochs", 4, "--pruner", "asha", "--algorithm", "random")
    done = hpsearch(*asked, *search, "--out", "whole", "--json", timeout=180)
    assert done.status == 0, done.err
    trials = load(tmp_path / "whole").trials
    stopped = [t for t in trials if t.state == "pruned"]
    complete = [t for t in trials if t.state == "complete"]
    assert done.json["trials"] == {"completed": len(complete), "pruned": len(stopped), "failed": 0}
    assert len(stopped) + len(complete) == 9
    assert stopped, "of nine rates some are too small to learn anything"
    assert {t.epochs for t in complete} == {4}
    assert {(t.epochs, *t.rungs) for t in stopped} == {(2, 2)}
    assert all(t.value == max(t.history["val_accuracy"]) for t in stopped)
    rates = [
        float(np.mean([np.log10(t.params["learning_rate"]) for t in group]))
        for group in (stopped, complete)
    ]
    assert rates[0] < rates[1], "the slow ones are stopped"
    assert done.json["best"]["number"] in {t.number for t in complete}
    assert f"{len(stopped)} pruned" in done.err

    process = start(*asked, *search, "--out", tmp_path / "killed")
    wait_for(lambda: num_finished(tmp_path / "killed") >= 5, seconds=180)
    kill_tree(process.pid, tmp_path / "killed")
    changed = [{"asha": "none"}.get(word, word) for word in search]
    other = hpsearch(*asked, *changed, "--out", "killed")
    assert other.status == 2
    assert "--pruner was asha, now none" in other.err
    again = hpsearch(*asked, *search, "--out", "killed", "--json", timeout=180)
    assert again.status == 0, again.err
    assert again.json["trials"] == done.json["trials"]
    continued = {t.index: t for t in load(tmp_path / "killed").trials if t.failure != "lost"}
    assert [(continued[t.index].state, continued[t.index].history) for t in trials] == [
        (t.state, t.history) for t in trials
    ]


def num_finished(directory: Path) -> int:
    """Finished trials of a study that may not exist yet."""
    if not (directory / "study.json").is_file():
        return -1
    return sum(trial.is_finished for trial in load(directory).trials)


@pytest.mark.all
def test_a_builder_that_returns_numbers_is_never_stopped(
    tmp_path: Path, hpsearch: Any, fast_space: Path
) -> None:
    """It has no epochs to save, whatever the pruner; the plan names it and its rungs."""
    search = ("--trials", 10, "--epochs", 12, "--pruner", "median", "--json")
    plan = hpsearch("coarse", "--space", fast_space, *search, "--out", "c", "--dry-run")
    assert plan.json["pruner"] == {
        "pruner": "median",
        "rungs": [2, 4, 6, 8],
        "reason": "as asked",
    }
    done = hpsearch("coarse", "--space", fast_space, *search, "--out", "c")
    assert done.json["trials"] == {"completed": 10, "pruned": 0, "failed": 0}
