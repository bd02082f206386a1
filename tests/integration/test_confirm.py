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


@pytest.mark.all
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


def write_digits(folder: Path) -> tuple[Any, Any]:
    """Digits and a space for them in a folder; the test images and their labels."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = (digits.images / 16).astype(np.float32)
    np.savez(
        folder / "digits.npz",
        x=images[:1200],
        y=digits.target[:1200],
        x_test=images[1200:],
        y_test=digits.target[1200:],
    )
    (folder / "linear.py").write_text(LEARNABLE, encoding="utf-8")
    return images[1200:], digits.target[1200:]


def digits_search(folder: Path, hpsearch: Any, *more: object) -> tuple[Any, Any]:
    """A coarse study of a linear model on digits; the test images and their labels."""
    test_part = write_digits(folder)
    data = ("--data", "digits.npz", "--trials", 2, "--epochs", 3)
    done = hpsearch("coarse", "--space", "linear.py", *data, "--out", "c", *more)
    assert done.status == 0, done.err
    return test_part


@pytest.mark.all
def test_the_test_split_is_looked_at_once_and_only_the_winner_is_kept(
    tmp_path: Path, hpsearch: Any
) -> None:
    """The seeds, all together and the retrained model in one look; a second run takes no other."""
    images, labels = digits_search(tmp_path, hpsearch, "--objective", "val_macro_f1")
    confirm = ("confirm", "--from", "c", "--top", 2, "--seeds", 3, "--epochs", 4, "--json")
    first = hpsearch(*confirm, "--retrain", "--multi-crop")
    assert first.status == 0, first.err
    facts = first.json["confirmation"]
    test = facts["test"]
    assert facts["objective"] == "val_macro_f1", "as in the coarse stage"
    assert test["num_images"] == 597
    assert test["single_models"]["count"] == 3
    assert test["looks_so_far"] == 1
    assert 0.7 < test["winner_model"]["low"] < test["winner_model"]["mean"] < 1
    over_crops = test["multi_crop"]
    assert (over_crops["crops"], over_crops["single_models"]["count"]) == (50, 3)
    assert 0.1 < over_crops["winner_model"]["mean"] < 1
    trials = [t for t in load(tmp_path / "confirm").trials if t.candidate == facts["winner"]]
    assert facts["retrained"]["used"], facts["retrained"]
    assert facts["retrained"]["epochs"] == sorted(t.best_epoch or 0 for t in trials)[1]
    assert facts["model"]["trained_on"] == "training and validation parts"
    assert hpsearch(*confirm).json["confirmation"] == facts
    ledger = (tmp_path / "test-looks.jsonl").read_text().splitlines()
    assert [json.loads(line)["study"] for line in ledger] == ["confirm"]
    seed_model = f"trial-{test['best_seed_model']['trial']:04d}.keras"
    kept = {path.name for path in (tmp_path / "confirm" / "models").iterdir()}
    assert kept == {seed_model, "winner.keras"}
    check_model(tmp_path, "winner.keras", images, labels, test["winner_model"])
    check_model(tmp_path, seed_model, images, labels, test["best_seed_model"])
    again = hpsearch("fine", "--from", "confirm")
    assert again.status == 2
    assert "--from c" in again.err, "the study that the candidates came from"


@pytest.mark.all
def test_models_that_cost_too_much_are_not_trained(tmp_path: Path, hpsearch: Any) -> None:
    """650 weights are more than 0.6k; what an objective may be called is told before training."""
    write_digits(tmp_path)
    arguments = ("coarse", "--space", "linear.py", "--data", "digits.npz", "--epochs", 1)
    tight = hpsearch(*arguments, "--trials", 2, "--max-params", "0.6k", "--out", "t", "--json")
    assert tight.status == 4
    assert {t.failure for t in load(tmp_path / "t").trials} == {"infeasible"}
    other = hpsearch(*arguments, "--max-params", "2k", "--out", "t")
    assert other.status == 2
    assert "--max-params was 600, now 2000" in other.err
    unknown = hpsearch(*arguments, "--objective", "val_f2", "--out", "u")
    assert unknown.status == 2
    assert "val_macro_f1" in unknown.err


def check_model(folder: Path, name: str, images: Any, labels: Any, scores: Any) -> None:
    """A kept model, loaded in this process, has the scores that were stated."""
    import keras
    from sklearn import metrics

    model = keras.saving.load_model(folder / "confirm" / "models" / name, compile=False)
    predicted = model.predict(images[..., None], verbose=0).argmax(axis=1)
    assert (predicted == labels).mean() == pytest.approx(scores["mean"], abs=1e-3)
    macro_f1 = metrics.f1_score(labels, predicted, average="macro")
    assert macro_f1 == pytest.approx(scores["macro_f1"]["mean"], abs=1e-3)
    assert scores["macro_f1"]["low"] < macro_f1 < scores["macro_f1"]["high"]
