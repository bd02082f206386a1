"""Progress of a search: the best objective so far."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence


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


def seconds_run(spans: Sequence[tuple[float, float]]) -> list[float]:
    """The time a search had taken when each trial ended, pauses left out.

    Time in which several trials ran counts once, time in which none ran not at all: a search
    that was stopped for a night has not taken the night.

    Args:
        spans: Begin and end of each trial, in seconds by any one clock.

    Returns:
        As many entries as spans: seconds until its end in which at least one trial ran.
    """
    taken: dict[int, float] = {}
    total, until = 0.0, -math.inf
    for begin, end, position in sorted((*span, at) for at, span in enumerate(spans)):
        total += max(0.0, end - max(begin, until))
        taken[position] = total - max(0.0, until - end)
        until = max(until, end)
    return [taken[position] for position in range(len(spans))]
