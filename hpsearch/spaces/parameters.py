"""What every kind of hyperparameter has: a name, conditions, a scale on which values lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

Value: TypeAlias = bool | int | float | str


@dataclass(frozen=True)
class Condition:
    """A hyperparameter is active only while its parent has one of these values.

    Args:
        name: The parent's name.
        values: The parent's values under which the hyperparameter is active.
    """

    name: str
    values: tuple[Value, ...]

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Whether the parent is active and has one of the values."""
        return self.name in values and values[self.name] in self.values

    def __str__(self) -> str:
        return f"{self.name}={'|'.join(str(value) for value in self.values)}"


@dataclass(frozen=True)
class Parameter:
    """What every kind of hyperparameter has.

    Args:
        name: Its name, unique together with its conditions.
        conditions: All must hold for the hyperparameter to be active.
    """

    name: str
    conditions: tuple[Condition, ...] = field(default=(), kw_only=True)

    kind: ClassVar[str] = ""

    @property
    def num_values(self) -> int | None:
        """How many values it can take; None for a continuous range."""
        raise NotImplementedError  # abstract

    @property
    def default_value(self) -> Value:
        """The value a model gets when nothing is searched; one it can take."""
        raise NotImplementedError  # abstract

    def contains(self, value: Value) -> bool:
        """Whether the value is one the hyperparameter can take."""
        raise NotImplementedError  # abstract

    def value_at(self, index: int) -> Value:
        """The value at a position 0 … num_values - 1, in the natural order."""
        raise NotImplementedError  # abstract

    def index_of(self, value: Value) -> int:
        """The position of a value; the inverse of `value_at`."""
        raise NotImplementedError  # abstract

    def from_unit(self, unit: float) -> Value:
        """The value at a place in [0, 1] on the hyperparameter's own scale."""
        count = self.num_values
        assert count is not None
        return self.value_at(min(max(int(unit * count), 0), count - 1))

    def to_unit(self, value: Value) -> float:
        """The place of a value in [0, 1] on the hyperparameter's own scale."""
        count = self.num_values
        assert count is not None
        return (self.index_of(value) + 0.5) / count

    def grid_values(self, points: int) -> tuple[Value, ...]:
        """At most `points` values spread evenly over the scale, both ends included.

        A hyperparameter of unordered choices has no ends: all of its choices are returned.
        """
        count = self.num_values
        if count is None:
            return tuple(self.from_unit(i / max(points - 1, 1)) for i in range(points))
        if count <= points:
            return tuple(self.value_at(i) for i in range(count))
        steps = sorted({round(i * (count - 1) / max(points - 1, 1)) for i in range(points)})
        return tuple(self.value_at(i) for i in steps)

    @property
    def is_ordered(self) -> bool:
        """Whether larger and smaller mean something, so that a range can be narrowed."""
        return True

    @property
    def label(self) -> str:
        """The name, with the conditions where there are any."""
        if not self.conditions:
            return self.name
        return f"{self.name} ({', '.join(str(condition) for condition in self.conditions)})"
