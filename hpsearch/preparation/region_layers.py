"""Keras layers that choose a region of the image: the random crop, and the cutout."""

from __future__ import annotations

from typing import Any

import keras  # noqa: TID253  (this module is imported when a model is built)
import tensorflow as tf  # noqa: TID253

SMALLEST_SIDE, LARGEST_SIDE, CROP_SIDE = 256, 480, 224
"""Of VGG's training: the short side is drawn from the first two, the crop has the third."""


class RegionLayer(keras.layers.Layer):
    """A layer that changes training images at random; others stay as they are by default.

    Args:
        seed: Of the draws; None takes one from Keras's random state.
        **kwargs: Of a Keras layer.
    """

    def __init__(self, seed: int | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool = False) -> Any:
        return self.changed(images) if training else images

    def changed(self, images: Any) -> Any:
        """The images as training sees them this time."""
        raise NotImplementedError  # abstract

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}


@keras.saving.register_keras_serializable(package="hpsearch")
class RandomSizedCrop(RegionLayer):
    """A square cut out at random and brought to the size of the model, as VGG was trained.

    Simonyan and Zisserman, *Very deep convolutional networks for large-scale image
    recognition*, ICLR 2015: the short side L is drawn from [256, 480] and a random 224 crop is
    taken; scaled to a model of `size` pixels that is a square of 224/L of the short side. Out of
    training it is the square of 224/256 in the middle.

    Args:
        size: Side of the result in pixels.
        seed: Of the draws; None takes one from Keras's random state.
        **kwargs: Of a Keras layer.

    Input: (batch, height, width, channels). Output: (batch, size, size, channels).
    """

    def __init__(self, size: int, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        self.size = size

    def call(self, images: Any, training: bool = False) -> Any:
        count = tf.shape(images)[0]
        if training:
            drawn = keras.random.uniform((count, 3), seed=self.generator)
            side = SMALLEST_SIDE + drawn[:, 0] * (LARGEST_SIDE - SMALLEST_SIDE)
            share, place = CROP_SIDE / side, drawn[:, 1:]
        else:
            share = tf.fill([count], CROP_SIDE / SMALLEST_SIDE)
            place = tf.fill([count, 2], 0.5)
        boxes = _boxes(share, place, images.shape[1], images.shape[2])
        cut = tf.image.crop_and_resize(
            tf.cast(images, tf.float32), boxes, tf.range(count), (self.size, self.size)
        )
        return tf.cast(cut, images.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], self.size, self.size, input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}


def _boxes(share: Any, place: Any, height: int, width: int) -> Any:
    """Corners (y1, x1, y2, x2) in 0 to 1 of squares of a share of the short side."""
    short = min(height, width)
    extent = tf.stack([share * short / height, share * short / width], axis=1)
    start = tf.cast(place, tf.float32) * (1 - extent)
    return tf.concat([start, start + extent], axis=1)


@keras.saving.register_keras_serializable(package="hpsearch")
class Cutout(RegionLayer):
    """A square of 0 at a random place of each training image; whole images otherwise.

    DeVries and Taylor, *Improved regularization of convolutional neural networks with cutout*,
    2017. The centre may lie anywhere, so that the square may reach over the border.

    Args:
        share: Share of the image's area that the square has, above 0 and below 1.
        seed: Of the draws; None takes one from Keras's random state.
        **kwargs: Of a Keras layer.

    Input and output: (batch, height, width, channels).
    """

    def __init__(self, share: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        self.share = share

    def changed(self, images: Any) -> Any:
        height, width = images.shape[1:3]
        side = (self.share * height * width) ** 0.5
        centre = keras.random.uniform((tf.shape(images)[0], 2), seed=self.generator)
        rows = tf.abs(tf.range(height, dtype=tf.float32) + 0.5 - centre[:, :1] * height)
        columns = tf.abs(tf.range(width, dtype=tf.float32) + 0.5 - centre[:, 1:] * width)
        inside = (rows < side / 2)[:, :, None] & (columns < side / 2)[:, None, :]
        return tf.where(inside[..., None], tf.zeros_like(images), images)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "share": self.share}


GRID = 5
"""Places along a side at which displacements are drawn; between them they change smoothly."""


@keras.saving.register_keras_serializable(package="hpsearch")
class ElasticDeformation(RegionLayer):
    """Smooth random displacements of training images, as if drawn on rubber.

    Simard, Steinkraus and Platt, *Best practices for convolutional neural networks applied to
    visual document analysis*, ICDAR 2003. Displacements are drawn on a grid of 5×5 places and
    interpolated between them, instead of smoothing noise at every pixel; what comes from
    outside repeats the border. (Keras's own `RandomElasticTransform` smooths so little that
    strong deformations scatter single pixels.)

    Args:
        amount: Standard deviation of the displacements as a share of the image's side, 0 to 0.1;
            0.01 bends signs and digits a little, 0.03 visibly.
        seed: Of the draws; None takes one from Keras's random state.
        **kwargs: Of a Keras layer.

    Input and output: (batch, height, width, channels).
    """

    def __init__(self, amount: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        self.amount = amount

    def changed(self, images: Any) -> Any:
        height, width = images.shape[1:3]
        drawn = keras.random.normal((tf.shape(images)[0], GRID, GRID, 2), seed=self.generator)
        moved = tf.image.resize(drawn * self.amount, (height, width), method="bicubic")
        rows = tf.range(height, dtype=tf.float32)[:, None] + moved[..., 0] * height
        columns = tf.range(width, dtype=tf.float32)[None, :] + moved[..., 1] * width
        return tf.cast(_sampled(tf.cast(images, tf.float32), rows, columns), images.dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "amount": self.amount}


def _sampled(images: Any, rows: Any, columns: Any) -> Any:
    """Images at (batch, height, width) rows and columns, linear between four pixels."""
    height, width = images.shape[1:3]
    rows = tf.clip_by_value(rows, 0.0, height - 1.0)
    columns = tf.clip_by_value(columns, 0.0, width - 1.0)
    top, left = tf.floor(rows), tf.floor(columns)
    down, right = (rows - top)[..., None], (columns - left)[..., None]

    def at(row: Any, column: Any) -> Any:
        row = tf.minimum(tf.cast(row, tf.int32), height - 1)
        column = tf.minimum(tf.cast(column, tf.int32), width - 1)
        return tf.gather_nd(images, tf.stack([row, column], axis=-1), batch_dims=1)

    upper = at(top, left) * (1 - right) + at(top, left + 1) * right
    lower = at(top + 1, left) * (1 - right) + at(top + 1, left + 1) * right
    return upper * (1 - down) + lower * down
