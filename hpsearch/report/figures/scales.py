"""A hyperparameter's own scale from 0 to 1, for figures that put several side by side."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from hpsearch.report.figures.canvas import shorten
from hpsearch.report.wording import value_text
from hpsearch.spaces import Float, Int, Parameter

LONGEST_LABEL = 14
Span = tuple[float, float]


class Scale(NamedTuple):
    """Where values lie between 0 and 1.

    Args:
        range: The range of numbers, widest of all that were searched; None for choices.
        choices: The choices in order; empty for a range.
        is_whole: Whether a range is one of whole numbers.
    """

    range: Float | None
    choices: tuple[Any, ...]
    is_whole: bool = False

    def place(self, value: Any) -> float | None:
        """The place of a value; None if it has none."""
        if self.range is not None:
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            return self.range.to_unit(value) if is_number else None
        if value not in self.choices:
            return None
        return (self.choices.index(value) + 0.5) / len(self.choices)

    def spans(self, parameter: Parameter) -> tuple[Span, ...]:
        """The parts of the scale that a hyperparameter's values take; a point has no length."""
        if self.range is not None and isinstance(parameter, Int | Float):
            return ((self.range.to_unit(parameter.low), self.range.to_unit(parameter.high)),)
        places = [place for value in listed(parameter) if (place := self.place(value)) is not None]
        half = 0.0 if self.range is not None else 0.5 / len(self.choices)
        return _joined(sorted((place - half, place + half) for place in places))

    @property
    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Places with their labels: every choice, or the ends of the range and its middle."""
        if self.range is None:
            texts = [label(choice) for choice in self.choices]
            return tuple(((i + 0.5) / len(texts), text) for i, text in enumerate(texts))
        values = (self.range.low, self._middle, self.range.high)
        return tuple((self.range.to_unit(value), label(value)) for value in values)

    @property
    def _middle(self) -> float:
        """A value near the middle of the range that reads well."""
        assert self.range is not None
        value = float(f"{float(self.range.from_unit(0.5)):.2g}")
        value = float(round(value)) if self.is_whole else value
        return min(max(value, self.range.low), self.range.high)


def label(value: Any) -> str:
    """A value as the label of a tick."""
    return shorten(value_text(value), LONGEST_LABEL)


def listed(parameter: Parameter) -> tuple[Any, ...]:
    """The values of choices, of yes and no, and of what is fixed; empty for a range."""
    if isinstance(parameter, Int | Float):
        return ()
    return parameter.grid_values(parameter.num_values or 1)


def scale_of(parameters: Sequence[Parameter]) -> Scale:
    """The scale that holds all that one hyperparameter could be in several spaces.

    Args:
        parameters: The hyperparameter as each space has it, the first space first.
    """
    ranges = [p for p in parameters if isinstance(p, Int | Float)]
    fixed = [value for p in parameters for value in listed(p)]
    numbers = [v for v in fixed if isinstance(v, int | float) and not isinstance(v, bool)]
    if not ranges:
        return Scale(None, tuple(_ordered(fixed)))
    ends = [p.low for p in ranges] + [p.high for p in ranges] + numbers
    low, high = float(min(ends)), float(max(ends))
    if low == high:
        return Scale(None, (low,))
    sampling = ranges[0].sampling if low > 0 and math.isfinite(high) else "linear"
    whole = all(isinstance(parameter, Int) for parameter in ranges)
    return Scale(Float(ranges[0].name, low, high, sampling=sampling), (), whole)


def _ordered(values: Iterable[Any]) -> list[Any]:
    """Each once, as they were declared."""
    return list(dict.fromkeys(values))


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Spans that touch as one."""
    joined: list[Span] = []
    for low, high in spans:
        if joined and low - joined[-1][1] < 1e-9:
            joined[-1] = joined[-1][0], high
        else:
            joined.append((low, high))
    return tuple(joined)
