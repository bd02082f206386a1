"""Hidden layers: blocks of convolutions and dense layers, with what belongs after them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hpsearch.errors import InputError
from hpsearch.models.blocks import Block, check_blocks
from hpsearch.models.dropout import drop
from hpsearch.models.initializers import make_initializer
from hpsearch.models.style import Style, make_regularizer

HEADS = ("flatten", "average", "max")


def convolutional_part(
    tensor: Any, style: Style, blocks: Sequence[Block], *, prefix: str = "conv"
) -> Any:
    """Blocks of convolutions one after another; none is made before all are known to fit.

    Args:
        tensor: (batch, height, width, channels).
        style: What the layers have in common.
        blocks: The blocks; the n-th is called `prefix` and n, from 1.
        prefix: What the names of the layers begin with.

    Returns:
        (batch, rows, columns, filters of the last block).

    Raises:
        Infeasible: A kernel or a pool is larger than its map.
    """
    named = [(f"{prefix}{number}", block) for number, block in enumerate(blocks, start=1)]
    check_blocks(tuple(tensor.shape[1:3]), named)
    for name, block in named:
        tensor = _block(tensor, style, block, name)
    return tensor


def _block(tensor: Any, style: Style, block: Block, name: str) -> Any:
    for number in range(1, block.convolutions + 1):
        is_only = block.convolutions == 1
        own_name = name if is_only else f"{name}_conv{number}"
        tensor = _convolution(tensor, style, block, own_name)
        if block.is_pooled_first and number == block.convolutions:
            tensor = _pooled(tensor, block, name)
        is_normalized = style.batch_norm if block.batch_norm is None else block.batch_norm
        tensor = _activated(tensor, style, own_name, is_normalized)
    if not block.is_pooled_first:
        tensor = _pooled(tensor, block, name)
    return drop(
        tensor,
        kind=block.dropout_kind or style.dropout_kind,
        rate=style.conv_dropout if block.dropout is None else block.dropout,
        spread=style.dropout_spread,
        name=f"{name}_dropout",
    )


def _convolution(tensor: Any, style: Style, block: Block, name: str) -> Any:
    from keras import layers

    return layers.Conv2D(
        block.filters,
        block.kernel_size,
        padding=block.padding,
        kernel_initializer=make_initializer(style.conv_initializer),
        kernel_regularizer=make_regularizer(style),
        name=name,
    )(tensor)


def _pooled(tensor: Any, block: Block, name: str) -> Any:
    from keras import layers

    if block.pooling == "none":
        return tensor
    kind = layers.MaxPooling2D if block.pooling == "max" else layers.AveragePooling2D
    return kind(block.pool_size, name=f"{name}_pool")(tensor)


def vector(tensor: Any, head: str = "flatten") -> Any:
    """One vector an image from its maps.

    Args:
        tensor: (batch, height, width, channels).
        head: One of `HEADS`: all values, or the average or maximum of each channel.

    Returns:
        (batch, features).

    Raises:
        InputError: There is no head of that name.
    """
    from keras import layers

    if head not in HEADS:
        raise InputError(f"No head '{head}'.", f"Give one of: {', '.join(HEADS)}.")
    if head == "average":
        return layers.GlobalAveragePooling2D(name="average")(tensor)
    if head == "max":
        return layers.GlobalMaxPooling2D(name="max")(tensor)
    return layers.Flatten(name="flatten")(tensor)


def dense_part(
    tensor: Any, style: Style, units: Sequence[int], *, is_dropped_after: bool = True
) -> Any:
    """Hidden dense layers: dense → (batch normalization) → activation → (dropout), for each.

    Args:
        tensor: (batch, features).
        style: What the layers have in common.
        units: Outputs of each layer. The layers are called `dense`, or `dense1`, `dense2`, ….
        is_dropped_after: Whether dropout follows each activation; the builder then has not put
            it before.
    """
    for number, outputs in enumerate(units, start=1):
        suffix = "" if len(units) == 1 else str(number)
        tensor = _dense(tensor, style, f"dense{suffix}", outputs)
        if is_dropped_after:
            tensor = dense_dropout(tensor, style, f"dropout{suffix}")
    return tensor


def dense_dropout(tensor: Any, style: Style, name: str = "dropout") -> Any:
    """The dropout of the dense part; nothing where it has none."""
    return drop(
        tensor,
        kind=style.dropout_kind,
        rate=style.dropout,
        spread=style.dropout_spread,
        name=name,
    )


def _dense(tensor: Any, style: Style, name: str, units: int) -> Any:
    from keras import layers

    tensor = layers.Dense(
        units,
        kernel_initializer=make_initializer(style.dense_initializer),
        kernel_regularizer=make_regularizer(style),
        name=name,
    )(tensor)
    return _activated(tensor, style, name, style.batch_norm)


def _activated(tensor: Any, style: Style, name: str, is_normalized: bool) -> Any:
    from keras import layers

    if is_normalized:
        tensor = layers.BatchNormalization(name=f"{name}_norm")(tensor)
    return layers.Activation(style.activation, name=f"{name}_{style.activation}")(tensor)
