"""Which range of values a model wants its images in, by its first layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

LARGEST_UNIT = 1.5
"""A mean or a divisor above this is of values in 0..255, not in 0..1."""
ARITHMETIC = ("Add", "Subtract", "Divide", "TrueDivide")
LEAST_BYTES = 50.0
"""A number that images are divided by, or that is taken off them, above this is of bytes."""


def takes_bytes(model: Any) -> bool:
    """Whether a model brings values in 0..255 to its own range before its first weights.

    By a layer, or by the operations of a `preprocess_input` of keras.applications: these divide by
    127.5 or 255, or take the means of ImageNet's bytes off.
    """
    for layer in flat_layers(model):
        kind = type(layer).__name__
        if kind == "Rescaling":
            return bool(abs(_largest(layer.scale)) * LARGEST_UNIT < 1)
        if kind == "Normalization":
            given = getattr(layer, "input_mean", None)
            mean = given if given is not None else getattr(layer, "mean", None)
            return mean is not None and bool(_largest(mean) > LARGEST_UNIT)
        if kind in ARITHMETIC and _largest_constant(layer) > LEAST_BYTES:
            return True
        if getattr(layer, "weights", ()) or hasattr(layer, "kernel_size"):
            return False
    return False


def flat_layers(model: Any) -> Iterator[Any]:
    """Layers, and operations between them, in their order; those of models inside included."""
    for step in getattr(model, "operations", None) or getattr(model, "layers", []):
        if getattr(step, "layers", None):
            yield from flat_layers(step)
        else:
            yield step


def _largest_constant(operation: Any) -> float:
    """The largest number, by its size, that an operation combines a tensor with; 0 for none."""
    import keras
    import numpy as np

    nodes = operation._inbound_nodes  # noqa: SLF001  (Keras has no public way to the arguments)
    given = [value for node in nodes[:1] for value in node.arguments.args]
    constants = [value for value in given if not isinstance(value, keras.KerasTensor)]
    return max((_largest(np.abs(np.asarray(value))) for value in constants), default=0.0)


def _largest(value: Any) -> float:
    import numpy as np

    return float(np.max(np.asarray(value)))
