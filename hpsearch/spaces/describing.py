"""Hyperparameters in words, for tables."""

from __future__ import annotations

from hpsearch.spaces.choices import Choice, Fixed
from hpsearch.spaces.parameters import Parameter, Value
from hpsearch.spaces.ranges import Float, Int


def describe_range(parameter: Parameter) -> str:
    """The values a hyperparameter can take, as `1e-05 … 0.1 (log)` or `adam, sgd`."""
    if isinstance(parameter, Fixed):
        return f"= {format_value(parameter.value)}"
    if isinstance(parameter, Int | Float):
        notes = [] if parameter.sampling == "linear" else [parameter.sampling.replace("_", " ")]
        if parameter.step is not None:
            notes.append(
                f"{'step' if parameter.sampling == 'linear' else 'factor'} {parameter.step:g}"
            )
        text = f"{format_value(parameter.low)} … {format_value(parameter.high)}"
        return f"{text} ({', '.join(notes)})" if notes else text
    if isinstance(parameter, Choice):
        return ", ".join(format_value(value) for value in parameter.values)
    return "false, true"


def format_value(value: Value) -> str:
    """A value for people: short, but no two values of a table alike."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def format_params(params: dict[str, Value]) -> str:
    """A configuration in one line."""
    return ", ".join(f"{name} {format_value(value)}" for name, value in params.items())
