"""What a saved model says of images, asked of a process of its own."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.image_paths import find_images
from hpsearch.errors import DataError
from hpsearch.execution.side_process import ask
from hpsearch.models.model_card import ModelCard, read_card


class Prediction(NamedTuple):
    """What a model says of one image.

    Args:
        image: The file; of an array its file and the position in it.
        values: Probabilities of the classes or labels, or the numbers of a regression.
    """

    image: str
    values: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Predicted:
    """Predictions in memory.

    Args:
        images: Names, as in `Prediction`.
        values: (n, k): a row for each image.
        class_names: One a column; none for regression.
        skipped: For each image that was left out, why.
    """

    images: tuple[str, ...]
    values: NDArray[np.float64]
    class_names: tuple[str, ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True)
class Predictions:
    """What a model says of some images.

    Args:
        card: What the model tells of itself.
        count: How many images were predicted.
        skipped: For each image that could not be read and was left out, why.
        num_crops: Crops an image; 1 for the whole image once.
        from_files: Whether there was an image file among them.
        file: One JSON object a line; gone when `predict_images` is left.
    """

    card: ModelCard
    count: int
    skipped: tuple[str, ...]
    num_crops: int
    from_files: bool
    file: Path

    def __iter__(self) -> Iterator[Prediction]:
        """The predictions in the order of the images, read one by one."""
        with self.file.open(encoding="utf-8") as lines:
            for line in lines:
                image, values = json.loads(line)
                yield Prediction(image, tuple(values))

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """One a probability; a number where the model knows more classes than its data had."""
        names = self.card.data.class_names
        count = len(next(iter(self)).values) if names else 0
        return tuple(names[n] if n < len(names) else str(n) for n in range(count))

    def collect(self) -> Predicted:
        """All of them, in memory."""
        images, values = zip(*self, strict=True)
        return Predicted(images, np.array(values), self.class_names, self.skipped)


@contextmanager
def predict_images(
    model: Path,
    images: Sequence[Path | str],
    *,
    multi_crop: bool = False,
    skip_bad: bool = False,
    space: str | None = None,
) -> Iterator[Predictions]:
    """Predict images with a saved model, prepared as they were in training.

    Images are read and predicted in batches, and what is said of them is kept in a temporary
    file: memory does not grow with their number. Nothing is handed out before all are predicted.

    Args:
        model: A `.keras` file that hpsearch saved.
        images: Image files, folders of them, or `.npz` files.
        multi_crop: Take the mean over crops at several scales; see `multi_crop_predict`.
        skip_bad: Leave out images that cannot be read; otherwise the first one is an error.
        space: Space file whose layers the model has; it is run.

    Raises:
        InputError: The model, the space or an image cannot be used.
        HpsearchError: The process died.
    """
    card = read_card(model)
    found = find_images(images)
    with tempfile.TemporaryDirectory(prefix="hpsearch-") as folder:
        target = Path(folder) / "predictions.jsonl"
        request = {
            "model": str(model),
            "images": [str(path) for path in found],
            "multi_crop": multi_crop,
            "skip_bad": skip_bad,
            "space": space,
            "target": str(target),
        }
        answer = _asked(request)
        yield Predictions(
            card,
            answer["count"],
            tuple(answer["skipped"]),
            answer["num_crops"],
            answer["from_files"],
            target,
        )


def _asked(request: dict[str, Any]) -> dict[str, Any]:
    answer = ask("hpsearch.execution.prediction_process", request, "Predicting")
    if not answer["count"]:
        raise DataError(f"None of the images can be read: {answer['skipped'][0]}")
    return answer
