"""A model trained on files is used on files; every kind of problem has test scores."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import hpsearch as library
from hpsearch.data import FolderDataset
from hpsearch.storage import load

pytestmark = [pytest.mark.slow, pytest.mark.all, pytest.mark.timeout(400)]

SPACE = '''"""Small networks on photos."""

from hpsearch import Budget, SearchSpace
from hpsearch.data import FolderDataset
from hpsearch.models import mlp


class Photos(SearchSpace):
    dataset = FolderDataset(image_size=12, color_space="yuv", scaling="standardize")
    coarse = Budget(trials=2, epochs=2)
    confirm = Budget(top=1, seeds=2, epochs=2)

    def build(self, hp):
        rate = hp.Float("learning_rate", 0.003, 0.03, sampling="log")
        return mlp(self.dataset, (8,), learning_rate=rate)
'''


def photos(root: Path, count: int = 60) -> list[tuple[str, int]]:
    """Noisy photos of different sizes with their brightness; half of them JPEG."""
    random = np.random.default_rng(0)
    made = []
    for number in range(count):
        value, size = int(random.integers(0, 256)), random.integers(9, 40, 2)
        pixels = np.clip(value + random.normal(0, 20, (*size, 3)), 0, 255).astype(np.uint8)
        name = f"{number}{'.jpg' if number % 2 else '.png'}"
        Image.fromarray(pixels).save(root / name)
        made.append((name, value))
    return made


def write_table(folder: Path, labels: dict[str, str]) -> None:
    """Photos in a folder with a table; labels by name of the file."""
    with (folder / "table.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("path", "label"), *labels.items()])


def test_predictions_of_files_are_those_of_training(tmp_path: Path, hpsearch: Any) -> None:
    """By the command and from Python; the winner of all that lies in the folder."""
    import keras

    (tmp_path / "space.py").write_text(SPACE, encoding="utf-8")
    (tmp_path / "in").mkdir()
    for name, value in photos(tmp_path / "in"):
        target = tmp_path / "photos" / ("dark" if value < 128 else "light") / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).rename(target)
    done = hpsearch("coarse", "--space", "space.py", "--data", "photos", "--out", "r/coarse")
    assert done.status == 0, done.err
    view = load(tmp_path / "r" / "coarse")
    data = FolderDataset(
        tmp_path / "photos", image_size=12, color_space="yuv", scaling="standardize"
    ).load(seed=view.facts["plan"]["data"]["seed"])
    rows = data.validation.images
    listed = FolderDataset(tmp_path / "photos").files().files
    files = [listed[position].path for position in rows.positions]
    asked = hpsearch("predict", "r", *files, "--json")
    assert asked.status == 0, asked.err
    assert asked.err == "", "nothing of what TensorFlow logs"
    answer = asked.json
    assert view.best is not None
    assert answer["model"]["trial"] == view.best.number
    model = keras.saving.load_model(tmp_path / answer["model"]["file"], compile=False)
    wanted = model.predict(data.preprocessing.apply(np.asarray(rows)), verbose=0)
    said = np.array([image["probabilities"] for image in answer["images"]])
    np.testing.assert_allclose(said, wanted, atol=1e-6)
    right = [image["class"] == Path(image["image"]).parent.name for image in answer["images"]]
    assert np.mean(right) == pytest.approx(view.best.value, abs=1e-6)
    predicted = library.predict(tmp_path / "r", files)
    np.testing.assert_array_equal(predicted.values, said)
    (tmp_path / "zero.png").touch()
    bad = hpsearch("predict", "r", files[0], "zero.png")
    assert bad.status == 2
    assert bad.out == ""
    assert "zero.png cannot be read (it is empty)" in bad.err
    left_out = hpsearch("predict", "r", files[0], "zero.png", "--skip-bad", "--json")
    assert (left_out.status, left_out.json["count"]) == (0, 1)


@pytest.mark.parametrize("problem", ["regression", "many_labels"])
def test_values_and_labels_are_scored_on_the_test_split(
    tmp_path: Path, hpsearch: Any, problem: str
) -> None:
    """Once, over whole images and crops; show, report and predict know what to do with them."""
    (tmp_path / "space.py").write_text(SPACE, encoding="utf-8")
    made = photos(tmp_path)
    if problem == "regression":
        labels = {name: f"{value / 100:.2f}" for name, value in made}
        metric, others = "mse", {"mae", "r2"}
    else:
        labels = {name: "photo|bright" if value > 100 else "photo" for name, value in made}
        metric, others = "micro_f1", {"macro_f1", "subset_accuracy", "mean_auc"}
    write_table(tmp_path, labels)
    flags = ("--space", "space.py", "--data", "table.csv", "--objective", "val_loss")
    assert hpsearch("coarse", *flags, "--out", "r/coarse").status == 0
    done = hpsearch("confirm", "--from", "r/coarse", "--multi-crop", "--json")
    assert done.status == 0, done.err
    test = done.json["confirmation"]["test"]
    assert (test["metric"], test["num_images"], test["looks_so_far"]) == (metric, 12, 1)
    assert others <= set(test["winner_model"])
    assert test["winner_model"]["low"] <= test["winner_model"]["mean"]
    assert test["multi_crop"]["crops"] == 50
    assert test["multi_crop"]["single_models"]["count"] == 2
    assert hpsearch("show", "r/confirm").status == 0
    assert hpsearch("report", "r").status == 0
    said = hpsearch("predict", "r", "0.png", "--json").json["images"][0]
    assert set(said) >= ({"values"} if problem == "regression" else {"labels", "probabilities"})
