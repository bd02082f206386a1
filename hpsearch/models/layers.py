"""Hidden layers: a convolution or a dense layer with what belongs after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hpsearch.errors import Infeasible
from hpsearch.models.initializers import make_initializer


@dataclass(frozen=True)
class Style:
    """What the hidden layers of a network have in common.

    Args:
        activation: Name of a Keras activation.
        batch_norm: Whether to normalize each channel just before every activation.
        l2: The λ of loss + (λ/2)·Σw² over all kernels, 0 or more; 0 is no penalty.
    """

    activation: str = "relu"
    batch_norm: bool = False
    l2: float = 0.0


def make_regularizer(l2: float) -> Any:
    """The penalty (λ/2)·Σw² of the course (section 5) for λ = `l2`; None where it is 0.

    Keras's own `L2(factor)` is factor·Σw², hence the half.
    """
    import keras

    return keras.regularizers.L2(l2 / 2) if l2 else None


def convolution(
    tensor: Any,
    style: Style,
    *,
    name: str,
    filters: int,
    kernel_size: int,
    padding: str,
    initializer: str,
) -> Any:
    """Convolution → 2×2 max pooling → (batch normalization) → activation.

    The order is that of the course's GTSRB networks (section 6). Pooling is left out where the
    map has fewer than two rows or columns, for it would vanish.

    Args:
        tensor: (batch, height, width, channels).
        style: What follows the convolution.
        name: A short text that is unique in the model, put before the names of the layers.
        filters: Number of output channels.
        kernel_size: Height and width of the kernel.
        padding: `valid` or `same`.
        initializer: One of `INITIALIZERS`, for the kernel.

    Raises:
        Infeasible: The kernel is larger than the map, and the padding is valid.
    """
    from keras import layers

    height, width = tensor.shape[1:3]
    if padding == "valid" and min(height, width) < kernel_size:
        raise Infeasible(
            f"{name}: a {kernel_size}×{kernel_size} kernel does not fit a {height}×{width} map.",
            "Use larger images, a smaller kernel or fewer layers.",
        )
    tensor = layers.Conv2D(
        filters,
        kernel_size,
        padding=padding,
        kernel_initializer=make_initializer(initializer),
        kernel_regularizer=make_regularizer(style.l2),
        name=name,
    )(tensor)
    if min(tensor.shape[1:3]) >= 2:
        tensor = layers.MaxPooling2D(2, name=f"{name}_pool")(tensor)
    return _activated(tensor, style, name)


def dense(tensor: Any, style: Style, *, name: str, units: int, initializer: str) -> Any:
    """Dense layer → (batch normalization) → activation.

    Args:
        tensor: (batch, features).
        style: What follows the dense layer.
        name: A short text that is unique in the model, put before the names of the layers.
        units: Number of outputs.
        initializer: One of `INITIALIZERS`, for the kernel.
    """
    from keras import layers

    tensor = layers.Dense(
        units,
        kernel_initializer=make_initializer(initializer),
        kernel_regularizer=make_regularizer(style.l2),
        name=name,
    )(tensor)
    return _activated(tensor, style, name)


def _activated(tensor: Any, style: Style, name: str) -> Any:
    from keras import layers

    if style.batch_norm:
        tensor = layers.BatchNormalization(name=f"{name}_norm")(tensor)
    return layers.Activation(style.activation, name=f"{name}_{style.activation}")(tensor)
