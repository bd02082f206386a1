"""The optimizers that a model can be asked for, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hpsearch.errors import Infeasible, InputError

OPTIMIZERS: Mapping[str, str] = MappingProxyType(
    {
        "adam": "Adam",
        "adamw": "AdamW",
        "nadam": "Nadam",
        "rmsprop": "RMSprop",
        "sgd": "SGD",
    }
)
"""Name → Keras class."""

WITH_MOMENTUM = ("rmsprop", "sgd")


def make_optimizer(name: str, learning_rate: float, momentum: float | None = None) -> Any:
    """A new optimizer.

    Args:
        name: One of `OPTIMIZERS`.
        learning_rate: Above 0.
        momentum: 0 to 1, of SGD and RMSprop. None or 0 is no momentum; None is what Keras Tuner
            gives for a hyperparameter that is not active.

    Raises:
        InputError: There is no optimizer of that name.
        Infeasible: It has no momentum, and some was asked for.
    """
    from keras import optimizers

    if name not in OPTIMIZERS:
        raise InputError(f"No optimizer '{name}'.", f"Give one of: {', '.join(OPTIMIZERS)}.")
    if momentum and name not in WITH_MOMENTUM:
        raise Infeasible(
            f"momentum is {momentum} and {name} has none.",
            'Declare momentum inside hp.conditional_scope("optimizer", ["sgd"]).',
        )
    arguments = {"momentum": momentum} if momentum else {}
    return getattr(optimizers, OPTIMIZERS[name])(learning_rate=learning_rate, **arguments)
