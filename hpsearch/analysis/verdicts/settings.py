"""What the hyperparameters of a configuration say of its training, told by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

LEARNING_RATE = r"(^|_)(learning_rate|lr)$"
DROPOUT, REGULARIZER = r"drop(?!.*(kind|spread))", r"(^|_)l[12](_|$)|weight_decay|regulari[sz]"
AUGMENTATION = r"augment|rotation|shift|flip|zoom|cutout|jitter|noise"
MIXING = r"mixup|cutmix|smoothing|class_weight|rebalance"
"""What changes the loss itself, so that it does not compare with the accuracy."""

USUAL_RATES = {"sgd": 1e-2}
USUAL_RATE = 1e-3
"""Keras's default learning rates, of SGD and of the optimizers that scale their steps."""


def named(params: Mapping[str, Any], pattern: str) -> Iterator[tuple[str, Any]]:
    """The hyperparameters whose names match."""
    return ((name, value) for name, value in params.items() if re.search(pattern, name.lower()))


def numbers(params: Mapping[str, Any], pattern: str) -> dict[str, float]:
    """Those that are numbers."""
    return {
        name: float(value)
        for name, value in named(params, pattern)
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def learning_rate(params: Mapping[str, Any]) -> float | None:
    """The learning rate; None if there is none among the hyperparameters."""
    return next(iter(numbers(params, LEARNING_RATE).values()), None)


def at_learning_rate(params: Mapping[str, Any]) -> str:
    """The learning rate as a part of a sentence; empty if it is not known."""
    rate = learning_rate(params)
    return "" if rate is None else f" at a learning rate of {rate:.3g}"


def rate_against_usual(params: Mapping[str, Any]) -> float | None:
    """The learning rate in units of the optimizer's default in Keras; None if it is not known."""
    rate = learning_rate(params)
    if rate is None:
        return None
    optimizer = next((str(value) for _, value in named(params, r"optimi[sz]er")), "")
    return rate / USUAL_RATES.get(optimizer.lower(), USUAL_RATE)


def acting_in_training_only(params: Mapping[str, Any]) -> dict[str, Any]:
    """Dropout, augmentation and mixing that are on, by name."""
    found = named(params, f"{DROPOUT}|{AUGMENTATION}|{MIXING}")
    return {name: value for name, value in found if value and value != "none"}


def changes_the_loss(params: Mapping[str, Any]) -> bool:
    """Whether training images are mixed, weighted or smoothed, which raises the loss."""
    return any(value and value != "none" for _, value in named(params, MIXING))


def in_words(params: Mapping[str, Any]) -> str:
    """Hyperparameters with their values, joined for a sentence."""
    return ", ".join(
        f"`{name}` {value:.3g}" if isinstance(value, float) else f"`{name}` {value}"
        for name, value in params.items()
    )
