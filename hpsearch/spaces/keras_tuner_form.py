"""Keras Tuner's hyperparameters as ours."""

from __future__ import annotations

from typing import Any

from hpsearch.errors import SpaceError
from hpsearch.spaces.choices import Boolean, Choice, Fixed
from hpsearch.spaces.parameters import Condition, Parameter
from hpsearch.spaces.ranges import Float, Int


def from_keras_tuner(hp: Any) -> Parameter:
    """Our form of one Keras Tuner hyperparameter, its conditions included.

    Raises:
        SpaceError: It is of a kind we do not know.
    """
    from keras_tuner.engine import hyperparameters as kinds

    conditions = tuple(
        Condition(condition.name, tuple(condition.values)) for condition in hp.conditions
    )
    if isinstance(hp, kinds.Int | kinds.Float):
        kind = Int if isinstance(hp, kinds.Int) else Float
        return kind(
            hp.name,
            hp.min_value,
            hp.max_value,
            step=_step(hp),
            sampling=hp.sampling or "linear",
            default=hp.default,
            conditions=conditions,
        )
    if isinstance(hp, kinds.Choice):
        values = tuple(hp.values)
        return Choice(
            hp.name, values, ordered=hp.ordered, default=hp.default, conditions=conditions
        )
    if isinstance(hp, kinds.Boolean):
        return Boolean(hp.name, hp.default, conditions=conditions)
    if isinstance(hp, kinds.Fixed):
        return Fixed(hp.name, hp.value, conditions=conditions)
    raise SpaceError(
        f"Hyperparameter '{hp.name}' is a {type(hp).__name__}.",
        "Use Int, Float, Choice, Boolean or Fixed.",
    )


def _step(hp: Any) -> float | None:
    """The step where it restricts the values: not the step of 1 of whole numbers."""
    from keras_tuner.engine import hyperparameters as kinds

    if isinstance(hp, kinds.Int) and hp.step == 1 and hp.sampling != "log":
        return None
    step: float | None = hp.step
    return step
