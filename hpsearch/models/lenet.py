"""LeNet in the forms of the course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Unpack

from hpsearch.errors import InputError
from hpsearch.models.blocks import Block, Size, after_block, after_convolutions, widened
from hpsearch.models.heads import compiled
from hpsearch.models.inputs import ImageData, Preparation, image_input
from hpsearch.models.layers import convolutional_part, dense_part, vector
from hpsearch.models.losses import target_of
from hpsearch.models.options import Options, read_options

_VALID_LAYERS = 2


def lenet(
    dataset: ImageData,
    *,
    num_conv_layers: int = 2,
    filters: int = 6,
    kernel_size: int = 5,
    dense_units: int | Sequence[int] = 120,
    width: float = 1.0,
    is_pooled_first: bool = True,
    preparation: Preparation | None = None,
    **options: Unpack[Options],
) -> Any:
    """A compiled LeNet; the defaults are network 1 of the course's case study (section 6).

    Convolutions with valid padding, each followed by 2×2 max pooling and its activation, then
    hidden dense layers, each followed by dropout, and the output. Layers beyond the second have
    same padding, and pooling ends before the map would vanish, so that depth alone never makes a
    configuration infeasible. On 32×32×3 images of 43 classes network 1 has 56,195 parameters;
    `width=2` (or `filters=12, dense_units=240`) is network 2 with 213,147. `dense_units=(120, 84)`
    is the form of LeCun et al. 1998, with 44,426 on 28×28×1 images of 10 classes.

    Args:
        dataset: What the model is for; its `image_shape`, `num_classes` and `problem`.
        num_conv_layers: Number of convolutions, 1 or more; the course has 2 to 4.
        filters: Filters of the first convolution; each later one has 8/3 as many, rounded
            (6 → 16, 12 → 32).
        kernel_size: Height and width of every kernel.
        dense_units: Units of the hidden dense layer, or of several.
        width: Multiplies filters and dense units, rounded, at least 1 each.
        is_pooled_first: Whether pooling comes before normalization and activation, as in the
            case study. Without batch normalization and with a rising activation max pooling gives
            the same either way.
        preparation: Layers right behind the input; None for none.
        **options: See `Options`.

    Returns:
        A compiled `keras.Model` from (batch, height, width, channels) float images, already
        preprocessed, to (batch, num_classes) probabilities, or what else the problem asks for.

    Raises:
        Infeasible: A kernel is larger than its map, or two options exclude each other.
        InputError: There is no initializer, optimizer, … of that name, or the loss contradicts
            the problem.
    """
    if num_conv_layers < 1:
        raise InputError(f"num_conv_layers is {num_conv_layers}; expected 1 or more.")
    style, training = read_options(options, preparation=preparation)
    target = target_of(dataset, training.loss, training.label_smoothing)
    image, tensor = image_input(dataset, preparation, training.recipe)
    block = Block(
        widened(filters, width),
        kernel_size,
        padding="valid",
        is_pooled_first=is_pooled_first,
    )
    blocks = _blocks(tuple(tensor.shape[1:3]), block, num_conv_layers)
    tensor = convolutional_part(tensor, style, blocks)
    units = [dense_units] if isinstance(dense_units, int) else dense_units
    tensor = dense_part(vector(tensor), style, [widened(own, width) for own in units])
    return compiled(image, tensor, style, training, target, "lenet")


def lenet_bn(
    dataset: ImageData,
    *,
    dense_units: int | Sequence[int] = (120, 84),
    num_conv_layers: int = 2,
    filters: int = 6,
    kernel_size: int = 5,
    width: float = 1.0,
    preparation: Preparation | None = None,
    **options: Unpack[Options],
) -> Any:
    """LeNet in the 1998 form, batch norm and ReLU after each convolution and hidden dense layer.

    As `lenet`, but normalized (Ioffe & Szegedy 2015) unless `batch_norm=False`, with two hidden
    dense layers, and pooling comes last: convolution → batch norm → ReLU → max pooling. The
    course finds faster convergence and, on MNIST, .99 where LeNet has .98. The arguments, the
    result and the errors are those of `lenet`.

    Args:
        dataset: What the model is for.
        dense_units: Units of the hidden dense layers.
        num_conv_layers: Number of convolutions, 1 or more.
        filters: Filters of the first convolution.
        kernel_size: Height and width of every kernel.
        width: Multiplies filters and dense units.
        preparation: Layers right behind the input; None for none.
        **options: See `Options`.

    Returns:
        A compiled `keras.Model`, as `lenet` gives.
    """
    if options.get("batch_norm") is None:
        options["batch_norm"] = True
    return lenet(
        dataset,
        num_conv_layers=num_conv_layers,
        filters=filters,
        kernel_size=kernel_size,
        dense_units=dense_units,
        width=width,
        is_pooled_first=False,
        preparation=preparation,
        **options,
    )


def _blocks(size: Size, first: Block, count: int) -> list[Block]:
    """The convolutions with their pooling, which is left out where the map would vanish."""
    later = replace(first, filters=round(first.filters * 8 / 3))
    blocks = []
    for number in range(1, count + 1):
        block = first if number == 1 else later
        if number > _VALID_LAYERS:
            block = replace(block, padding="same")
        name = f"conv{number}"
        if min(after_convolutions(size, block, name)) < block.pool_size:
            block = replace(block, pooling="none")
        size = after_block(size, block, name)
        blocks.append(block)
    return blocks
