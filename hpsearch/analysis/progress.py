"""Progress of a search: the best objective so far."""

from __future__ import annotations

import math
from collections.abc import Iterable


def best_so_far(values: Iterable[float | None], direction: str = "maximize") -> list[float | None]:
    """The best value seen up to each trial.

    Args:
        values: Objectives in the order of the trials; None or NaN for trials without one.
        direction: `maximize` or `minimize`.

    Returns:
        As many entries as values; None before the first objective.
    """
    better = max if direction == "maximize" else min
    best: float | None = None
    progress: list[float | None] = []
    for value in values:
        if value is not None and math.isfinite(value):
            best = value if best is None else better(best, value)
        progress.append(best)
    return progress
