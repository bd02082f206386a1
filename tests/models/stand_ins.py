"""Data sets as models see them, and what tests ask of a model."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from hpsearch.models import ImageData

SIGNS: Any = SimpleNamespace(image_shape=(32, 32, 3), num_classes=43)
MNIST: Any = SimpleNamespace(image_shape=(28, 28, 1), num_classes=10)
TINY: Any = SimpleNamespace(image_shape=(12, 12, 1), num_classes=3)


def images(height: int, width: int, channels: int, classes: int, problem: str) -> ImageData:
    """A data set of that shape and problem."""
    return SimpleNamespace(
        image_shape=(height, width, channels), num_classes=classes, problem=problem
    )


def layer_shapes(model: Any, kind: str) -> list[tuple[int, ...]]:
    """The output shape of every layer of that kind, without the batch."""
    return [tuple(x.output.shape[1:]) for x in model.layers if type(x).__name__ == kind]


def names(model: Any) -> list[str]:
    """Names of the layers in order, the input left out."""
    return [layer.name for layer in model.layers[1:]]


def kernels(model: Any) -> list[Any]:
    """The kernels of all layers."""
    return [np.asarray(w) for w in model.trainable_weights if w.name == "kernel"]


def write_vgg16(file: Path, *, seed: int) -> Path:
    """Write random weights of VGG16's base in the form of the published ones."""
    return write_base("VGG16", file, seed=seed)


def write_base(name: str, file: Path, *, seed: int) -> Path:
    """The same of any network in `keras.applications`."""
    import keras

    keras.utils.set_random_seed(seed)
    make = getattr(keras.applications, name)
    base = make(include_top=False, weights=None, input_shape=(32, 32, 3))
    base.save_weights(file)
    return file
