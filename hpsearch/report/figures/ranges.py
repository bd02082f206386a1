"""What narrowing did from stage to stage: every hyperparameter's range as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from hpsearch.counting import count_of
from hpsearch.report.figures.canvas import (
    AMBER,
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PALE,
    PURPLE,
    SKY,
    WIDTH,
    shorten,
)
from hpsearch.report.figures.scales import Scale, Span, scale_of
from hpsearch.report.lineage import NEXT, Searched, lineage
from hpsearch.spaces import Parameter, Space

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hpsearch.storage.study_view import StudyView

STAGE_COLORS = (SKY, BLUE, GREEN, PURPLE, AMBER, GREY)
MOST_ROWS = 24
MOST_TICKS = 7
POINT = 0.006


class Row(NamedTuple):
    """One hyperparameter from stage to stage.

    Args:
        name: The hyperparameter.
        ticks: Places of values on its scale, in [0, 1], with their labels.
        bars: For each stage the parts of the scale it searched; none where it did not have the
            hyperparameter.
        best: Place of the best trial's value; None if it has none.
    """

    name: str
    ticks: tuple[tuple[float, str], ...]
    bars: tuple[tuple[Span, ...], ...]
    best: float | None

    @property
    def has_changed(self) -> bool:
        """Whether the stages searched different parts."""
        return len(set(self.bars)) > 1


class RangesInfo(NamedTuple):
    """The ranges of the hyperparameters that were narrowed.

    Args:
        stages: Names of the studies, the first one first.
        rows: Hyperparameters that are not the same in every stage.
        num_kept: How many are, and are not shown.
        num_left_out: How many more are not shown.
        winner: Number of the trial that is marked; None if there is none.
    """

    stages: tuple[str, ...]
    rows: tuple[Row, ...]
    num_kept: int
    num_left_out: int
    winner: int | None

    @property
    def missing(self) -> str:
        """Why there is nothing to draw."""
        if len(self.stages) > 1 and self.rows:
            return ""
        kept = count_of(self.num_kept, "hyperparameter")
        same = f": all stages search the same of {kept}" if len(self.stages) > 1 else ""
        return f"Nothing has been narrowed{same}."

    @property
    def caption(self) -> str:
        """What the figure shows."""
        text = (
            "The values that were searched, stage after stage from top to bottom: "
            f"{', '.join(self.stages)}. Each hyperparameter has its own scale."
        )
        if self.winner is not None:
            text += f" Star: the best trial, {self.winner}."
        if self.num_kept:
            text += f" The same in every stage: {count_of(self.num_kept, 'hyperparameter')}."
        if self.num_left_out:
            text += f" Not shown: {count_of(self.num_left_out, 'hyperparameter')}."
        return text

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches."""
        return WIDTH, 0.7 + len(self.rows) * self.row_height

    @property
    def row_height(self) -> float:
        """Inches for one hyperparameter."""
        return 0.36 + 0.13 * len(self.stages)


def ranges_info(view: StudyView) -> RangesInfo:
    """What narrowing did on the way to a study and after it."""
    best = view.best
    return ranges_through(lineage(view), best.params if best else {}, best.number if best else None)


def ranges_through(
    stages: Sequence[Searched], best: Mapping[str, Any], winner: int | None
) -> RangesInfo:
    """The ranges of the hyperparameters in a line of spaces.

    Args:
        stages: The spaces, the first one first.
        best: Hyperparameters of the trial to be marked.
        winner: Its number.
    """
    spaces = [stage.space for stage in stages]
    every = dict.fromkeys((p.name, p.conditions) for space in spaces for p in space)
    rows = [row for name, own in every if (row := _row(spaces, name, own, best)) is not None]
    changed = [row for row in rows if row.has_changed]
    shown = changed[:MOST_ROWS]
    return RangesInfo(
        tuple(stage.name for stage in stages),
        tuple(shown),
        len(rows) - len(changed),
        len(changed) - len(shown),
        winner,
    )


def _row(
    spaces: Sequence[Space], name: str, conditions: Any, best: Mapping[str, Any]
) -> Row | None:
    """The hyperparameter in every space; None if it never had two values."""
    identity = Parameter(name, conditions=conditions)
    found = [space.find(identity) for space in spaces]
    known = [parameter for parameter in found if parameter is not None]
    if all(parameter.num_values == 1 for parameter in known):
        return None
    scale = scale_of(known)
    active = all(condition.holds(best) for condition in conditions)
    return Row(
        shorten(known[0].label),
        _few_ticks(scale),
        tuple(scale.spans(parameter) if parameter else () for parameter in found),
        scale.place(best[name]) if active and name in best else None,
    )


def _few_ticks(scale: Scale) -> tuple[tuple[float, str], ...]:
    """The ticks; of many choices only the outer ones."""
    ticks = scale.ticks
    return ticks if len(ticks) <= MOST_TICKS else (ticks[0], ticks[-1])


def draw_ranges(figure: Figure, info: RangesInfo) -> None:
    """A row for each hyperparameter, in it a bar for each stage, its labels above."""
    axes = figure.subplots()
    for place, row in enumerate(info.rows):
        _draw_row(axes, place, row, info)
    for stage, name in enumerate(info.stages):
        axes.barh(0, 0, height=0, color=_color(info.stages, stage), label=shorten(name))
    axes.set_yticks(range(len(info.rows)), [row.name for row in info.rows])
    axes.set_ylim(len(info.rows) - 0.45, -0.55)
    axes.set_xlim(-0.03, 1.03)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_visible(False)
    axes.grid(visible=False)
    axes.spines[["left", "bottom"]].set_visible(False)
    figure.legend(loc="outside upper left", ncols=6)


def _color(stages: Sequence[str], stage: int) -> str:
    return ORANGE if stages[stage] == NEXT else STAGE_COLORS[stage % len(STAGE_COLORS)]


def _draw_row(axes: Axes, place: int, row: Row, info: RangesInfo) -> None:
    thickness = 0.6 / len(info.stages)
    top = place - 0.18
    for stage, spans in enumerate(row.bars):
        middle = top + (stage + 0.5) * thickness
        axes.barh(middle, 1, height=thickness * 0.75, color=PALE, alpha=0.35)
        for low, high in spans:
            length = max(high - low, POINT)  # what is fixed is a point, and has to be seen
            left, color = (low + high - length) / 2, _color(info.stages, stage)
            axes.barh(middle, length, left=left, height=thickness * 0.75, color=color)
    ends = {row.ticks[0][0]: "left", row.ticks[-1][0]: "right"}
    for at, text in row.ticks:
        side = ends.get(at, "center") if at in (0.0, 1.0) else "center"
        axes.text(at, top - 0.02, text, ha=side, va="bottom", fontsize=8, color=GREY)
    if row.best is not None:
        own = max((n for n, name in enumerate(info.stages) if name != NEXT), default=0)
        axes.scatter(
            row.best,
            top + (own + 0.5) * thickness,
            s=110,
            color=AMBER,
            marker="*",
            edgecolor=INK,
            lw=0.7,
            zorder=3,
        )
