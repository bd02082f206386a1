"""Hyperparameters with listed values: `Choice`, `Boolean` and `Fixed`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from hpsearch.errors import SpaceError
from hpsearch.spaces.parameters import Parameter, Value


@dataclass(frozen=True)
class Choice(Parameter):
    """One of several values of one type.

    Args:
        values: The choices, all text, all numbers or all booleans, none of them twice.
        ordered: Whether their order means something; by default true for numbers.
        default: Value when nothing is searched; default the first.

    Raises:
        SpaceError: There are no choices, or they do not go together.
    """

    values: tuple[Value, ...]
    ordered: bool | None = field(default=None, kw_only=True)
    default: Value | None = field(default=None, kw_only=True)

    kind: ClassVar[str] = "choice"

    def __post_init__(self) -> None:
        if not self.values:
            raise SpaceError(f"'{self.name}' has no choices.", "Give at least one value.")
        object.__setattr__(self, "values", tuple(self.values))
        if len({_type(self.name, value) for value in self.values}) > 1:
            raise SpaceError(
                f"The choices of '{self.name}' are of several types: {self.values}.",
                "Give only text, only numbers or only true and false.",
            )
        if len(set(self.values)) < len(self.values):
            raise SpaceError(
                f"'{self.name}' has a choice twice: {self.values}.", "Give every choice once."
            )
        if self.default is not None and not self.contains(self.default):
            raise SpaceError(
                f"The default {self.default!r} of '{self.name}' is not among {self.values}.",
                "Give one of the choices.",
            )

    @property
    def num_values(self) -> int:
        return len(self.values)

    @property
    def default_value(self) -> Value:
        return self.values[0 if self.default is None else self.index_of(self.default)]

    @property
    def is_ordered(self) -> bool:
        if self.ordered is not None:
            return self.ordered
        return not isinstance(self.values[0], bool | str)

    def contains(self, value: Value) -> bool:
        return any(_is_same(own, value) for own in self.values)

    def value_at(self, index: int) -> Value:
        return self.values[index]

    def index_of(self, value: Value) -> int:
        return self.values.index(value)

    def grid_values(self, points: int) -> tuple[Value, ...]:
        return super().grid_values(points) if self.is_ordered else self.values


@dataclass(frozen=True)
class Boolean(Parameter):
    """Yes or no.

    Args:
        default: Value when nothing is searched.

    Raises:
        SpaceError: The default is neither true nor false.
    """

    default: bool = False

    kind: ClassVar[str] = "boolean"
    values: ClassVar[tuple[Value, ...]] = (False, True)

    def __post_init__(self) -> None:
        if not self.contains(self.default):
            raise SpaceError(
                f"The default of '{self.name}' is {self.default!r}.", "Give true or false."
            )

    @property
    def num_values(self) -> int:
        return 2

    @property
    def default_value(self) -> Value:
        return self.default

    @property
    def is_ordered(self) -> bool:
        return False

    def contains(self, value: Value) -> bool:
        return isinstance(value, bool)

    def value_at(self, index: int) -> Value:
        return bool(index)

    def index_of(self, value: Value) -> int:
        return int(value)

    def grid_values(self, points: int) -> tuple[Value, ...]:
        return self.values


@dataclass(frozen=True)
class Fixed(Parameter):
    """A value that is not searched.

    Args:
        value: The value every trial gets.

    Raises:
        SpaceError: The value is no text, number or boolean.
    """

    value: Value

    kind: ClassVar[str] = "fixed"

    def __post_init__(self) -> None:
        _type(self.name, self.value)

    @property
    def num_values(self) -> int:
        return 1

    @property
    def default_value(self) -> Value:
        return self.value

    @property
    def is_ordered(self) -> bool:
        return False

    def contains(self, value: Value) -> bool:
        return _is_same(self.value, value)

    def value_at(self, index: int) -> Value:
        return self.value

    def index_of(self, value: Value) -> int:
        return 0


def fixed_at(parameter: Parameter, value: Value) -> Fixed:
    """The hyperparameter with one value, under the same name and conditions."""
    return Fixed(parameter.name, value, conditions=parameter.conditions)


def _is_same(own: Value, value: Value) -> bool:
    """Equality for which true is not 1: 1 and 1.0 are the same value."""
    return isinstance(own, bool) == isinstance(value, bool) and own == value


def _type(name: str, value: object) -> type:
    """The type of a value, whole numbers and reals being one.

    Raises:
        SpaceError: It is none that a hyperparameter can have.
    """
    if isinstance(value, bool):
        return bool
    for kind in (str, int, float):
        if isinstance(value, kind):
            return str if kind is str else float
    raise SpaceError(
        f"'{name}' has the value {value!r}, a {type(value).__name__}.",
        "Give text, a number, true or false.",
    )
