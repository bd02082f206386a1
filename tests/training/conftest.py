"""A tiny learnable data set and a tiny model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest


@pytest.fixture(scope="session")
def arrays() -> Any:
    """Ninety-six 6×6 images of two classes that differ in brightness, and 32 to validate."""
    import tensorflow as tf

    from hpsearch.training.arrays import TrainingArrays

    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, 128)
    images = generator.normal(size=(128, 6, 6, 1)) + (2.0 * labels - 1)[:, None, None, None]
    x, y = tf.constant(images, tf.float32), tf.constant(labels, tf.int32)
    return TrainingArrays(x[:96], y[:96], x[96:], y[96:])


def build(hp: Any) -> Any:
    """One convolution, dropout, a softmax; the learning rate is searched."""
    import keras

    rate = hp.Float("learning_rate", 1e-4, 1.0, sampling="log", default=1e-2)
    model = keras.Sequential(
        [
            keras.layers.Input((6, 6, 1)),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
