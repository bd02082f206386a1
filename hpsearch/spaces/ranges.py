"""Numeric hyperparameters: `Int` and `Float` between two ends, on one of three scales.

The arguments are those of Keras Tuner; unlike there, a range with a step includes every step
up to and including the upper end (its `Float(0, 0.5, step=0.1)` never yields 0.5). A range that
is impossible raises a SpaceError that names the hyperparameter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from hpsearch.errors import SpaceError
from hpsearch.spaces.parameters import Parameter, Value

Sampling = Literal["linear", "log", "reverse_log"]
SAMPLINGS: tuple[Sampling, ...] = ("linear", "log", "reverse_log")
ROUNDING = 1e-8  # of the distance between two steps, what floating-point errors may add up to


@dataclass(frozen=True)
class _Range(Parameter):
    """A numeric range; `Int` and `Float` say of which numbers."""

    low: float
    high: float
    step: float | None = field(default=None, kw_only=True)
    sampling: Sampling = field(default="linear", kw_only=True)
    default: float | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low <= self.high):
            raise SpaceError(
                f"The range of '{self.name}' is {self.low} to {self.high}.",
                "Give two finite numbers, the lower one first.",
            )
        if self.sampling not in SAMPLINGS:
            raise SpaceError(
                f"'{self.name}' has sampling '{self.sampling}'.",
                f"Use one of {', '.join(SAMPLINGS)}.",
            )
        if self.sampling != "linear" and self.low <= 0:
            raise SpaceError(
                f"'{self.name}' starts at {self.low}, which has no logarithm.",
                "Start the range above 0 or use sampling='linear'.",
            )
        smallest = 0 if self.sampling == "linear" else 1
        if self.step is not None and not smallest < self.step < math.inf:
            raise SpaceError(
                f"'{self.name}' has step {self.step}.", f"Use a step above {smallest}."
            )
        if self.default is not None and not self.low <= self.default <= self.high:
            raise SpaceError(
                f"The default {self.default} of '{self.name}' is not in its range, "
                f"{self.low} to {self.high}.",
                "Give a default inside the range.",
            )

    def _round(self, number: float) -> float:
        raise NotImplementedError  # abstract

    @property
    def default_value(self) -> Value:
        number = self.low if self.default is None else self.default
        if self.num_values is None:
            return self._round(number)
        return self.value_at(self.index_of(number))

    @property
    def num_values(self) -> int | None:
        if self.low == self.high:
            return 1
        if self.step is None:
            return None
        last = self.low if self.sampling == "reverse_log" else self.high
        return math.floor(self._steps_to(last) + ROUNDING) + 1

    def _steps_to(self, number: float) -> float:
        """How many steps a number lies from the end where the steps begin."""
        assert self.step is not None
        if self.sampling == "log":
            return math.log(number / self.low, self.step)
        if self.sampling == "reverse_log":  # the steps begin at the upper end
            return math.log((self.low + self.high - number) / self.low, self.step)
        return (number - self.low) / self.step

    def value_at(self, index: int) -> Value:
        count = self.num_values
        if self.step is None or count is None:
            return self._round(self.low)
        if self.sampling == "log":
            number = self.low * self.step**index
        elif self.sampling == "reverse_log":
            number = self.high + self.low - self.low * self.step ** (count - 1 - index)
        else:
            number = self.low + index * self.step
        return self._round(min(max(number, self.low), self.high))

    def index_of(self, value: Value) -> int:
        count = self.num_values
        if count is None:
            raise ValueError(f"{self.name} is continuous")
        if self.step is None:
            return 0
        steps = round(self._steps_to(min(max(float(value), self.low), self.high)))
        index = count - 1 - steps if self.sampling == "reverse_log" else steps
        return min(max(index, 0), count - 1)

    def _gap(self, number: float) -> float:
        """The distance between two steps at a place of the range."""
        if self.step is None:
            return 0.0
        if self.sampling == "log":
            return number * (self.step - 1)
        if self.sampling == "reverse_log":
            return (self.low + self.high - number) * (self.step - 1)
        return self.step

    def from_unit(self, unit: float) -> Value:
        if self.num_values is not None:
            return super().from_unit(unit)
        unit = min(max(unit, 0.0), 1.0)
        if unit in (0.0, 1.0):
            return self._round(self.high if unit else self.low)
        ratio = self.high / self.low if self.sampling != "linear" else 1.0
        if self.sampling == "log":
            number = self.low * ratio**unit
        elif self.sampling == "reverse_log":
            number = self.high - self.low * (ratio ** (1 - unit) - 1)
        else:
            number = self.low + unit * (self.high - self.low)
        return self._round(min(max(number, self.low), self.high))

    def to_unit(self, value: Value) -> float:
        if self.num_values is not None:
            return super().to_unit(value)
        number = min(max(float(value), self.low), self.high)
        if self.sampling == "log":
            unit = math.log(number / self.low) / math.log(self.high / self.low)
        elif self.sampling == "reverse_log":
            inner = (self.high - number) / self.low + 1
            unit = 1 - math.log(inner) / math.log(self.high / self.low)
        else:
            unit = (number - self.low) / (self.high - self.low)
        return min(max(unit, 0.0), 1.0)

    def contains(self, value: Value) -> bool:
        if isinstance(value, bool | str) or not math.isfinite(value):
            return False
        if self.num_values is None:
            return self.low <= value <= self.high
        nearest = float(self.value_at(self.index_of(value)))
        return abs(nearest - value) <= ROUNDING * self._gap(nearest)


@dataclass(frozen=True)
class Int(_Range):
    """A whole number from `low` to `high`, both included.

    Args:
        low: Smallest value.
        high: Largest value.
        step: Distance between values (a factor on the other scales than linear); default 1.
        sampling: Scale on which values are spread: linear, log or reverse_log.
        default: Value when nothing is searched, brought to the nearest step; default the lowest.
    """

    kind: ClassVar[str] = "int"

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("low", "high", "step"):
            number = getattr(self, name)
            if number is None:
                continue
            if number != int(number):
                raise SpaceError(
                    f"'{self.name}' has {name} {number}, but is a whole number.",
                    "Give whole numbers, or use Float.",
                )
            object.__setattr__(self, name, int(number))

    def _round(self, number: float) -> float:
        return round(number)

    @property
    def num_values(self) -> int | None:
        if self.step is None:
            return int(self.high) - int(self.low) + 1
        return super().num_values

    def value_at(self, index: int) -> Value:
        return int(self.low) + index if self.step is None else super().value_at(index)

    def index_of(self, value: Value) -> int:
        if self.step is None:
            return round(min(max(float(value), self.low), self.high)) - int(self.low)
        return super().index_of(value)

    def from_unit(self, unit: float) -> Value:
        if self.step is not None or self.sampling == "linear":
            return super().from_unit(unit)
        return round(float(_continuous(self).from_unit(unit)))

    def to_unit(self, value: Value) -> float:
        if self.step is not None or self.sampling == "linear":
            return super().to_unit(value)
        return _continuous(self).to_unit(value)

    def grid_values(self, points: int) -> tuple[Value, ...]:
        count = self.num_values
        if count is None or count <= points or self.sampling == "linear" or self.step is not None:
            return super().grid_values(points)
        scale = _continuous(self)
        numbers = {round(float(scale.from_unit(i / max(points - 1, 1)))) for i in range(points)}
        return tuple(sorted(numbers))


@dataclass(frozen=True)
class Float(_Range):
    """A real number from `low` to `high`, both included.

    Args:
        low: Smallest value.
        high: Largest value.
        step: Distance between values (a factor on the other scales than linear); default
            continuous.
        sampling: Scale on which values are spread: linear, log or reverse_log.
        default: Value when nothing is searched, brought to the nearest step; default the lowest.
    """

    kind: ClassVar[str] = "float"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "low", float(self.low))
        object.__setattr__(self, "high", float(self.high))

    def _round(self, number: float) -> float:
        if self.step is None:
            return float(number)
        near = ROUNDING * self._gap(number)  # so far may floating-point errors have led off
        for tidy in (self.low, self.high, float(f"{number:.12g}")):
            if abs(tidy - number) <= near and self.low <= tidy <= self.high:
                return tidy
        return float(number)


def _continuous(parameter: Int) -> Float:
    """The continuous range behind whole numbers on a log scale; one half wider on both sides."""
    low, high = parameter.low - 0.49, parameter.high + 0.49
    return Float(parameter.name, max(low, 0.51), high, sampling=parameter.sampling)
