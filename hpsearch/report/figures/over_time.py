"""The best so far over the time that a search had taken."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hpsearch.analysis.progress import best_so_far, seconds_run
from hpsearch.report.figures.canvas import BLUE, DENSE_TRIALS, ORANGE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpsearch.storage.study_view import StudyView


class OverTime(NamedTuple):
    """The best so far when each completed trial ended.

    Args:
        seconds: Ascending; time in which no trial ran is left out.
        values: Objectives of the trials that ended.
        best: Best value so far.
    """

    seconds: tuple[float, ...]
    values: tuple[float, ...]
    best: tuple[float, ...]


def over_time(view: StudyView) -> OverTime:
    """The best so far over the seconds the search had taken; empty where no times are known."""
    timed = [r for r in view.trials if r.is_finished and r.started and r.seconds is not None]
    begins = [datetime.fromisoformat(r.started).timestamp() for r in timed]
    spans = [(begin, begin + (r.seconds or 0.0)) for begin, r in zip(begins, timed, strict=True)]
    ends = sorted(
        (second, r.number, r.value)
        for second, r in zip(seconds_run(spans), timed, strict=True)
        if r.state == "complete" and r.value is not None
    )
    best = best_so_far((value for *_, value in ends), view.direction)
    return OverTime(
        tuple(second for second, *_ in ends),
        tuple(value for *_, value in ends),
        tuple(value for value in best if value is not None),
    )


def draw_over_time(axes: Axes, info: OverTime, limits: tuple[float, float]) -> None:
    """The staircase over seconds, minutes or hours, with a dot for each trial."""
    unit, name = _unit_of(info.seconds[-1])
    at = np.array(info.seconds) / unit
    dense = len(at) > DENSE_TRIALS
    inside = np.clip(info.values, *limits)
    axes.scatter(
        at, inside, 5 if dense else 16, color=BLUE, alpha=0.5, lw=0, clip_on=False, rasterized=dense
    )
    axes.step(at, info.best, where="post", color=ORANGE, lw=2)
    axes.set_xlim(left=0)
    axes.set_xlabel(f"{name} in which trials ran")


def _unit_of(seconds: float) -> tuple[float, str]:
    if seconds < 120:
        return 1.0, "seconds"
    return (60.0, "minutes") if seconds < 7200 else (3600.0, "hours")
