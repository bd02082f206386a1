"""The images and labels of a study as a process that trains holds them, once for all its trials."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.counting import amount_of_bytes, bytes_in
from hpsearch.data import Fold, LoadedData, Part, Preprocessing
from hpsearch.data.draws import Draw
from hpsearch.data.rows import joined
from hpsearch.errors import Infeasible
from hpsearch.training.process import machine_memory

MEMORY_SHARE = 0.25
"""Of the machine's memory, for the images of one process; more are read from disk."""
PREPARED_SHARE = 0.25
"""Of that, for images that are preprocessed once, which takes four times the bytes."""
FLOAT_BYTES = 4


@dataclass(frozen=True, eq=False)
class TrainingArrays:
    """What a trial trains on and is judged by.

    Small sets are preprocessed once, as float32. Larger ones stay as they are stored, bytes
    mostly, and are preprocessed batch by batch inside the compiled step: a fourth of the memory,
    for an eighth more time with the small network of the case study, less with larger ones. What
    is larger still is read from disk, batch by batch. All three give the same results to the bit.

    Args:
        x_train: (n, height, width, channels) tensor of uint8 or float32; an array or memory map
            where batches are read from disk.
        y_train: (n,) int32 tensor of classes, or float32 (n,) or (n, k) for other problems.
        x_validation: (m, height, width, channels), likewise.
        y_validation: (m,) or (m, k), likewise.
        preprocessing: That of the data set; None for none.
        is_prepared: Whether it has been applied to the images already.
        folds: For cross-validation: who trains and who validates, by positions in the images of
            both parts, which are then held once: `x_train` and `x_validation` are the same.
        draw: Which of the training images are trained on; None for each of them once.
    """

    x_train: Any
    y_train: Any
    x_validation: Any
    y_validation: Any
    preprocessing: Preprocessing | None = None
    is_prepared: bool = False
    folds: tuple[Fold, ...] = ()
    draw: Draw | None = None

    @property
    def num_train(self) -> int:
        """Number of images to train on, with folds those of both parts."""
        return int(self.x_train.shape[0])

    @property
    def num_validation(self) -> int:
        """Number of images to validate on, likewise."""
        return int(self.x_validation.shape[0])

    def positions(self, place: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Which images are trained on and which are validated on in a fold; 0 without folds."""
        if self.folds:
            train, validation = self.folds[place].train, self.folds[place].validation
        else:
            train, validation = np.arange(self.num_train), np.arange(self.num_validation)
        if self.draw is not None:
            train = self.draw.positions(train, self.y_train)
        return train, validation


def make_arrays(data: LoadedData) -> TrainingArrays:
    """Hand the training and validation part to TensorFlow, or leave them on disk."""
    if data.folds:
        return _pooled_arrays(data)
    return _arrays(data, data.train, data.validation)


def _pooled_arrays(data: LoadedData) -> TrainingArrays:
    """Both parts held once for all folds.

    Statistics differ from fold to fold: images that need some are prepared batch by batch.
    """
    pool = _together(data)
    arrays = _arrays(data, pool, Part(pool.images[:0], pool.labels[:0]), data.folds)
    return replace(arrays, x_validation=arrays.x_train, y_validation=arrays.y_train)


def make_joint_arrays(data: LoadedData) -> TrainingArrays:
    """Training and validation part together to train on, preprocessed as always; none to validate.

    The statistics of the preprocessing stay those of the training part.
    """
    both = _together(data)
    return _arrays(data, both, Part(both.images[:0], both.labels[:0]))


def _together(data: LoadedData) -> Part:
    """Training and validation part behind each other."""
    parts = (data.train, data.validation)
    return Part(
        joined([part.images for part in parts]),
        np.concatenate([part.labels for part in parts]),
    )


def memory_limit() -> int:
    """Bytes of images that one process holds.

    ``$HPSEARCH_MEMORY``, as 500M or 4G, or a quarter of the machine's memory.

    Raises:
        InputError: The variable is no amount of memory.
    """
    text = os.environ.get("HPSEARCH_MEMORY", "")
    if not text:
        return int((machine_memory() or 4 << 30) * MEMORY_SHARE)
    return bytes_in(text, "$HPSEARCH_MEMORY")


def check_room(num_bytes: int, purpose: str) -> None:
    """Refuse images that a recipe would add beyond what one process holds.

    Args:
        num_bytes: Of all training images, those there are already included.
        purpose: What they are for, as the message begins.

    Raises:
        Infeasible: They are more; the message names both amounts.
    """
    limit = memory_limit()
    if num_bytes > limit:
        raise Infeasible(
            f"{purpose} need {amount_of_bytes(num_bytes)} of memory; one process may hold "
            f"{amount_of_bytes(limit)} of images.",
            "Take fewer or smaller images, or set $HPSEARCH_MEMORY.",
        )


def _arrays(
    data: LoadedData, train: Part, validation: Part, folds: tuple[Fold, ...] = ()
) -> TrainingArrays:
    values = sum(int(np.prod(part.images.shape)) for part in (train, validation))
    stored = train.images.nbytes + validation.images.nbytes
    once = FLOAT_BYTES * values <= PREPARED_SHARE * memory_limit()
    once = once and not (folds and data.preprocessing.offset)
    x_train, x_validation = (
        _images(part, data.preprocessing if once else None, stored <= memory_limit())
        for part in (train, validation)
    )
    y_train, y_validation = _labels(train), _labels(validation)
    preprocessing = data.preprocessing
    return TrainingArrays(
        x_train, y_train, x_validation, y_validation, preprocessing, is_prepared=once, folds=folds
    )


def _images(part: Part, preprocessing: Preprocessing | None, keep: bool) -> Any:
    import tensorflow as tf

    if preprocessing is not None:
        return tf.constant(preprocessing.apply(np.asarray(part.images)))
    return tf.constant(np.asarray(part.images)) if keep else part.images


def _labels(part: Part) -> Any:
    import tensorflow as tf

    labels = np.asarray(part.labels)
    classes = labels.ndim == 1 and labels.dtype.kind == "i"
    return tf.constant(labels, tf.int32 if classes else tf.float32)
