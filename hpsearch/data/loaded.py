"""What a data set hands over once loaded, with the contract every data set follows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.preprocessing import Preprocessing
from hpsearch.problems import Problem

Progress: TypeAlias = Callable[[int, int], None]
"""Called now and then with (done, total), always from the thread that called the library."""


@dataclass(frozen=True, eq=False)
class Part:
    """One part of a split.

    Args:
        images: (n, height, width, channels), uint8 in 0..255, or float32 in 0..1 for data that
            was given as floats. Not yet preprocessed. May lie on disk (`Rows`, memory maps):
            read slices of it, or everything with `numpy.asarray`.
        labels: By problem: (n,), int64, from 0, for binary and one_label; (n, k), uint8, 0 or 1,
            for many_labels; (n,) or (n, k), float32, for regression.
        groups: (n,), int64: images of one number belong together (tracks, patients); None where
            nothing is known.
    """

    images: Any
    labels: NDArray[Any]
    groups: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Fold:
    """One division of a cross-validation.

    Args:
        train: Positions to train on, among the images of training and validation part behind
            each other, ascending.
        validation: All other positions, ascending.
        preprocessing: Fitted on those to train on only.
    """

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    preprocessing: Preprocessing


@dataclass(frozen=True, eq=False)
class LoadedData:
    """A data set in memory, split, with its preprocessing fitted.

    Args:
        train: Images to train on.
        validation: Images to compare trials on.
        test: Images kept apart until the very end; None where the source has none.
        num_classes: Number of classes, also those without an image.
        class_names: One name a class.
        fingerprint: Hex digest of images, labels and settings. The split is not part of it.
        split: Plain JSON that is enough to repeat the split, with its own ``hash``.
        source: Where the images came from, as a sentence for people.
        synthetic: True for the built-in signs: whatever is shown must say so.
        preprocessing: Fitted on ``train`` only.
        skipped: Number of bad images left out.
        problem: What a model is asked for.
        folds: For cross-validation; then ``train``, ``validation`` and ``preprocessing`` are those
            of the first of them. Empty for a single division.
    """

    train: Part
    validation: Part
    test: Part | None
    num_classes: int
    class_names: tuple[str, ...]
    fingerprint: str
    split: Mapping[str, Any]
    source: str
    synthetic: bool
    preprocessing: Preprocessing
    skipped: int = 0
    problem: Problem = "one_label"
    folds: tuple[Fold, ...] = ()


@runtime_checkable
class Dataset(Protocol):
    """What a search space names as its ``dataset``."""

    @property
    def name(self) -> str:
        """Short name, as in ``gtsrb``."""
        ...

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of every image, known before loading."""
        ...

    @property
    def num_classes(self) -> int:
        """Number of classes, known before loading."""
        ...

    @property
    def problem(self) -> Problem:
        """What a model is asked for."""
        ...

    def load(
        self,
        source: Path | None = None,
        *,
        seed: int = 0,
        validation_share: float | None = None,
        skip_bad: bool = False,
        progress: Progress | None = None,
    ) -> LoadedData:
        """Load, split and fit the preprocessing.

        Args:
            source: Folder or file to read; None for what the data set finds by itself.
            seed: Seed of the split.
            validation_share: Share of the training images kept for validation, inside (0, 1);
                None for the data set's own default.
            skip_bad: Leave out and count bad images, where otherwise the first one is an error.
            progress: Called with (done, total) images.

        Raises:
            DataError: The source cannot be used.
        """
        ...

    def settings(self) -> dict[str, Any]:
        """Everything that makes this data set what it is, as plain JSON."""
        ...
