"""Changes a user makes to a space: `--fix NAME=VALUE` and `--range NAME=LOW:HIGH`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hpsearch.errors import SpaceError
from hpsearch.spaces.choices import Choice, Fixed, fixed_at
from hpsearch.spaces.parameters import Parameter, Value
from hpsearch.spaces.ranges import Float, Int
from hpsearch.spaces.space import Space

TRUE = frozenset({"true", "yes", "on", "1"})
FALSE = frozenset({"false", "no", "off", "0"})


@dataclass(frozen=True)
class Overrides:
    """Values to fix and ranges to use instead of the declared ones, by name.

    Args:
        fixed: Name → text of the value.
        ranges: Name → texts of the lower and upper end.
    """

    fixed: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def parse(cls, fix: Sequence[str] = (), limit: Sequence[str] = ()) -> Overrides:
        """From `NAME=VALUE` and `NAME=LOW:HIGH` texts.

        Raises:
            SpaceError: A text has another form.
        """
        fixed: dict[str, str] = {}
        ranges: dict[str, tuple[str, str]] = {}
        for text in fix:
            name, value = _split(text, "=")
            if not (name and value):
                raise SpaceError(f"--fix {text} is not understood.", "Write --fix NAME=VALUE.")
            if fixed.setdefault(name, value) != value:
                raise SpaceError(
                    f"--fix gives '{name}' as {fixed[name]} and as {value}.", "Give it once."
                )
        for text in limit:
            name, both = _split(text, "=")
            low, high = _split(both, ":")
            if not (name and low and high):
                raise SpaceError(
                    f"--range {text} is not understood.", "Write --range NAME=LOW:HIGH."
                )
            if name in fixed:
                raise SpaceError(f"'{name}' has both --fix and --range.", "Give one of them.")
            ranges[name] = (low, high)
        return cls(fixed, ranges)

    def __bool__(self) -> bool:
        return bool(self.fixed or self.ranges)

    def apply(self, space: Space) -> Space:
        """The space with the changes made.

        Raises:
            SpaceError: A name is not in the space, or a value is not one it can take.
        """
        for name in (*self.fixed, *self.ranges):
            space.named(name)
        return space.replaced((parameter, self.apply_to(parameter)) for parameter in space)

    def apply_to(self, parameter: Parameter) -> Parameter:
        """One hyperparameter with its change made, if there is one for its name."""
        if parameter.name in self.fixed:
            return fixed_at(parameter, parse_value(parameter, self.fixed[parameter.name]))
        if parameter.name in self.ranges:
            return restrict(parameter, *self.ranges[parameter.name])
        return parameter

    def to_json(self) -> dict[str, Any]:
        """The changes as JSON."""
        return {
            "fixed": dict(self.fixed),
            "ranges": {name: list(ends) for name, ends in self.ranges.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Overrides:
        """The inverse of `to_json`."""
        return cls(
            dict(data.get("fixed", {})),
            {name: (ends[0], ends[1]) for name, ends in data.get("ranges", {}).items()},
        )


def parse_value(parameter: Parameter, text: str) -> Value:
    """The value that a text means for this hyperparameter.

    A number may lie outside the declared range, for the user knows what is wanted; a choice
    must be one of the declared ones. What is fixed can be fixed at another value.

    Raises:
        SpaceError: The text is no value of this kind.
    """
    if isinstance(parameter, Choice):
        for value in parameter.values:
            if _means(text, value):
                return value
        raise SpaceError(
            f"'{parameter.name}' cannot be '{text}'.",
            f"Give one of: {', '.join(str(value) for value in parameter.values)}.",
        )
    kind = type(parameter.default_value)
    if kind is bool:
        return _boolean(parameter, text)
    if kind is str:
        return text
    number = _number(parameter, text, whole=kind is int)
    if number <= 0 and getattr(parameter, "sampling", "linear") != "linear":
        raise SpaceError(
            f"'{parameter.name}' cannot be {text}: it is searched on a log scale.",
            "Give a number above 0.",
        )
    return number


def restrict(parameter: Parameter, low: str, high: str) -> Parameter:
    """The hyperparameter limited to a range; choices between two ends where it is a choice.

    Raises:
        SpaceError: The hyperparameter has no order, or an end is no value of it.
    """
    if isinstance(parameter, Int | Float):
        whole = isinstance(parameter, Int)
        ends = _number(parameter, low, whole=whole), _number(parameter, high, whole=whole)
        default = min(max(float(parameter.default_value), ends[0]), ends[1])
        return replace(parameter, low=ends[0], high=ends[1], default=default)
    if isinstance(parameter, Choice) and parameter.is_ordered:
        first, last = sorted(
            parameter.index_of(parse_value(parameter, text)) for text in (low, high)
        )
        kept = parameter.values[first : last + 1]
        value = parameter.default_value
        return replace(parameter, values=kept, default=value if value in kept else kept[0])
    if isinstance(parameter, Fixed):
        raise SpaceError(f"'{parameter.name}' is fixed.", "Give its value with --fix.")
    raise SpaceError(f"'{parameter.name}' has no order.", "Use --fix NAME=VALUE.")


def _split(text: str, separator: str) -> tuple[str, str]:
    """What stands before and behind the separator; without one, nothing stands behind it."""
    before, _, behind = text.partition(separator)
    return before.strip(), behind.strip()


def _number(parameter: Parameter, text: str, *, whole: bool) -> float:
    try:
        number = float(text)
    except ValueError:
        raise SpaceError(f"'{parameter.name}' cannot be '{text}'.", "Give a number.") from None
    if not math.isfinite(number):
        raise SpaceError(f"'{parameter.name}' cannot be {text}.", "Give a finite number.")
    if not whole:
        return number
    if number != int(number):
        raise SpaceError(f"'{parameter.name}' cannot be {text}.", "Give a whole number.")
    return int(number)


def _boolean(parameter: Parameter, text: str) -> bool:
    if text.lower() not in TRUE | FALSE:
        raise SpaceError(f"'{parameter.name}' cannot be '{text}'.", "Give true or false.")
    return text.lower() in TRUE


def _means(text: str, value: Value) -> bool:
    """Whether a text stands for a value."""
    if isinstance(value, bool):
        return text.lower() in (TRUE if value else FALSE)
    if isinstance(value, str):
        return text == value
    try:
        return float(text) == value
    except ValueError:
        return False
