"""The images and labels of a study as tensors, preprocessed once for all its trials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hpsearch.data import LoadedData, Part


@dataclass(frozen=True, eq=False)
class TrainingArrays:
    """What a trial trains on and is judged by.

    Args:
        x_train: (n, height, width, channels) float32 tensor, preprocessed.
        y_train: (n,) int tensor.
        x_validation: (m, height, width, channels) float32 tensor, preprocessed.
        y_validation: (m,) int tensor.
    """

    x_train: Any
    y_train: Any
    x_validation: Any
    y_validation: Any

    @property
    def num_train(self) -> int:
        """Number of training images."""
        return int(self.x_train.shape[0])


def make_arrays(data: LoadedData) -> TrainingArrays:
    """Preprocess the training and validation parts and hand them to TensorFlow."""
    x_train, y_train = _tensors(data, data.train)
    x_validation, y_validation = _tensors(data, data.validation)
    return TrainingArrays(x_train, y_train, x_validation, y_validation)


def make_joint_arrays(data: LoadedData) -> TrainingArrays:
    """Training and validation part together to train on, preprocessed as always; none to validate.

    The statistics of the preprocessing stay those of the training part.
    """
    parts = (data.train, data.validation)
    both = Part(
        np.concatenate([np.asarray(part.images) for part in parts]),
        np.concatenate([part.labels for part in parts]),
    )
    images, labels = _tensors(data, both)
    return TrainingArrays(images, labels, images[:0], labels[:0])


def _tensors(data: LoadedData, part: Part) -> tuple[Any, Any]:
    import tensorflow as tf

    images = data.preprocessing.apply(np.asarray(part.images))
    return tf.constant(images, tf.float32), tf.constant(part.labels, tf.int32)
