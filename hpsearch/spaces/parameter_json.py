"""Hyperparameters as JSON, for `space.json` and for files that people edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpsearch.errors import SpaceError
from hpsearch.spaces.choices import Boolean, Choice, Fixed
from hpsearch.spaces.parameters import Condition, Parameter
from hpsearch.spaces.ranges import Float, Int
from hpsearch.storage.shapes import check_shape

KINDS: dict[str, type[Parameter]] = {
    kind.kind: kind for kind in (Int, Float, Choice, Boolean, Fixed)
}

SCALAR = (bool, float, str)
FIELDS = {
    "low?": float,
    "high?": float,
    "step?": (float, None),
    "sampling?": str,
    "default?": (*SCALAR, None),
    "values?": [SCALAR],
    "ordered?": (bool, None),
    "value?": SCALAR,
    "conditions?": [{"name": str, "values": [SCALAR]}],
}


def parameter_to_json(parameter: Parameter) -> dict[str, Any]:
    """The hyperparameter as JSON; `parameter_from_json` is the inverse.

    What was left to a default is written out, so that equal spaces have equal JSON.
    """
    data: dict[str, Any] = {"name": parameter.name, "kind": parameter.kind}
    if isinstance(parameter, Int | Float):
        data |= {"low": parameter.low, "high": parameter.high, "sampling": parameter.sampling}
        if parameter.step is not None:
            data["step"] = parameter.step
    if isinstance(parameter, Choice):
        data |= {"values": list(parameter.values), "ordered": parameter.is_ordered}
    if isinstance(parameter, Fixed):
        data["value"] = parameter.value
    else:
        data["default"] = parameter.default_value
    if parameter.conditions:
        data["conditions"] = [
            {"name": condition.name, "values": list(condition.values)}
            for condition in parameter.conditions
        ]
    return data


def parameter_from_json(data: Any) -> Parameter:
    """The hyperparameter that a JSON object describes.

    Raises:
        SpaceError: The object does not describe one; the message names what is wrong.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("name"), str):
        raise SpaceError(
            f"A hyperparameter without a name: {data!r}.",
            "Give each one an object with 'name' and 'kind'.",
        )
    fields = dict(data)
    name, kind = fields.pop("name"), fields.pop("kind", None)
    if not isinstance(kind, str) or kind not in KINDS:
        raise SpaceError(
            f"Hyperparameter '{name}' has kind {kind!r}.", f"Use one of {', '.join(KINDS)}."
        )
    try:
        check_shape(fields, FIELDS)
        conditions = tuple(_condition(entry) for entry in fields.pop("conditions", ()))
        return KINDS[kind](name, conditions=conditions, **fields)
    except (TypeError, ValueError, OverflowError) as error:
        raise SpaceError(
            f"Hyperparameter '{name}' of kind '{kind}' cannot be read: {error}.",
            "Compare it with the same entry of space.json.",
        ) from None


def _condition(data: Any) -> Condition:
    match data:
        case {"name": str(name), "values": list(values)}:
            return Condition(name, tuple(values))
    raise TypeError(f"a condition is {data!r}, expected an object with 'name' and 'values'")
