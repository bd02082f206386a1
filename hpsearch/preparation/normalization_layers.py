"""Keras layers that even out images: by the training set, by the image, by the neighbourhood."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras  # noqa: TID253  (this module is imported when a model is built)
import numpy as np
from keras import ops  # noqa: TID253

from hpsearch.data.statistics import statistics_of_batches


@keras.saving.register_keras_serializable(package="hpsearch")
class TrainingScaling(keras.layers.Layer):
    """Shift and scale every channel by statistics of the training images.

    - `center`: less its mean.
    - `standardize`: less its mean, divided by its deviation (the population's, as
      scikit-learn's `StandardScaler` has it).
    - `standardize_all`: the same with one mean and one deviation for all channels together, which
      keeps the differences between them.
    - `min_max`: from lowest and highest value to 0 and 1, as scikit-learn's `MinMaxScaler`;
      other images may go beyond.

    A channel that never changes is only shifted. Before `adapt` the layer changes nothing; the
    statistics are weights, so they are saved with the model.

    Args:
        kind: One of these.
        **kwargs: Of a Keras layer.

    Input and output: (batch, height, width, channels).
    """

    def __init__(self, kind: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = kind
        self.is_adapted = False

    def build(self, input_shape: Any) -> None:
        shape = (input_shape[-1],)
        self.offset = self.add_weight(
            shape=shape, initializer="zeros", trainable=False, name="offset"
        )
        self.divisor = self.add_weight(
            shape=shape, initializer="ones", trainable=False, name="divisor"
        )

    def adapt(self, batches: Iterable[Any]) -> None:
        """Take the statistics of the training images.

        Args:
            batches: Each (n, height, width, channels), as a `tf.data.Dataset` gives them.
        """
        found = statistics_of_batches(batches)
        mean, deviation, low, high = (np.asarray(values) for values in found)
        if self.kind == "standardize_all":
            overall = mean.mean()
            spread = np.sqrt((deviation**2 + (mean - overall) ** 2).mean())
            mean, deviation = np.full_like(mean, overall), np.full_like(mean, spread)
        offset, divisor = {
            "center": (mean, np.ones_like(mean)),
            "standardize": (mean, deviation),
            "standardize_all": (mean, deviation),
            "min_max": (low, high - low),
        }[self.kind]
        self.offset.assign(offset)
        self.divisor.assign(np.where(divisor > 0, divisor, 1.0))
        self.is_adapted = True

    def call(self, images: Any) -> Any:
        values = images - ops.cast(self.offset, images.dtype)
        return values / ops.cast(self.divisor, images.dtype)

    def load_own_variables(self, store: Any) -> None:
        super().load_own_variables(store)
        self.is_adapted = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kind": self.kind}


@keras.saving.register_keras_serializable(package="hpsearch")
class ImageStandardization(keras.layers.Layer):
    """Every image to mean 0 and deviation 1 over all its pixels and channels.

    Takes away differences of brightness and contrast between images. The deviation is held
    above 1/√n of a byte's step (n values an image), so that an even image becomes 0 and not
    noise, as TensorFlow's `tf.image.per_image_standardization` does.

    Input and output: (batch, height, width, channels); input in 0 to 1.
    """

    def call(self, images: Any) -> Any:
        values = ops.cast(images, "float32")
        axes = (1, 2, 3)
        centred = values - ops.mean(values, axis=axes, keepdims=True)
        deviation = ops.sqrt(ops.mean(ops.square(centred), axis=axes, keepdims=True))
        floor = 1 / (255 * float(np.sqrt(np.prod(images.shape[1:]))))
        return ops.cast(centred / ops.maximum(deviation, floor), images.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape)


@keras.saving.register_keras_serializable(package="hpsearch")
class LocalContrastNormalization(keras.layers.Layer):
    """Every place of a map against its neighbourhood: its mean taken off, its contrast divided out.

    Jarrett, Kavukcuoglu, Ranzato and LeCun, *What is the best multi-stage architecture for
    object recognition?*, ICCV 2009: a Gaussian window over all channels gives the local mean
    and, of what is left, the local deviation; the divisor is never below the mean deviation of
    the image. Useful on images as well as on feature maps.

    Args:
        window: Side of the window in places; odd, 3 or more.
        **kwargs: Of a Keras layer.

    Input and output: (batch, height, width, channels).

    Raises:
        ValueError: `window` is even or below 3.
    """

    def __init__(self, window: int = 9, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if window < 3 or window % 2 == 0:
            raise ValueError(f"The window is {window}; expected an odd number of 3 or more.")
        self.window = window
        places = np.arange(window) - window // 2
        bell = np.exp(-(places**2) / (2 * (window / 4) ** 2))
        kernel = np.outer(bell, bell)
        self._kernel = (kernel / kernel.sum()).astype("float32")[:, :, None, None]

    def call(self, maps: Any) -> Any:
        values = ops.cast(maps, "float32")
        reach = self._smooth(ops.ones_like(values[..., :1]))  # less than 1 at the border
        mean = self._smooth(ops.mean(values, axis=-1, keepdims=True)) / reach
        centred = values - mean
        square = ops.mean(ops.square(centred), axis=-1, keepdims=True)
        deviation = ops.sqrt(ops.maximum(self._smooth(square) / reach, 0.0))
        floor = ops.mean(deviation, axis=(1, 2, 3), keepdims=True)
        divisor = ops.maximum(ops.maximum(deviation, floor), 1e-4)
        return ops.cast(centred / divisor, maps.dtype)

    def _smooth(self, one_channel: Any) -> Any:
        return ops.conv(one_channel, self._kernel, padding="same", data_format="channels_last")

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "window": self.window}
