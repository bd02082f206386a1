"""The Keras layer that brings images to the form a pretrained network was trained on."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

SCALINGS = ("caffe", "tf", "torch")
CHANNELS = 3


@keras.saving.register_keras_serializable(package="hpsearch")
class PretrainedScaling(keras.layers.Layer):
    """Images in 0..1 as `keras.applications` feeds them to a network; one channel becomes three.

    Args:
        scaling: `caffe` (0..255, blue, green, red, less the mean of each channel in ImageNet),
            `tf` (-1..1) or `torch` (red, green, blue, standardized by ImageNet's means and
            deviations).
        **kwargs: As of every Keras layer.
    """

    def __init__(self, scaling: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if scaling not in SCALINGS:
            raise ValueError(f"No scaling '{scaling}'; expected one of {', '.join(SCALINGS)}.")
        self.scaling = scaling

    def call(self, images: Any) -> Any:
        from keras.applications import imagenet_utils

        if images.shape[-1] == 1:
            images = ops.repeat(images, CHANNELS, axis=-1)
        return imagenet_utils.preprocess_input(255 * images, mode=self.scaling)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], CHANNELS)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scaling": self.scaling}
