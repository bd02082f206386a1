"""What the hidden layers of a network have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hpsearch.errors import InputError
from hpsearch.models.dropout import check_dropout
from hpsearch.models.initializers import check_initializer

ACTIVATIONS = (
    "relu",
    "leaky_relu",
    "elu",
    "gelu",
    "swish",
    "silu",
    "tanh",
    "sigmoid",
    "selu",
    "mish",
    "softplus",
    "softsign",
    "relu6",
    "hard_sigmoid",
    "hard_silu",
    "linear",
)
"""Names of Keras activations. `leaky_relu` has slope 0.2 below 0; `swish` and `silu` are two names
of one function (Ramachandran et al. 2017); `gelu` is Hendrycks & Gimpel 2016, `elu` Clevert et al.
2016. The course suggests another activation, such as leaky ReLU, against bias."""


@dataclass(frozen=True)
class Style:
    """How hidden layers are activated, initialized and regularized.

    Args:
        activation: One of `ACTIVATIONS`.
        batch_norm: Whether to normalize each channel just before every activation (Ioffe &
            Szegedy 2015): training converges faster.
        l1: The λ of loss + λ·Σ|w| over the kernels of all layers, 0 or more: pushes weights to
            exactly 0.
        l2: The λ of loss + (λ/2)·Σw² over the same kernels, 0 or more: keeps weights small. The
            course shows 0.001 to 0.1.
        conv_initializer: One of `INITIALIZERS`, for convolutions.
        dense_initializer: One of `INITIALIZERS`, for dense layers, the last one included.
        dropout: Rate of dropout in the dense part, 0 to below 1; None for none. Where exactly
            is said by each builder.
        conv_dropout: Rate of dropout after every block of convolutions; None for none.
        dropout_kind: One of `DROPOUT_KINDS`, for both.
        dropout_spread: How far the rate of the stochastic kinds scatters about `dropout`, 0 or
            more; the others do not look at it.

    Raises:
        InputError: A name does not exist, or a number is out of range.
    """

    activation: str = "relu"
    batch_norm: bool = False
    l1: float = 0.0
    l2: float = 0.0
    conv_initializer: str = "he_normal"
    dense_initializer: str = "glorot_uniform"
    dropout: float | None = None
    conv_dropout: float | None = None
    dropout_kind: str = "standard"
    dropout_spread: float = 0.1

    def __post_init__(self) -> None:
        if self.activation not in ACTIVATIONS:
            names = ", ".join(ACTIVATIONS)
            raise InputError(f"No activation '{self.activation}'.", f"Give one of: {names}.")
        for name in (self.conv_initializer, self.dense_initializer):
            check_initializer(name)
        for rate in (self.dropout, self.conv_dropout):
            check_dropout(self.dropout_kind, rate, self.dropout_spread)
        for name in ("l1", "l2"):
            if getattr(self, name) < 0:
                raise InputError(f"{name} is {getattr(self, name)}; expected 0 or more.")


def make_regularizer(style: Style) -> Any:
    """The penalty of a kernel: l1·Σ|w| + (l2/2)·Σw²; None where both are 0.

    The half is the course's convention (section 5); Keras's own `L2(factor)` is factor·Σw².
    """
    from keras import regularizers

    if style.l1 and style.l2:
        return regularizers.L1L2(style.l1, style.l2 / 2)
    if style.l1:
        return regularizers.L1(style.l1)
    return regularizers.L2(style.l2 / 2) if style.l2 else None
