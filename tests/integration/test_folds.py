"""Cross-validation through the command line, on scikit-learn's digits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.storage import load

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SPACE = '''"""A small network on the digits."""
import keras

from hpsearch import SearchSpace
from hpsearch.data import Digits


class Small(SearchSpace):
    dataset = Digits(scaling="standardize")

    def build(self, hp):
        layers = [keras.layers.Flatten(), keras.layers.Dense(hp.Choice("units", [8, 32]), "relu")]
        model = keras.Sequential([keras.layers.Input(self.dataset.image_shape), *layers])
        model.add(keras.layers.Dense(10, activation="softmax"))
        rate = hp.Float("learning_rate", 1e-3, 1e-1, sampling="log", default=1e-2)
        loss = "sparse_categorical_crossentropy"
        model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
        return model
'''


@pytest.fixture
def space(tmp_path: Path) -> Path:
    path = tmp_path / "small.py"
    path.write_text(SPACE, encoding="utf-8")
    return path


@pytest.mark.all
@pytest.mark.timeout(300)
def test_trials_are_compared_by_the_mean_over_folds(
    tmp_path: Path, space: Path, hpsearch: Any
) -> None:
    """Two trials of two epochs on three folds; another number of folds is another study."""
    asked = ("coarse", "--space", space, "--trials", 2, "--epochs", 2, "--out", "c")
    done = hpsearch(*asked, "--folds", 3, "--workers", 1)
    assert done.status == 0, done.err
    assert "trains 3 models in lockstep and takes 3 times as long" in done.err
    assert "over 3 folds" in done.out
    trials = load(tmp_path / "c").trials
    for trial in trials:
        assert len(trial.fold_values) == 3
        assert trial.value == pytest.approx(np.mean(trial.fold_values))
        assert trial.value == max(trial.history["val_accuracy"])
        assert len(trial.history["val_accuracy"]) == 2
    other = hpsearch(*asked, "--folds", 4)
    assert other.status == 2
    assert "--folds was 3, now 4" in other.err


@pytest.mark.all
def test_later_stages_divide_as_the_first(tmp_path: Path, space: Path, hpsearch: Any) -> None:
    """Fine and confirm train with the same folds; the test split is looked at as ever."""
    common = ("--workers", 1, "--epochs", 2)
    small = ("--trials", 2, *common)
    assert hpsearch("coarse", "--space", space, *small, "--folds", 3, "--out", "c").status == 0
    assert hpsearch("fine", "--from", "c", *small, "--out", "f").status == 0
    chosen = ("--top", 1, "--seeds", 3, "--retrain")
    done = hpsearch("confirm", "--from", "f", *chosen, *common, "--out", "k", "--json")
    assert done.status == 0, done.err
    splits = [(tmp_path / out / "split.json").read_text(encoding="utf-8") for out in "cfk"]
    assert splits[0] == splits[1] == splits[2]
    assert all(
        len(trial.fold_values) == 3 for out in "cfk" for trial in load(tmp_path / out).trials
    )
    confirmation = load(tmp_path / "k").confirmation
    assert confirmation is not None
    assert confirmation["test"]["num_images"] == 360
    seeds = {trial.seed for trial in load(tmp_path / "k").trials}
    assert len(seeds) >= 3
