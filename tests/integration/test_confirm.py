"""Confirm: fresh seeds, a race, one look at the test split."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.storage import load

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

NOISY = '''"""Scores with noise from the training seed: mean 1 - (x - 0.3)², deviation 0.01."""
import numpy as np


def build(hp):
    x = hp.Float("x", 0.0, 1.0, default=0.9)
    return 1 - (x - 0.3) ** 2 + float(np.random.normal(0, 0.01))
'''

LEARNABLE = '''"""A softmax regression on small images."""
import keras


def build(hp):
    model = keras.Sequential([
        keras.layers.Input((8, 8, 1)),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax"),
    ])
    rate = hp.Choice("rate", [0.01, 0.03])
    optimizer = keras.optimizers.Adam(rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
'''


def test_the_race_gives_up_the_defaults_and_says_what_tuning_gained(
    tmp_path: Path, hpsearch: Any
) -> None:
    """The defaults are 0.36 worse, thirty deviations: out at the first look, after 3 seeds."""
    (tmp_path / "noisy.py").write_text(NOISY, encoding="utf-8")
    coarse = ("coarse", "--space", "noisy.py", "--trials", 12, "--out", "c", "--json")
    searched = hpsearch(*coarse).json["best"]
    done = hpsearch("confirm", "--from", "c", "--top", 1, "--seeds", 8, "--json")
    assert done.status == 0, done.err
    facts = done.json["confirmation"]
    winner, defaults = facts["candidates"]
    assert winner["params"] == searched["params"]
    assert (winner["is_default"], defaults["is_default"]) == (False, True)
    assert defaults["params"] == {"x": 0.9}
    assert winner["seeds"] == 8
    assert defaults["given_up_after"] == 3
    true_gain = 0.36 - (winner["params"]["x"] - 0.3) ** 2
    assert facts["gain_over_defaults"]["mean"] == pytest.approx(true_gain, abs=0.03)
    assert facts["test"] is None, "there is no data, hence no test split"
    trials = load(tmp_path / "confirm").trials
    assert len({trial.seed for trial in trials}) == len(trials)
    assert {t.seed for t in trials}.isdisjoint({t.seed for t in load(tmp_path / "c").trials})


def test_the_test_split_is_looked_at_once_and_entered_in_the_ledger(
    tmp_path: Path, hpsearch: Any
) -> None:
    """Accuracy of one model, of the mean, of all together; a second run looks no second time."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = (digits.images / 16).astype(np.float32)
    np.savez(
        tmp_path / "digits.npz",
        x=images[:1200],
        y=digits.target[:1200],
        x_test=images[1200:],
        y_test=digits.target[1200:],
    )
    (tmp_path / "linear.py").write_text(LEARNABLE, encoding="utf-8")
    data = ("--data", "digits.npz", "--trials", 2, "--epochs", 3)
    assert hpsearch("coarse", "--space", "linear.py", *data, "--out", "c").status == 0
    confirm = ("confirm", "--from", "c", "--top", 2, "--seeds", 3, "--epochs", 4, "--json")
    first = hpsearch(*confirm)
    assert first.status == 0, first.err
    test = first.json["confirmation"]["test"]
    assert test["num_images"] == 597
    assert test["single_models"]["count"] == 3
    assert test["looks_so_far"] == 1
    assert 0.7 < test["winner_model"]["low"] < test["winner_model"]["mean"] < 1
    again = hpsearch(*confirm).json["confirmation"]
    assert again == first.json["confirmation"]
    ledger = (tmp_path / "test-looks.jsonl").read_text().splitlines()
    assert [json.loads(line)["study"] for line in ledger] == ["confirm"]
    check_winner(tmp_path, images[1200:], digits.target[1200:], test["winner_model"]["mean"])


def check_winner(folder: Path, images: Any, labels: Any, accuracy: float) -> None:
    """The kept model, loaded in this process, has the accuracy that was stated."""
    import keras

    model = keras.saving.load_model(folder / "confirm" / "models" / "winner.keras")
    predicted = model.predict(images[..., None], verbose=0).argmax(axis=1)
    assert (predicted == labels).mean() == pytest.approx(accuracy, abs=1e-3)
