"""A learning curve as one line of letters."""

from __future__ import annotations

import math
from collections.abc import Sequence

LEVELS = "▁▂▃▄▅▆▇█"
MOST_LETTERS = 40


def sparkline(values: Sequence[float | None], most: int = MOST_LETTERS) -> str:
    """A curve as letters from ▁, its lowest value, to █, its highest.

    Args:
        values: One for each epoch; None or NaN where nothing was measured, which leaves a space.
        most: Most letters; of a longer curve each letter is the latest value of some epochs.
    """
    count = min(len(values), most)
    shown = [values[(place + 1) * len(values) // count - 1] for place in range(count)]
    known = [value for value in shown if value is not None and math.isfinite(value)]
    if not known:
        return " " * count
    low, width = min(known), max(known) - min(known)
    return "".join(_level(value, low, width) for value in shown)


def _level(value: float | None, low: float, width: float) -> str:
    if value is None or not math.isfinite(value):
        return " "
    share = (value - low) / width if width else 0.5
    return LEVELS[min(int(share * len(LEVELS)), len(LEVELS) - 1)]
