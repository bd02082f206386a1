"""What the shape of a learning curve says in numbers: level, noise, trend, turning point."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from hpsearch.analysis.curves import Series, centred_average

MAD_TO_SD = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""
TAIL_SHARE = 1 / 3
"""Share of the epochs that counts as the end: long enough to average, short enough to be late."""
MIN_TAIL = 3
"""A slope through fewer points says nothing."""


SURE = 2.0
"""A change counts when it exceeds twice its standard error (about 95 %)."""


class Trend(NamedTuple):
    """Straight line through the end of a curve.

    Args:
        change: Fitted change from the first to the last epoch of the end.
        error: Standard error of that change; 0 where the noise cannot be measured.
    """

    change: float
    error: float

    def rises(self, least: float) -> bool:
        """Whether it rises by `least` or more, and by more than noise explains."""
        return self.change >= least and self.change > SURE * self.error

    def falls(self, least: float) -> bool:
        """Whether it falls by `least` or more, and by more than noise explains."""
        return -self.change >= least and -self.change > SURE * self.error

    @property
    def margin(self) -> float:
        """The change in standard errors; infinite where there is no noise."""
        return in_errors(self.change, self.error)


def in_errors(distance: float, error: float) -> float:
    """A distance without its sign, in standard errors; infinite where there is no noise."""
    return abs(distance) / error if error > 0 else math.inf


def measured(series: Series) -> Series:
    """The values that are there, in order."""
    return series[np.isfinite(series)]


def tail_length(count: int) -> int:
    """Number of epochs that count as the end of a curve."""
    return min(count, max(MIN_TAIL, math.ceil(count * TAIL_SHARE)))


def tail_count(series: Series) -> int:
    """Number of epochs over which the height at the end is averaged: the last fifth."""
    return max(1, len(measured(series)) // 5)


def tail_level(series: Series) -> float:
    """The height at the end: mean of the last fifth; NaN if nothing was measured."""
    values = measured(series)
    if not len(values):
        return math.nan
    return float(np.mean(values[-tail_count(series) :]))


def noise(series: Series) -> float:
    """Standard deviation of the jitter from epoch to epoch, the trend taken out.

    Differences of order k cancel a polynomial trend of degree k - 1 and leave jitter times the
    root of the central binomial coefficient (2k over k). A bend makes low orders too large, so
    the smallest of orders 2 to 4 is taken. 0 below four values.
    """
    values = measured(series)
    spreads = [
        MAD_TO_SD
        * float(np.median(np.abs(np.diff(values, order))))
        / math.sqrt(math.comb(2 * order, order))
        for order in (2, 3, 4)
        if len(values) - order >= 2
    ]
    return min(spreads, default=0.0)


def end_trend(series: Series) -> Trend:
    """Least-squares line through the end of a curve, with the error its jitter implies."""
    values = measured(series)
    if len(values) < MIN_TAIL:
        return Trend(0.0, 0.0)
    tail = values[-tail_length(len(values)) :]
    steps = np.arange(len(tail)) - (len(tail) - 1) / 2
    spread = float(np.sum(steps**2))
    slope = float(np.sum(steps * tail)) / spread
    length = len(tail) - 1
    return Trend(slope * length, noise(series) / math.sqrt(spread) * length)


def early_share(series: Series) -> float:
    """Share of the whole change that the first half of the epochs brought.

    One half for a straight line; 1 / (1 + exp(-T / 2τ)) for an exponential approach with time
    constant τ seen for T epochs: 0.62 at T = τ, 0.82 at 3 τ. NaN if nothing changed.
    """
    smooth = centred_average(measured(series))
    if len(smooth) < 3:
        return math.nan
    first, last = smooth[0], smooth[-1]
    if abs(last - first) <= 2 * noise(series) or last == first:
        return math.nan
    middle = np.interp((len(smooth) - 1) / 2, np.arange(len(smooth)), smooth)
    return float((middle - first) / (last - first))


class Turn(NamedTuple):
    """Where a loss was lowest and how far it rose afterwards.

    Args:
        epoch: Epoch of the lowest smoothed value, counted from 1.
        lowest: That value.
        rise: Level at the end minus that value.
        error: Standard error of the rise; 0 where the noise cannot be measured.
    """

    epoch: int
    lowest: float
    rise: float
    error: float


def turning_point(loss: Series) -> Turn | None:
    """The lowest point of a smoothed loss; None if nothing was measured."""
    smooth = centred_average(loss)
    if not np.isfinite(smooth).any():
        return None
    index = int(np.nanargmin(smooth))
    lowest = float(smooth[index])
    error = noise(loss) * math.sqrt(1 / tail_count(loss) + 1 / 4)
    return Turn(index + 1, lowest, tail_level(loss) - lowest, error)


BLOW_UP = 1.5
"""A training loss that ends at 1.5 times its lowest value and above its first is no jitter."""


def has_blown_up(loss: Series) -> bool:
    """Whether a training loss was lost on the way, or ends far above its lowest and its first."""
    values = measured(loss)
    if not len(values):
        return False
    if not np.isfinite(loss[-1]):
        return True
    return len(values) >= 3 and bool(values[-1] > BLOW_UP * values.min() and values[-1] > values[0])
