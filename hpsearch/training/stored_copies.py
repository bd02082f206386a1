"""Augmented copies of the training images, made once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from hpsearch.errors import InputError
from hpsearch.models.input_range import LARGEST_UNIT
from hpsearch.preparation import Augmentation
from hpsearch.training.arrays import TrainingArrays

BATCH = 256


def augmented_copies(
    arrays: TrainingArrays, count: int, augmentation: Augmentation, seed: int
) -> Any:
    """Copies of all training images, each drawn for itself.

    They are rounded to bytes, as image files would be, so that they are the same whether the
    process holds bytes or floats.

    Args:
        arrays: Its training images are in 0..255 or 0..1; they are left as they are.
        count: Copies of each image, 1 or more.
        augmentation: What is done to them.
        seed: Of what is drawn.

    Returns:
        (count · n, height, width, channels) tensor of their type and range: all images once, then
        all a second time, ….

    Raises:
        InputError: The data set has scaled its images, so that black and white are not known.
    """
    import tensorflow as tf

    largest = _white(arrays)
    images = arrays.x_train
    with _python_random(seed):  # Keras takes the seeds of layers from there
        layers = augmentation.layers(int(images.shape[-1]))

    def augment(batch: Any) -> Any:
        values = tf.cast(batch, tf.float32) / largest
        for layer in layers:
            values = layer(values, training=True)
        rounded = tf.round(tf.clip_by_value(values, 0.0, 1.0) * 255)
        unit = 1.0 if largest == 255 else np.float32(1 / 255)
        return tf.cast(rounded * unit, images.dtype)

    compiled = tf.function(augment, reduce_retracing=True, autograph=False)
    starts = range(0, arrays.num_train, BATCH)
    return tf.concat(
        [compiled(images[at : at + BATCH]) for _ in range(count) for at in starts], axis=0
    )


def _white(arrays: TrainingArrays) -> float:
    """The value of white in the images as they are held."""
    kind = "unit" if arrays.preprocessing is None else arrays.preprocessing.kind
    if kind not in ("unit", "none"):
        raise InputError(
            f"Augmented copies are made of images as they are stored, but the data set scales "
            f"them ('{kind}').",
            "Give it scaling='unit' and standardize by the normalization of a Preparation.",
        )
    is_unit = arrays.x_train.dtype != np.uint8 and np.max(arrays.x_train) <= LARGEST_UNIT
    return 1.0 if is_unit else 255.0


@contextmanager
def _python_random(seed: int) -> Iterator[None]:
    """Python's own generator as this seed begins; afterwards as it was."""
    before = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before)
