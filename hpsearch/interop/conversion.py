"""Spaces converted from and to `keras_tuner.HyperParameters`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hpsearch.spaces import Choice, Fixed, Float, Int, Parameter, Space, Value

if TYPE_CHECKING:
    from keras_tuner import HyperParameters


def space_from_hyperparameters(hyperparameters: HyperParameters) -> Space:
    """The space that a `keras_tuner.HyperParameters` holds; its current values are left out.

    Raises:
        SpaceError: A hyperparameter is of a kind we do not know.
    """
    from hpsearch.spaces.keras_tuner_form import from_keras_tuner

    return Space(tuple(from_keras_tuner(hp) for hp in hyperparameters.space))


def hyperparameters_from_space(
    space: Space, values: Mapping[str, Value] | None = None
) -> HyperParameters:
    """A `keras_tuner.HyperParameters` with the space and, for what is active, values.

    Every value our space can take, stock Keras Tuner samples as well: a stepped range whose
    upper end it would miss by rounding (0 to 0.5 by 0.1) is made longer by a millionth of a
    step. An order of choices that are not numbers is lost, Keras Tuner has none.

    Args:
        space: What may vary.
        values: Values by name; those of hyperparameters that are not active are left out, and
            active ones without a value get their default.

    Raises:
        SpaceError: There is a value for a name that is not in the space.
    """
    import keras_tuner

    for name in values or {}:
        space.named(name)
    hyperparameters = keras_tuner.HyperParameters()
    hyperparameters.values = dict(values or {})
    hyperparameters.merge([to_keras_tuner(parameter) for parameter in space], overwrite=False)
    hyperparameters.values = {
        name: value
        for name, value in hyperparameters.values.items()
        if hyperparameters.is_active(name)
    }
    return hyperparameters


def to_keras_tuner(parameter: Parameter) -> Any:
    """Keras Tuner's form of one hyperparameter, its conditions included."""
    from keras_tuner.engine import hyperparameters as kinds

    conditions = [
        {"class_name": "Parent", "config": {"name": c.name, "values": list(c.values)}}
        for c in parameter.conditions
    ]
    kind = getattr(kinds, type(parameter).__name__)
    return kind.from_config(
        {"name": parameter.name, "conditions": conditions, **_arguments(parameter)}
    )


def _arguments(parameter: Parameter) -> dict[str, Any]:
    """What Keras Tuner's class of the same name takes beside name and conditions."""
    default = parameter.default_value
    if isinstance(parameter, Fixed):
        return {"value": default}
    if isinstance(parameter, Choice):
        ordered = parameter.is_ordered and not isinstance(default, bool | str)
        return {"values": list(parameter.values), "ordered": ordered, "default": default}
    if isinstance(parameter, Int | Float):
        return {
            "min_value": parameter.low,
            "max_value": _reachable_high(parameter),
            "step": parameter.step,
            "sampling": parameter.sampling,
            "default": default,
        }
    return {"default": default}


def _reachable_high(parameter: Int | Float) -> float:
    """An upper end that Keras Tuner reaches: it counts steps with `//`, and 0.5 // 0.1 is 4."""
    step, count = parameter.step, parameter.num_values
    if step is None or count is None or parameter.sampling != "linear":
        return parameter.high
    reached = (parameter.high - parameter.low) // step + 1
    return parameter.high if reached >= count else parameter.high + step * 1e-6
