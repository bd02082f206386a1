"""Made-up predictions of made-up images, kept as those of a study's winner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hpsearch.analysis.winner_view import write_winner_view
from hpsearch.data.loaded import LoadedData, Part
from hpsearch.data.preprocessing import Preprocessing
from hpsearch.execution.view_making import PredictedPart, view_of_predictions
from hpsearch.problems import Problem
from hpsearch.storage import RunDirectory


def loaded(
    problem: Problem,
    train: Any,
    validation: Any,
    names: tuple[str, ...] = (),
    shape: tuple[int, ...] = (6, 6, 3),
) -> LoadedData:
    """Data with these labels and random images."""
    random = np.random.default_rng(0)
    parts = [
        Part(random.integers(0, 256, (len(labels), *shape), np.uint8), np.asarray(labels))
        for labels in (train, validation)
    ]
    return LoadedData(
        *parts,
        test=None,
        num_classes=len(names),
        class_names=names,
        fingerprint="f",
        split={},
        source="made up",
        synthetic=False,
        preprocessing=Preprocessing("unit"),
        problem=problem,
    )


def keep_view(
    directory: Path, data: LoadedData, values: Any, trial: int | None = 0, part: str = "validation"
) -> None:
    """Keep predictions of all validation images, in their order, as those of a trial."""
    positions = np.arange(len(data.validation))
    predicted = PredictedPart(part, data.validation, positions, np.asarray(values, np.float64))
    view = view_of_predictions("model", trial, data, predicted)
    write_winner_view(RunDirectory(directory).winner_view_file, view)


def sure(truth: Any, num_classes: int, probability: float = 0.9) -> Any:
    """Probabilities of images that are all said to be of these classes."""
    rest = (1 - probability) / max(1, num_classes - 1)
    values = np.full((len(truth), num_classes), rest)
    values[np.arange(len(truth)), truth] = probability
    return values
