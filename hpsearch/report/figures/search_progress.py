"""The objective of every trial in order and over time, with the best so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hpsearch.analysis.progress import best_so_far
from hpsearch.report.figures.canvas import (
    BLUE,
    DENSE_TRIALS,
    GREY,
    INK,
    ORANGE,
    WIDTH,
    number,
    use_whole_numbers,
)
from hpsearch.report.figures.over_time import OverTime, draw_over_time, over_time
from hpsearch.report.wording import duration_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hpsearch.storage.records import TrialRecord
    from hpsearch.storage.study_view import StudyView

OUTLYING = 4.0
"""Values farther from the quartiles than four times their distance are drawn at the edge."""


class Points(NamedTuple):
    """Trials of one outcome.

    Args:
        numbers: Trial numbers.
        values: Their objectives.
    """

    numbers: tuple[int, ...]
    values: tuple[float, ...]


class SearchProgressInfo(NamedTuple):
    """How the search went on.

    Args:
        objective: The metric that is compared.
        direction: `maximize` or `minimize`.
        complete: Completed trials.
        pruned: Trials stopped early, with the value they had reached.
        failed: Numbers of the trials that failed.
        best: Best value so far, from the first completed trial on.
        over_time: The same over seconds.
    """

    objective: str
    direction: str
    complete: Points
    pruned: Points
    failed: tuple[int, ...]
    best: Points
    over_time: OverTime

    @property
    def missing(self) -> str:
        """Why there is nothing to draw."""
        if self.complete.numbers or self.pruned.numbers:
            return ""
        if self.failed:
            return "Every trial failed, so there is no objective to show."
        return "No trial has an objective yet."

    @property
    def caption(self) -> str:
        """What the figure shows."""
        text = (
            f"{self.objective} of every trial: {len(self.complete.numbers)} complete, "
            f"{len(self.pruned.numbers)} pruned (hollow), {len(self.failed)} failed (crosses)."
        )
        if self.best.values:
            first = self.best.values.index(self.best.values[-1])
            text += (
                f" The line is the best so far; it reached {self.best.values[-1]:.4g} "
                f"with trial {self.best.numbers[first]}."
            )
        if self.over_time.seconds:
            whole = duration_text(self.over_time.seconds[-1])
            text += (
                f" Right: over the time in which trials ran, {whole} up to the last completed one."
            )
        low, high = self.limits
        if any(not low <= value <= high for value in self.complete.values):
            text += " Far outliers are drawn at the edge."
        return text

    @property
    def limits(self) -> tuple[float, float]:
        """The ends of the vertical axis."""
        values = (*self.complete.values, *self.pruned.values)
        low, high = value_limits(values) or (0.0, 1.0)
        best = self.best.values[-1] if self.best.values else low
        return min(low, best), max(high, best)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches."""
        return WIDTH, 3.8


def search_progress_info(view: StudyView) -> SearchProgressInfo:
    """The objective of every finished trial of a study."""
    complete = [r for r in view.trials if r.state == "complete" and r.value is not None]
    progress = best_so_far((r.value for r in complete), view.direction)
    return SearchProgressInfo(
        view.objective,
        view.direction,
        Points(tuple(r.number for r in complete), tuple(r.value or 0.0 for r in complete)),
        _pruned(view),
        tuple(r.number for r in view.trials if r.state == "failed"),
        Points(tuple(r.number for r in complete), tuple(b for b in progress if b is not None)),
        over_time(view),
    )


def _pruned(view: StudyView) -> Points:
    reached = {
        r.number: reached_value(r, view.direction) for r in view.trials if r.state == "pruned"
    }
    known = {n: value for n, value in reached.items() if value is not None}
    return Points(tuple(known), tuple(known.values()))


def reached_value(record: TrialRecord, direction: str) -> float | None:
    """The objective of a trial, or the best it had reported when it was stopped."""
    if record.value is not None:
        return record.value
    if not record.rungs:
        return None
    return (max if direction == "maximize" else min)(record.rungs.values())


def value_limits(values: tuple[float, ...]) -> tuple[float, float] | None:
    """Vertical limits that hold every value but far outliers; None if there are no values."""
    if not values:
        return None
    low, high = np.quantile(values, [0.25, 0.75])
    reach = OUTLYING * (high - low)
    inside = [v for v in values if low - reach <= v <= high + reach] if reach else list(values)
    bottom, top = min(inside), max(inside)
    margin = 0.08 * (top - bottom) or max(abs(top) * 0.05, 0.01)
    return float(bottom - margin), float(top + margin)


def draw_search_progress(figure: Figure, info: SearchProgressInfo) -> None:
    """Dots for trials, a staircase for the best so far, crosses for failures at the bottom."""
    timed = bool(info.over_time.seconds)
    grid = figure.subplots(
        1, 1 + timed, squeeze=False, sharey=True, width_ratios=(3, 2)[: 1 + timed]
    )
    low, high = info.limits
    _draw_over_trials(grid[0, 0], info, (low, high))
    if timed:
        draw_over_time(grid[0, 1], info.over_time, (low, high))
    grid[0, 0].set_ylim(low - 0.1 * (high - low), high)
    grid[0, 0].set_ylabel(info.objective)
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside upper left", ncols=5)


def _draw_over_trials(axes: Axes, info: SearchProgressInfo, limits: tuple[float, float]) -> None:
    dense = len(info.complete.numbers) > DENSE_TRIALS
    _draw_points(axes, info, limits, 8 if dense else 28)
    if info.best.numbers:
        last = max((*info.complete.numbers, *info.pruned.numbers, *info.failed))
        axes.step(
            (*info.best.numbers, last),
            (*info.best.values, info.best.values[-1]),
            where="post",
            color=ORANGE,
            lw=2,
            label="best so far",
        )
        _mark_winner(axes, info)
    axes.set_xlabel("trial")
    use_whole_numbers(axes)


def _mark_winner(axes: Axes, info: SearchProgressInfo) -> None:
    best = info.best.values[-1]
    winner = info.best.numbers[info.best.values.index(best)]
    axes.scatter(
        winner,
        best,
        s=160,
        color=ORANGE,
        marker="*",
        edgecolor=INK,
        lw=0.7,
        zorder=3,
        label="winner",
    )
    axes.set_title(f"trial {winner}: {number(best)}", loc="right", color=GREY)


def _draw_points(
    axes: Axes, info: SearchProgressInfo, limits: tuple[float, float], size: float
) -> None:
    low, high = limits
    if info.complete.numbers:
        inside = np.clip(info.complete.values, low, high)
        axes.scatter(
            info.complete.numbers,
            inside,
            size,
            color=BLUE,
            alpha=0.8,
            clip_on=False,
            rasterized=len(inside) > DENSE_TRIALS,
            label="complete",
        )
    if info.pruned.numbers:
        inside = np.clip(info.pruned.values, low, high)
        axes.scatter(
            info.pruned.numbers, inside, size, facecolors="none", edgecolors=GREY, label="pruned"
        )
    if info.failed:
        bottom = np.full(len(info.failed), low - 0.05 * (high - low))
        axes.scatter(info.failed, bottom, size, color=INK, marker="x", lw=1.2, label="failed")
