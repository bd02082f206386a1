"""Cutting a numeric range to where the good region lies, or widening it beyond an end."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from hpsearch.spaces import Float, Int, Parameter, fixed_at
from hpsearch.stages.evidence import Decision, Evidence
from hpsearch.stages.narrow_reasons import beyond_words, range_words, short

WIDENING = 0.3  # of the scale, beyond an end the best presses against
NARROWEST = 0.25  # part of an axis that one narrowing leaves at least
WORTH_SHRINKING = 0.9  # a range that would keep more than this is left as it is


def narrow_range(parameter: Parameter, evidence: Evidence) -> tuple[Parameter, Decision, str]:
    """The range cut or widened, what that is called, and why."""
    assert isinstance(parameter, Int | Float)
    widened = _widen(parameter, evidence)
    if widened is not None:
        return widened
    low, high = _ends(parameter, evidence)
    shrunk = _ranged(parameter, low, high)
    if shrunk.num_values == 1:
        return fixed_at(parameter, shrunk.default_value), "fix", range_words(evidence, low, high)
    kept = parameter.to_unit(high) - parameter.to_unit(low)
    if shrunk == parameter or (kept > WORTH_SHRINKING and parameter.num_values is None):
        return parameter, "keep", "the good region takes the whole range"
    return shrunk, "shrink", range_words(evidence, low, high)


def _ends(parameter: Int | Float, evidence: Evidence) -> tuple[float, float]:
    """The ends of what is left, and of the best trial."""
    axis = evidence.axis
    first, last = _not_too_narrow(evidence)
    low, high = float(axis.grid[first]), float(axis.grid[last])
    if parameter.num_values != len(axis.grid):  # the grid is coarse: to the middle between points
        middles = (axis.places[1:] + axis.places[:-1]) / 2
        ends = [0.0, *middles, 1.0]
        low, high = (_at(parameter, ends[first]), _at(parameter, ends[last + 1]))
    best = float(low if evidence.best is None else evidence.best)
    low, high = min(low, best), max(high, best)
    if isinstance(parameter, Float) and parameter.step is None:
        low, high = _tidy(low, -1), _tidy(high, +1)
    return max(low, parameter.low), min(high, parameter.high)


def _not_too_narrow(evidence: Evidence) -> tuple[int, int]:
    """The first and last code that is left, moved apart until they hold a quarter of the axis.

    Where the optimum is a tip that the surface rounds off, it is too sure of where it lies.
    """
    codes, size = np.flatnonzero(evidence.left), len(evidence.left)
    first, last = int(codes[0]), int(codes[-1])
    while last - first + 1 < round(NARROWEST * size):
        if first > 0 and (last == size - 1 or (last - first) % 2):
            first -= 1
        else:
            last += 1
    return first, last


def _at(parameter: Int | Float, end: float) -> float:
    return float(parameter.from_unit(end))


def _ranged(parameter: Int | Float, low: float, high: float) -> Parameter:
    default = min(max(float(parameter.default_value), low), high)
    if isinstance(parameter, Int):
        return replace(parameter, low=int(low), high=int(high), default=int(default))
    return replace(parameter, low=low, high=high, default=default)


def _tidy(number: float, direction: int) -> float:
    """The number to two significant digits, rounded outwards."""
    if number == 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(number))) - 1)
    rounded = (math.floor if direction < 0 else math.ceil)(number / unit) * unit
    return float(f"{rounded:.2g}")


def _widen(parameter: Int | Float, evidence: Evidence) -> tuple[Parameter, Decision, str] | None:
    """A range moved beyond the end that the best presses against; None if it does not."""
    if evidence.limits is None or evidence.edge is None or not evidence.importance.exceeds_chance:
        return None
    at_low = evidence.edge == "lower"
    low, high = _beyond(parameter, at_low, evidence.limits)
    if (at_low and low >= parameter.low) or (not at_low and high <= parameter.high):
        return None
    first, last = _ends(parameter, evidence)
    low, high = (low, max(last, low)) if at_low else (min(first, high), high)
    return _ranged(parameter, low, high), "widen", _words(parameter, evidence, low, high)


def _words(parameter: Int | Float, evidence: Evidence, low: float, high: float) -> str:
    at_low = evidence.edge == "lower"
    end, other = (low, high) if at_low else (high, low)
    text = (
        f"the estimated best presses against the {evidence.edge} end (best trial "
        f"{short(evidence.best)}), so the range goes on to {short(end)}"
    )
    cut = high < parameter.high if at_low else low > parameter.low
    if cut:
        side = "upper" if at_low else "lower"
        text += f"; the {side} end was cut to {short(other)}{beyond_words(evidence)}"
    return text


def _beyond(
    parameter: Int | Float, at_low: bool, limits: tuple[float, float]
) -> tuple[float, float]:
    """The ends moved outwards by a part of the scale, as far as the limits allow."""
    low, high = parameter.low, parameter.high
    if parameter.sampling == "linear":
        reach = WIDENING * (high - low)
        low, high = low - reach, high + reach
    else:
        factor = (high / low) ** WIDENING
        low, high = low / factor, high * factor
    if isinstance(parameter, Float) and parameter.step is None:
        low, high = _tidy(low, -1), _tidy(high, +1)
    first = max(low, limits[0]) if at_low else parameter.low
    last = parameter.high if at_low else min(high, limits[1])
    return first, last
