"""The four-block network that the course trains from scratch on dogs and cats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from hpsearch.models.blocks import Block, widened
from hpsearch.models.heads import compiled
from hpsearch.models.inputs import ImageData, Preparation, image_input
from hpsearch.models.layers import convolutional_part, dense_dropout, dense_part, vector
from hpsearch.models.losses import target_of
from hpsearch.models.options import Options, read_options

FOUR_BLOCKS = (32, 64, 128, 128)
DEFAULTS: Options = {
    "conv_initializer": "glorot_uniform",
    "optimizer": "rmsprop",
    "learning_rate": 1e-4,
}


def convnet(
    dataset: ImageData,
    *,
    filters: Sequence[int] = FOUR_BLOCKS,
    kernel_size: int = 3,
    dense_units: int = 512,
    width: float = 1.0,
    preparation: Preparation | None = None,
    **options: Unpack[Options],
) -> Any:
    """A compiled network of four convolutions for small data (course, section 1).

    Chollet, *Deep Learning with Python*, first edition, section 5.2: 3×3 convolutions with valid
    padding, each followed by ReLU and 2×2 max pooling, then dropout (0.5 in his second network,
    none by default), one hidden dense layer, and the output; RMSprop at 1e-4. On 150×150×3
    images of two kinds it has 3,453,121 parameters. The course reaches 70 % on dogs and cats with
    it, and 82 % with augmentation.

    Args:
        dataset: What the model is for; its `image_shape`, `num_classes` and `problem`.
        filters: Filters of each block.
        kernel_size: Height and width of every kernel.
        dense_units: Units of the hidden dense layer.
        width: Multiplies filters and dense units, rounded, at least 1 each.
        preparation: Layers right behind the input; None for none.
        **options: See `Options`; `dropout` is that before the hidden dense layer.

    Returns:
        A compiled `keras.Model` from (batch, height, width, channels) float images, already
        preprocessed, to one probability an image for two classes, or what else the problem
        asks for.

    Raises:
        Infeasible: A kernel or a pool is larger than its map (four blocks need 46 pixels), or two
            options exclude each other.
        InputError: A name does not exist, or the loss contradicts the problem.
    """
    style, training = read_options(options, DEFAULTS, preparation)
    target = target_of(dataset, training.loss, training.label_smoothing)
    image, tensor = image_input(dataset, preparation, training.recipe)
    blocks = [Block(widened(own, width), kernel_size, padding="valid") for own in filters]
    tensor = vector(convolutional_part(tensor, style, blocks))
    tensor = dense_dropout(tensor, style)
    tensor = dense_part(tensor, style, [widened(dense_units, width)], is_dropped_after=False)
    return compiled(image, tensor, style, training, target, "convnet")
