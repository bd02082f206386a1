"""The objective against each hyperparameter, one small plot each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hpsearch.analysis.curves import Series
from hpsearch.counting import count_of
from hpsearch.report.figures.canvas import (
    BLUE,
    DENSE_TRIALS,
    GREY,
    INK,
    ORANGE,
    WIDTH,
    shorten,
    use_log_scale,
    use_whole_numbers,
)
from hpsearch.report.figures.search_progress import reached_value, value_limits
from hpsearch.report.wording import value_text
from hpsearch.spaces import Choice, Parameter, Space

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hpsearch.storage.study_view import StudyView

PER_ROW = 4
NUM_PANELS = 24
"""More small plots than this are no longer small or no longer readable."""
MOST_LABELS = 8
LONGEST_LABEL = 14
LONGEST_LABELS = 18
"""Letters that fit side by side under one small plot."""


class Slice(NamedTuple):
    """The trials as one hyperparameter sees them.

    Args:
        name: The hyperparameter.
        is_log: Whether its axis is logarithmic.
        labels: The choices it took; empty for a number from a range.
        places: Place on the axis of each trial: the number, or the position of the choice.
        values: Objective of each trial.
        complete: Whether each trial completed (else it was pruned).
        best: Index of the winner among these trials; None if it lacks the hyperparameter.
    """

    name: str
    is_log: bool
    labels: tuple[str, ...]
    places: tuple[float, ...]
    values: tuple[float, ...]
    complete: tuple[bool, ...]
    best: int | None


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
    slices = [one for name in names if (one := _slice(space, name, judged, winner))]
    left_out = max(0, len(slices) - NUM_PANELS)
    return SlicesInfo(view.objective, tuple(slices[:NUM_PANELS]), left_out, len(judged))


class _Judged(NamedTuple):
    number: int
    params: Mapping[str, Any]
    value: float
    is_complete: bool


def _judged(view: StudyView) -> list[_Judged]:
    """The trials with an objective, or what they had reached when they were stopped."""
    reached = ((record, reached_value(record, view.direction)) for record in view.trials)
    return [
        _Judged(record.number, record.params, value, record.state == "complete")
        for record, value in reached
        if value is not None and record.state in ("complete", "pruned")
    ]


def _slice(space: Space, name: str, judged: list[_Judged], winner: int | None) -> Slice | None:
    """The trials as one hyperparameter sees them; None if all have the same value."""
    having = [trial for trial in judged if name in trial.params]
    if len({repr(trial.params[name]) for trial in having}) < 2:
        return None
    declared = [p for p in space if p.name == name]
    labels, places = _places([trial.params[name] for trial in having], declared)
    is_log = any(getattr(p, "sampling", "linear") == "log" for p in declared)
    return Slice(
        shorten(name),
        is_log and not labels and min(places) > 0,
        labels,
        places,
        tuple(trial.value for trial in having),
        tuple(trial.is_complete for trial in having),
        next((i for i, trial in enumerate(having) if trial.number == winner), None),
    )


def _places(
    values: list[Any], declared: list[Parameter]
) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Numbers of a range as they are; choices as their position, in the declared order."""
    numeric = all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in values
    )
    if numeric and not any(isinstance(parameter, Choice) for parameter in declared):
        return (), tuple(float(value) for value in values)
    present = {_label(value) for value in values}
    choices = [_label(v) for p in declared if isinstance(p, Choice) for v in p.values]
    labels = tuple(
        label for label in dict.fromkeys((*choices, *sorted(present))) if label in present
    )
    return labels, tuple(float(labels.index(_label(value))) for value in values)


def _label(value: Any) -> str:
    return shorten(value_text(value), LONGEST_LABEL)


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
