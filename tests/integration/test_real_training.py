"""Real networks on the built-in signs and on a user's arrays, through the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.storage import load

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

PLAIN_BUILD = '''"""An ordinary Keras Tuner builder."""
import keras


def build(hp):
    model = keras.Sequential([keras.layers.Input((8, 8, 1)), keras.layers.Flatten()])
    for layer in range(hp.Int("layers", 1, 2)):
        units = hp.Int(f"units_{layer}", 16, 64, step=16)
        model.add(keras.layers.Dense(units, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    rate = hp.Float("learning_rate", 1e-3, 1e-1, sampling="log", default=1e-2)
    optimizer = keras.optimizers.Adam(rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
'''


@pytest.mark.all
def test_coarse_fine_and_report_on_the_built_in_signs(tmp_path: Path, hpsearch: Any) -> None:
    """The way of a search from its first command to the page, at the smallest size."""
    small = ("--fix", "filters=6", "--fix", "batch_size=256", "--workers", 1, "--json")
    space = ("--space", "gtsrb_lenet", "--seed", 1)
    coarse = hpsearch(
        "coarse", *space, "--trials", 2, "--epochs", 1, *small, "--out", "c", timeout=200
    )
    assert coarse.status == 0, coarse.err
    assert coarse.json["trials"]["completed"] == 2
    assert "synthetic" in coarse.json["data"]
    assert "built-in synthetic signs" in coarse.err
    assert "hours" in coarse.err or "about" in coarse.err, "the plan says how long it will take"
    fine = hpsearch(
        "fine", "--from", "c", "--trials", 2, "--epochs", 2, *small, "--out", "f", timeout=200
    )
    assert fine.status == 0, fine.err
    assert fine.json["best"]["epoch"] <= 2
    shown = hpsearch("show", "f", "--json").json
    assert {trial["num_parameters"] for trial in shown["trials"]}.isdisjoint({None, 0})
    models = sorted(path.name for path in (tmp_path / "f" / "models").iterdir())
    assert models == ["trial-0000.keras", "trial-0001.keras"]
    page = Path(hpsearch("report", "c", "f", "--json").json["page"])
    text = (tmp_path / page).read_text(encoding="utf-8")
    assert "built-in synthetic signs" in text
    assert "optimistic" in text
    assert (tmp_path / "f" / "report" / "learning-curves.png").stat().st_size > 10_000
    assert (tmp_path / "f" / "trials.csv").read_text().count("\n") == 3


@pytest.mark.all
def test_same_seed_and_one_worker_give_the_same_scores(tmp_path: Path, hpsearch: Any) -> None:
    """Trained twice from nothing, every metric of every epoch agrees."""
    space, data = plain_builder(tmp_path)
    common = ("--space", f"{space}:build", "--data", data, "--trials", 3, "--epochs", 2)
    for out in ("a", "b"):
        done = hpsearch("coarse", *common, "--workers", 1, "--out", out)
        assert done.status == 0, done.err
    first, second = ([trial.history for trial in load(tmp_path / out).trials] for out in ("a", "b"))
    assert len(first) == 3
    assert all(len(history["val_accuracy"]) == 2 for history in first)
    assert first == second


def test_a_plain_builder_on_arrays_records_what_it_meets(tmp_path: Path, hpsearch: Any) -> None:
    """The second layer's units are met in the middle of the study and are on record."""
    space, data = plain_builder(tmp_path)
    common = ("--space", f"{space}:build", "--data", data, "--seed", 1, "--trials", 8)
    done = hpsearch("coarse", *common, "--epochs", 1, "--out", "c", "--json")
    assert done.status == 0, done.err
    assert "TensorFlow" not in done.err
    trials = hpsearch("show", "c", "--json").json["trials"]
    assert {trial["params"]["layers"] for trial in trials} == {1, 2}
    for trial in trials:
        has_second = trial["params"]["layers"] == 2
        assert ("units_1" in trial["params"]) == has_second
    model = json.loads((tmp_path / "c" / "space.json").read_text())["parameters"]
    assert [p["name"] for p in model] == ["layers", "units_0", "learning_rate", "units_1"]


def plain_builder(folder: Path) -> tuple[Path, Path]:
    """A builder file, and the first half of scikit-learn's digits as arrays."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = (digits.images[:900] / 16).astype(np.float32)
    np.savez(folder / "digits.npz", x=images, y=digits.target[:900])
    (folder / "plain.py").write_text(PLAIN_BUILD, encoding="utf-8")
    return folder / "plain.py", folder / "digits.npz"


@pytest.mark.parametrize(
    ("change", "flags", "message"),
    [
        (("(8, 8, 1)", "(28, 28, 3)"), (), "shape (28, 28, 3), but the images are (8, 8, 1)"),
        (("", ""), ("--objective", "val_f1"), "reports no 'val_f1', only accuracy, loss"),
    ],
)
def test_a_model_that_does_not_fit_is_refused_before_anything_is_written(
    tmp_path: Path, hpsearch: Any, change: tuple[str, str], flags: tuple[str, ...], message: str
) -> None:
    """Wrong input shape and unknown objective are seen by the probe."""
    space, data = plain_builder(tmp_path)
    space.write_text(space.read_text().replace(*change) if change[0] else space.read_text())
    done = hpsearch("coarse", "--space", f"{space}:build", "--data", data, *flags, "--out", "c")
    assert done.status == 2
    assert message in done.err
    assert not (tmp_path / "c").exists()
