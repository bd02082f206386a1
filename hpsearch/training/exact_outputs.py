"""Building models in lower precision with outputs that are not rounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hpsearch.training.precision import FLOAT32, compute_in

ROUNDED = ("bfloat16", "float16")


def built_in(precision: str, build: Callable[[], Any]) -> Any:
    """What a builder gives in a precision; the last layers of a model compute in float32.

    Keras's guide to mixed precision asks builders to see to that, since probabilities and losses
    suffer from rounding; few builders do.

    Args:
        precision: One of `PRECISIONS`.
        build: Makes the model, or a number.
    """
    compute_in(precision)
    model = build()
    if precision != FLOAT32:
        _make_exact(model)
    return model


def rounds_outputs(model: Any) -> bool:
    """Whether an output of a model is computed in less than float32."""
    return any(
        getattr(last, "compute_dtype", output.dtype) in ROUNDED for last, output in _ends(model)
    )


def _make_exact(model: Any) -> None:
    for last, _ in _ends(model):
        if getattr(last, "compute_dtype", None) in ROUNDED:
            last.dtype_policy = FLOAT32


def _ends(model: Any) -> list[tuple[Any, Any]]:
    """The outputs with the layers or operations they come from, those of a last inner model.

    None for models whose outputs are not known before they are called.
    """
    ends: list[tuple[Any, Any]] = []
    for output in getattr(model, "outputs", None) or ():
        last = output._keras_history.operation  # noqa: SLF001  (there is no public way)
        ends += _ends(last) if getattr(last, "outputs", None) else [(last, output)]
    return ends
