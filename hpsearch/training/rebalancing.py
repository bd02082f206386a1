"""Evening out classes of unequal sizes, in training only."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.errors import DataError, InputError


def class_numbers(labels: Any) -> NDArray[np.int64]:
    """The class of each training image, for what evens out classes.

    Args:
        labels: The labels of a data set.

    Raises:
        InputError: They are not one class an image.
    """
    values = np.asarray(labels)
    if values.ndim != 1 or values.dtype.kind not in "iu":
        raise InputError(
            "The recipe rebalances classes, but the labels are not one class an image.",
            "Give rebalance='none' for regression and for several labels an image.",
        )
    return values.astype(np.int64)


def oversampled(classes: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
    """Positions of all images, and of images drawn again until each class has as many.

    As imbalanced-learn's `RandomOverSampler`: with replacement, evenly within a class.

    Args:
        classes: (n,) the class of each image.
        random: What is drawn from.

    Returns:
        (k · size of the largest class,) positions, not shuffled; the first n are 0 to n − 1.
    """
    members = [np.flatnonzero(classes == each) for each in np.unique(classes)]
    largest = max(map(len, members))
    again = [random.choice(own, largest - len(own)) for own in members]
    return np.concatenate([np.arange(len(classes)), *again])


def class_weights(classes: NDArray[np.int64]) -> NDArray[np.float32]:
    """The weight of each class in the training loss: n / (k · n_c).

    scikit-learn's `balanced` (King and Zeng 2001): over the training images the mean weight is 1.

    Args:
        classes: (n,) the class of each image.

    Returns:
        (highest class + 1,); a class without images, which is none of the k, has 0.
    """
    counts = np.bincount(classes)
    present = counts > 0
    weights = np.zeros(len(counts), np.float32)
    weights[present] = len(classes) / (present.sum() * counts[present])
    return weights


def synthesized(
    images: NDArray[np.float32], classes: NDArray[np.int64], seed: int, neighbours: int = 5
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """What SMOTE adds: points between images of one class and their neighbours of that class.

    By imbalanced-learn, on flattened values. A class of fewer than `neighbours` + 1 images is
    synthesized from as many neighbours as it has.

    Args:
        images: (n, …) pixels or features.
        classes: (n,) the class of each.
        seed: Of what is drawn.
        neighbours: Of each image, within its class, 1 or more.

    Returns:
        (m, …) new images and their (m,) classes, so many that all classes are as large as the
        largest.

    Raises:
        DataError: A class has one image only.
        InputError: imbalanced-learn is not installed.
    """
    counts = np.bincount(classes)
    largest = int(counts.max())
    small = [int(c) for c in np.flatnonzero(counts) if counts[c] < largest]
    _check_pairs(counts, small)
    flat = images.reshape(len(images), -1)
    made: list[Any] = [(flat[:0], classes[:0])]
    for own in sorted({min(neighbours, int(counts[c]) - 1) for c in small}):
        wanted = {c: largest for c in small if min(neighbours, int(counts[c]) - 1) == own}
        more, named = _smote(wanted, own, seed).fit_resample(flat, classes)
        made.append((more[len(flat) :], named[len(flat) :]))
    added = np.concatenate([points for points, _ in made]).reshape(-1, *images.shape[1:])
    return added.astype(np.float32), np.concatenate([named for _, named in made])


def _check_pairs(counts: NDArray[np.int64], small: list[int]) -> None:
    lonely = [c for c in small if counts[c] < 2]
    if lonely:
        raise DataError(
            f"SMOTE puts images between two of one class, but class {lonely[0]} has one "
            "training image.",
            "Add images of it, leave the class out, or give rebalance='oversample'.",
        )


def _smote(wanted: dict[int, int], neighbours: int, seed: int) -> Any:
    try:
        from imblearn.over_sampling import SMOTE
    except ImportError as error:
        raise InputError(
            "rebalance='smote' needs imbalanced-learn, which is not installed.",
            'Install it with: pip install "hpsearch[imbalance]".',
        ) from error
    return SMOTE(sampling_strategy=wanted, k_neighbors=neighbours, random_state=seed % 2**32)
