"""Parallel coordinates: every trial as a line through its hyperparameters to its objective."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hpsearch.counting import count_of
from hpsearch.report.figures.canvas import (
    DENSE_TRIALS,
    GREY,
    INK,
    ORANGE,
    WIDTH,
    shorten,
)
from hpsearch.report.figures.scales import Scale, scale_of
from hpsearch.report.figures.search_progress import value_limits
from hpsearch.spaces import Parameter, Space

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hpsearch.analysis.axes import Numbers
    from hpsearch.storage.records import TrialRecord
    from hpsearch.storage.study_view import StudyView

MOST_AXES = 9
"""Hyperparameters; with more the labels would touch."""
MOST_LINES = 2000
UNUSED = -0.12
"""Where a hyperparameter that is not in use lies, below its scale."""
LEADING = 10
"""Every tenth trial, the best ones, is drawn strongly."""
MOST_LABELS = 8


class Column(NamedTuple):
    """One vertical axis.

    Args:
        name: The hyperparameter.
        ticks: Places in [0, 1] with their labels.
        spread: How far lines through one value are spread out, so that they stay apart.
        has_unused: Whether some trials do not use it.
    """

    name: str
    ticks: tuple[tuple[float, str], ...]
    spread: float
    has_unused: bool


class ParallelInfo(NamedTuple):
    """Trials as lines.

    Args:
        objective: The metric that is compared.
        direction: `maximize` or `minimize`.
        columns: Hyperparameters that varied, the most important first.
        places: (trials, columns), the worst trial first; UNUSED where one is not in use.
        values: (trials,), the objectives.
        winner: Number of the best trial.
        num_left_out: Hyperparameters that varied but are not shown.
        num_trials: Number of completed trials; not all may be drawn.
    """

    objective: str
    direction: str
    columns: tuple[Column, ...]
    places: Numbers
    values: Numbers
    winner: int | None
    num_left_out: int
    num_trials: int

    @property
    def missing(self) -> str:
        """Why there is nothing to draw."""
        if self.num_trials < 2:
            return f"{count_of(self.num_trials, 'completed trial')}: two are needed to compare."
        return "" if self.columns else "No hyperparameter took more than one value so far."

    @property
    def caption(self) -> str:
        """What the figure shows."""
        drawn = len(self.values)
        which = "every" if drawn == self.num_trials else f"each of {drawn:,} of {self.num_trials:,}"
        text = (
            f"A line for {which} completed trial{'s' if drawn < self.num_trials else ''}, from its "
            f"hyperparameters to its {self.objective} on the right. Strong lines: the best tenth, "
            "the more yellow the better; grey: the others"
        )
        text += f"; orange: the best, trial {self.winner}." if self.winner is not None else "."
        if any(column.has_unused for column in self.columns):
            text += " Lines pass below where a hyperparameter is not in use."
        if self.num_left_out:
            text += f" Not shown: {count_of(self.num_left_out, 'less important hyperparameter')}."
        return text

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches."""
        return WIDTH, 4.4


def parallel_info(view: StudyView) -> ParallelInfo:
    """A study's completed trials as lines, the winner's on top."""
    from hpsearch.analysis.importance import importance_of

    complete = view.ranked[::-1]
    space, importances = Space.from_json(view.space), importance_of(view)
    varied = [p for p in space if _varies(p, complete)]
    varied.sort(key=lambda p: -importances[k].share if (k := space.key(p)) in importances else 0.0)
    shown = varied[:MOST_AXES]
    drawn = _some(complete)
    scales = [scale_of([parameter]) for parameter in shown]
    pairs = list(zip(shown, scales, strict=True))
    places = np.array([[_place(p, s, own) for p, s in pairs] for own in drawn]).reshape(
        len(drawn), len(shown)
    )
    return ParallelInfo(
        view.objective,
        view.direction,
        tuple(_column(*pair, places[:, at]) for at, pair in enumerate(pairs)),
        places,
        np.array([own.value for own in drawn], dtype=np.float64),
        complete[-1].number if complete else None,
        len(varied) - len(shown),
        len(complete),
    )


def _varies(parameter: Parameter, records: Sequence[TrialRecord]) -> bool:
    values = {repr(r.params[parameter.name]) for r in records if _uses(parameter, r)}
    return len(values) > 1


def _uses(parameter: Parameter, record: TrialRecord) -> bool:
    return parameter.name in record.params and all(
        condition.holds(record.params) for condition in parameter.conditions
    )


def _some(records: Sequence[TrialRecord]) -> Sequence[TrialRecord]:
    """The trials, worst first; of too many all of the best and some of the others, evenly."""
    if len(records) <= MOST_LINES:
        return records
    best = records[-MOST_LINES // 4 :]
    others = records[: -len(best)]
    chosen = np.linspace(0, len(others) - 1, MOST_LINES - len(best)).round().astype(int)
    return [*(others[at] for at in chosen), *best]


def _place(parameter: Parameter, scale: Scale, record: TrialRecord) -> float:
    if not _uses(parameter, record):
        return UNUSED
    place = scale.place(record.params[parameter.name])
    return UNUSED if place is None else place


def _column(parameter: Parameter, scale: Scale, places: Numbers) -> Column:
    ticks = scale.ticks
    if len(ticks) > MOST_LABELS:
        ticks = ticks[0], ticks[-1]  # the others would touch
    unused = bool((places == UNUSED).any())
    if unused:
        ticks = (UNUSED, "not in use"), *ticks
    return Column(shorten(parameter.name, 16), ticks, _spread(scale), unused)


def _spread(scale: Scale) -> float:
    """Part of what lies between two values, where there are few."""
    if scale.range is None:
        return 0.5 / len(scale.choices)
    steps = scale.range.high - scale.range.low
    return 0.2 / steps if scale.is_whole and steps <= MOST_LABELS else 0.0


def draw_parallel(figure: Figure, info: ParallelInfo) -> None:
    """Lines in the background for most trials, in colour for the best tenth."""
    axes = figure.subplots()
    limits = value_limits(tuple(map(float, info.values))) or (0.0, 1.0)
    inside = np.clip(info.values, *limits)
    low, high = float(inside.min()), float(inside.max())
    heights = (inside - low) / (high - low) if high > low else np.full(len(inside), 0.5)
    lines = _lines(info, heights)
    leading = max(3, info.num_trials // LEADING)
    _draw_lines(
        axes, lines[:-leading], GREY, 0.5, 0.4 if len(lines) <= DENSE_TRIALS else 0.15, len(lines)
    )
    goodness = heights if info.direction == "maximize" else 1 - heights
    _draw_lines(axes, lines[-leading:], _colors(goodness[-leading:]), 1.1, 0.85, len(lines))
    if info.winner is not None and len(lines):
        axes.plot(*lines[-1].T, color=ORANGE, lw=2.5)
    for at, column in enumerate(info.columns):
        _draw_axis(axes, at, column.ticks)
    ends = tuple((at, f"{low + at * (high - low):.3g}") for at in (0.0, 0.5, 1.0))
    _draw_axis(axes, len(info.columns), ends)
    names = [column.name for column in info.columns] + [shorten(info.objective, 16)]
    axes.set_xticks(range(len(names)), names, rotation=20, ha="right")
    bottom = UNUSED if any(column.has_unused for column in info.columns) else 0.0
    axes.set(xlim=(-0.15, len(names) - 0.65), ylim=(bottom - 0.04, 1.04))
    axes.yaxis.set_visible(False)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def _lines(info: ParallelInfo, heights: Numbers) -> Numbers:
    """(trials, columns + 1, 2), choices spread out so that lines of one choice stay apart."""
    spread = info.places.copy()
    golden = np.arange(len(spread)) * 0.618034 % 1 - 0.5
    for at, column in enumerate(info.columns):
        unused = spread[:, at] == UNUSED
        spread[:, at] += np.where(unused, 0.0, golden * column.spread)
    up = np.column_stack([spread, heights])
    across = np.broadcast_to(np.arange(up.shape[1], dtype=float), up.shape)
    return np.stack([across, up], axis=2)


def _colors(goodness: Numbers) -> Any:
    import matplotlib as mpl

    reach = float(np.ptp(goodness)) or 1.0
    return mpl.colormaps["viridis"]((goodness - goodness.min()) / reach * 0.9)


def _draw_lines(
    axes: Axes, lines: Numbers, color: Any, width: float, alpha: float, count: int
) -> None:
    from matplotlib.collections import LineCollection

    if len(lines):
        axes.add_collection(
            LineCollection(
                list(lines),
                colors=color,
                linewidths=width,
                alpha=alpha,
                rasterized=count > DENSE_TRIALS,
            )
        )


def _draw_axis(axes: Axes, at: int, ticks: Sequence[tuple[float, str]]) -> None:
    axes.plot([at, at], [0, 1], color=INK, lw=1)
    for place, text in ticks:
        axes.annotate(
            text,
            (at, place),
            (3, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=INK,
            bbox={"facecolor": "white", "alpha": 0.75, "lw": 0, "pad": 0.8},
        )
