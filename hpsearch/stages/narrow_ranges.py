"""Cutting a numeric range to where the good trials are, or widening it beyond an end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from hpsearch.spaces import Choice, Float, Int, Parameter, Value
from hpsearch.stages.evidence import Decision, Evidence

MARGIN = 0.1  # of the scale, on both sides of the good trials
EDGE = 0.1  # a best trial within this part of the scale from an end is at the edge
WIDENING = 0.3  # of the scale, beyond an end the best trials press against
WORTH_SHRINKING = 0.85  # a range that would keep more than this is left as it is


def narrow_range(parameter: Parameter, evidence: Evidence) -> tuple[Parameter, Decision, str]:
    """The range cut or widened, what that is called, and why."""
    units = [parameter.to_unit(value) for value in evidence.good]
    widened = _widen(parameter, evidence, units)
    if widened is not None:
        return widened
    low, high = max(0.0, min(units) - MARGIN), min(1.0, max(units) + MARGIN)
    count = len(evidence.good)
    if isinstance(parameter, Choice) and not evidence.may_fix:
        return parameter, "keep", "too few trials to drop a choice"
    if high - low > WORTH_SHRINKING:
        return parameter, "keep", f"the best {count} trials are spread over the whole range"
    shrunk = _cut(parameter, low, high, evidence.good)
    if shrunk == parameter:
        return parameter, "keep", f"the best {count} trials need the whole range"
    reason = f"the best {count} of {evidence.num_trials} trials lie between " + _span(
        parameter, evidence.good
    )
    return shrunk, "shrink", reason


def _span(parameter: Parameter, good: Sequence[Value]) -> str:
    ends = sorted(good, key=parameter.to_unit)
    return f"{short(ends[0])} and {short(ends[-1])}"


def short(value: Value) -> str:
    """A value in a sentence."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _cut(parameter: Parameter, low: float, high: float, good: Sequence[Value]) -> Parameter:
    """The part of the scale from `low` to `high`, both in [0, 1]; every good value stays in."""
    if isinstance(parameter, Choice):
        positions = [parameter.index_of(value) for value in good]
        kept = parameter.values[
            max(0, min(positions) - (low <= 0.0)) : max(positions) + 1 + (high >= 1.0)
        ]
        return replace(parameter, values=kept, default=kept[0])
    assert isinstance(parameter, Int | Float)
    numbers = [float(value) for value in good]
    first = min(float(parameter.from_unit(low)), *numbers)
    last = max(float(parameter.from_unit(high)), *numbers)
    if isinstance(parameter, Float) and parameter.step is None:
        first, last = _tidy(first, -1), _tidy(last, +1)
    first, last = max(first, parameter.low), min(last, parameter.high)
    default = min(max(float(parameter.default_value), first), last)
    return _ranged(parameter, first, last, default)


def _ranged(parameter: Int | Float, low: float, high: float, default: float) -> Parameter:
    if isinstance(parameter, Int):
        return replace(parameter, low=int(low), high=int(high), default=int(default))
    return replace(parameter, low=low, high=high, default=default)


def _tidy(number: float, direction: int) -> float:
    """The number to two significant digits, rounded away from the good trials."""
    if number == 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(number))) - 1)
    rounded = (math.floor if direction < 0 else math.ceil)(number / unit) * unit
    return float(f"{rounded:.2g}")


def _widen(
    parameter: Parameter, evidence: Evidence, units: Sequence[float]
) -> tuple[Parameter, Decision, str] | None:
    """A range moved beyond the end that the best trials press against; None if they do not."""
    if not isinstance(parameter, Int | Float) or evidence.limits is None:
        return None
    best, middle = units[0], sorted(units)[len(units) // 2]
    at_low, at_high = best < EDGE and middle < 1 / 3, best > 1 - EDGE and middle > 2 / 3
    if not (at_low or at_high):
        return None
    low, high = _beyond(parameter, at_low, evidence.limits)
    if (at_low and low >= parameter.low) or (at_high and high <= parameter.high):
        return None
    other = min(1.0, max(units) + MARGIN) if at_low else max(0.0, min(units) - MARGIN)
    inner = float(parameter.from_unit(other))
    first, last = (low, max(inner, low)) if at_low else (min(inner, high), high)
    side = "lower" if at_low else "upper"
    reason = f"the best trial ({short(evidence.best or 0)}) lies at the {side} edge"
    default = min(max(float(evidence.best or 0), first), last)
    return _ranged(parameter, first, last, default), "widen", reason


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
