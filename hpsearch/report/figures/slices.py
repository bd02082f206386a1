"""The objective against each hyperparameter, one small plot each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hpsearch.analysis.curves import Series
from hpsearch.counting import count_of
from hpsearch.report.figures.canvas import (
    AMBER,
    BLUE,
    DENSE_TRIALS,
    GREY,
    INK,
    ORANGE,
    WIDTH,
    use_log_scale,
    use_whole_numbers,
)
from hpsearch.report.figures.one_slice import Judged, Slice, slice_of
from hpsearch.report.figures.search_progress import reached_value, value_limits
from hpsearch.report.lineage import next_space
from hpsearch.spaces import Space

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hpsearch.storage.study_view import StudyView

PER_ROW = 4
NUM_PANELS = 24
"""More small plots than this are no longer small or no longer readable."""
MOST_LABELS = 8
LONGEST_LABELS = 18
"""Letters that fit side by side under one small plot."""


class SlicesInfo(NamedTuple):
    """All small plots.

    Args:
        objective: The metric that is compared.
        slices: Hyperparameters that took at least two values.
        num_left_out: Hyperparameters that varied too but are not shown.
        num_trials: Trials with an objective.
    """

    objective: str
    slices: tuple[Slice, ...]
    num_left_out: int
    num_trials: int

    @property
    def missing(self) -> str:
        """Why there is nothing to draw."""
        if not self.num_trials:
            return "No trial has an objective, so there is nothing to compare."
        if not self.slices:
            return "No hyperparameter took more than one value so far."
        return ""

    @property
    def caption(self) -> str:
        """What the figure shows."""
        trials = count_of(self.num_trials, "trial")
        text = (
            f"{self.objective} of {trials} against each hyperparameter that "
            "varied. Filled: complete; hollow: pruned; star: the winner."
        )
        if any(one.left for one in self.slices):
            text += " Shaded: what narrowing left for the next stage."
        if self.num_left_out:
            further = count_of(self.num_left_out, "further hyperparameter")
            text += f" Not shown but in the table of trials: {further}."
        return text

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches."""
        return WIDTH, 2.3 * self.shape[0] + 0.3

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns, the rows as evenly filled as they can be."""
        rows = max(math.ceil(len(self.slices) / PER_ROW), 1)
        return rows, max(math.ceil(len(self.slices) / rows), 1)


def slices_info(view: StudyView) -> SlicesInfo:
    """The objective against every hyperparameter of a study that varied."""
    space = Space.from_json(view.space)
    judged = _judged(view)
    winner = view.best.number if view.best else None
    seen = dict.fromkeys(name for trial in judged for name in trial.params)
    names = [name for name in dict.fromkeys((*space.names, *seen)) if name in seen]
    left = next_space(view) or space
    slices = [one for name in names if (one := slice_of(space, name, judged, winner, left))]
    left_out = max(0, len(slices) - NUM_PANELS)
    return SlicesInfo(view.objective, tuple(slices[:NUM_PANELS]), left_out, len(judged))


def _judged(view: StudyView) -> list[Judged]:
    """The trials with an objective, or what they had reached when they were stopped."""
    reached = ((record, reached_value(record, view.direction)) for record in view.trials)
    return [
        Judged(record.number, record.params, value, record.state == "complete")
        for record, value in reached
        if value is not None and record.state in ("complete", "pruned")
    ]


def draw_slices(figure: Figure, info: SlicesInfo) -> None:
    """Small plots in rows, the vertical axis shared."""
    grid = figure.subplots(*info.shape, squeeze=False, sharey=True)
    limits = value_limits(tuple(v for one in info.slices for v in one.values)) or (0.0, 1.0)
    for axes, one in zip(grid.flat, info.slices, strict=False):
        _draw_slice(axes, one, limits)
    for axes in grid.flat[len(info.slices) :]:
        axes.set_visible(False)
    for row in grid:
        row[0].set_ylabel(info.objective)


def _draw_slice(axes: Axes, one: Slice, limits: tuple[float, float]) -> None:
    places, values = np.array(one.places), np.clip(one.values, *limits)
    if one.labels or _has_few_steps(one):
        places = places + _jitter(len(places))
    for low, high in one.left:
        axes.axvspan(low, high, color=AMBER, alpha=0.22, lw=0 if high > low else 3)
    complete = np.array(one.complete)
    dense = len(places) > DENSE_TRIALS
    size = 6 if dense else 18
    pruned, done = (places[~complete], values[~complete]), (places[complete], values[complete])
    look: dict[str, Any] = {"clip_on": False, "rasterized": dense}
    axes.scatter(*pruned, size, facecolors="none", edgecolors=GREY, **look)
    axes.scatter(*done, size, color=BLUE, alpha=0.7, lw=0, **look)
    if one.best is not None:
        best = places[one.best], values[one.best]
        axes.scatter(*best, s=130, color=ORANGE, marker="*", edgecolor=INK, lw=0.7, zorder=3)
    axes.set_xlabel(one.name)
    axes.set_ylim(*limits)
    _set_scale(axes, one)


def _has_few_steps(one: Slice) -> bool:
    """Whole numbers so close together that dots of one would form a line."""
    whole = all(place.is_integer() for place in one.places)
    return whole and not one.is_log and max(one.places) - min(one.places) <= MOST_LABELS


def _jitter(count: int) -> Series:
    """Sideways offsets that keep dots of one choice apart; the same every time."""
    golden = (math.sqrt(5) - 1) / 2
    return (np.arange(count, dtype=np.float64) * golden % 1 - 0.5) * 0.4


def _set_scale(axes: Axes, one: Slice) -> None:
    if one.labels:
        tilted = sum(map(len, one.labels)) > LONGEST_LABELS
        axes.set_xticks(
            range(len(one.labels)),
            one.labels,
            fontsize=9 if len(one.labels) <= MOST_LABELS else 6,
            rotation=35 if tilted else 0,
            ha="right" if tilted else "center",
        )
        axes.set_xlim(-0.5, len(one.labels) - 0.5)
    elif one.is_log:
        use_log_scale(axes)
    elif all(place.is_integer() for place in one.places):
        use_whole_numbers(axes)
    else:
        axes.locator_params(axis="x", nbins=5)
