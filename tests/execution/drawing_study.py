"""A study whose models draw random numbers and remember, for tests of what a stop keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hpsearch.execution.study_plan import DataRequest, PruningPlan, StudyPlan, TrainingPlan
from hpsearch.spaces import Float, Space
from hpsearch.storage import RunDirectory, StudyStore
from hpsearch.storage.atomic import write_json
from tests.conftest import facts

SPACE = '''"""Augmentation, dropout, batch statistics; `filters` is met while trials run."""
import keras


def build(hp):
    rate = hp.Float("rate", 1e-3, 1e-1, sampling="log")
    model = keras.Sequential([
        keras.layers.Input((8, 8, 1)),
        keras.layers.RandomTranslation(0.1, 0.1),
        keras.layers.Conv2D(hp.Int("filters", 2, 64), 3, activation="relu"),
        keras.layers.BatchNormalization(),
        keras.layers.Flatten(),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(2, activation="softmax"),
    ])
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    return model
'''


def make_drawing_study(
    folder: Path, *, epochs: int = 6, images: int = 96, folds: int = 1, **training: Any
) -> RunDirectory:
    """A study of one hyperparameter, so far; its data and its space lie beside it.

    Args:
        folder: Where to make all of it.
        epochs: Most epochs a trial.
        images: Number of images, 8×8, of two classes that differ in brightness.
        folds: Folds of a cross-validation; 1 for none.
        training: Further fields of the training plan.
    """
    folder.mkdir()
    (folder / "drawing.py").write_text(SPACE, encoding="utf-8")
    generator = np.random.default_rng(0)
    y = generator.integers(0, 2, images)
    x = np.clip(generator.normal(0.4 + 0.2 * y[:, None, None], 0.3, (images, 8, 8)), 0, 1)
    np.savez(folder / "images.npz", x=x.astype(np.float32), y=y)
    plan = StudyPlan(
        str(folder / "drawing.py"),
        DataRequest(str(folder / "images.npz"), folds=folds),
        TrainingPlan(epochs=epochs, batch_size=8, **training),
        pruning=PruningPlan("median", (2, 4)),
    )
    run = RunDirectory(folder / "study")
    run.make()
    write_json(run.space_file, Space((Float("rate", 1e-3, 1e-1, sampling="log"),)).to_json())
    StudyStore(run, create=True)
    run.write_study(facts("study", plan=plan.to_json(), budget={"trials": 1}))
    return run
