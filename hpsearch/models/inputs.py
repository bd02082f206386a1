"""What a model needs to know of its data: the shape of an image and the number of classes."""

from __future__ import annotations

from typing import Any, Protocol


class ImageData(Protocol):
    """Anything a model can be built for; every data set of `hpsearch.data` is."""

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        ...

    @property
    def num_classes(self) -> int:
        """Number of classes, 2 or more."""
        ...


def image_input(dataset: ImageData) -> Any:
    """The input of a model: (batch, height, width, channels), float32, already preprocessed."""
    import keras

    return keras.Input(shape=tuple(dataset.image_shape), name="image")
