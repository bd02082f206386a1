"""A folder like that of somebody who follows the documentation: data, spaces and studies."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

MY_SIGNS = '''"""A small space, under the name that the documentation gives its own."""
from hpsearch import Budget, SearchSpace
from hpsearch.data import Digits
from hpsearch.models import mlp


class MySigns(SearchSpace):
    dataset = Digits(scaling="unit")
    coarse = Budget(trials=2, epochs=1)

    def build(self, hp):
        return mlp(
            self.dataset,
            (8,),
            dropout=hp.Float("dropout", 0.0, 0.6),
            optimizer=hp.Choice("optimizer", ["adam", "sgd"]),
        )
'''
MY_MODEL = '''"""A builder for Keras Tuner, for images of any size and number of classes."""
import keras


def build(hp):
    model = keras.Sequential(
        [
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(hp.Int("units", 4, 8), activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
'''
MY_SPACE = '''"""A space that takes its images from --data."""
from hpsearch import Budget, SearchSpace
from hpsearch.data import FolderDataset
from hpsearch.models import mlp


class MySpace(SearchSpace):
    dataset = FolderDataset(image_size=8)
    coarse = Budget(trials=2, epochs=1)

    def build(self, hp):
        return mlp(self.dataset, (hp.Int("units", 4, 8),))
'''
MY_DATA = '''"""Digits as arrays."""
from sklearn.datasets import load_digits


def load():
    digits = load_digits()
    return digits.images[..., None] / 16, digits.target
'''
POINTS = '''"""Points in the plane."""
from hpsearch import SearchSpace
from hpsearch.data import Spirals
from hpsearch.models import mlp


class Points(SearchSpace):
    dataset = Spirals(points=20, test_points=5)

    def build(self, hp):
        return mlp(self.dataset, [8], l2=hp.Float("l2", 1e-5, 1e-1, sampling="log"))
'''
SETUP = "export CUDA_VISIBLE_DEVICES=-1\n"
STUDIES = (
    "coarse --space digits_mlp --trials 2 --epochs 1 --workers 1",
    "fine --from results/coarse --trials 2 --epochs 1 --workers 1",
    "confirm --from results/fine --top 1 --seeds 2 --epochs 1 --workers 2",
)
"""The studies that commands refer to, each in the directory that it has by default."""


def write_files(folder: Path) -> None:
    """Photos, arrays, builders and spaces, by the names that the documentation uses."""
    (folder / "search_spaces").mkdir()
    (folder / "search_spaces" / "my_signs.py").write_text(MY_SIGNS, encoding="utf-8")
    (folder / "my_model.py").write_text(MY_MODEL, encoding="utf-8")
    (folder / "my_space.py").write_text(MY_SPACE, encoding="utf-8")
    (folder / "my_data.py").write_text(MY_DATA, encoding="utf-8")
    (folder / "points.py").write_text(POINTS, encoding="utf-8")
    (folder / "setup.sh").write_text(SETUP, encoding="utf-8")
    np.savez(folder / "three.npz", x=load_digits().images[:3] / 16)
    write_photos(folder / "photos", ("cat", "dog"), 10)
    random = np.random.default_rng(1)
    _write_photo(folder / "new-photos" / "new.png", random)
    _write_photo(folder / "photo.jpg", random)


def write_photos(folder: Path, kinds: Sequence[str], count: int) -> None:
    """Small photos of noise, so many of each kind."""
    random = np.random.default_rng(0)
    for kind in kinds:
        for number in range(count):
            _write_photo(folder / kind / f"{number}.png", random)


def _write_photo(file: Path, random: np.random.Generator) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = random.integers(0, 256, (12, 12, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(file)


def environment(**more: str) -> dict[str, str]:
    """That of the tests without the settings of whoever runs them."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("HPSEARCH_")}
    return {**inherited, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", **more}


def hpsearch(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run hpsearch in a folder, with these variables in its environment."""
    return subprocess.run(
        [sys.executable, "-m", "hpsearch", *words],
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
