"""Importance of each hyperparameter as bars."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from hpsearch.counting import count_of
from hpsearch.report.figures.canvas import BLUE, INK, PALE, WIDTH, shorten

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hpsearch.analysis.importance import Importance
    from hpsearch.storage.study_view import StudyView

NUM_BARS = 20
"""More bars than this are summed up in one."""


class ImportanceInfo(NamedTuple):
    """Shares of the objective's variation, the largest first.

    Args:
        names: Hyperparameters; the last may stand for many small ones.
        shares: In [0, 1]; what is left of 1 is noise and what several do together.
        lows: Lower ends of the 95 % intervals.
        highs: Their upper ends.
        shown: Whether each is shown to matter.
        num_complete: Number of completed trials they come from.
    """

    names: tuple[str, ...]
    shares: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    shown: tuple[bool, ...]
    num_complete: int

    @property
    def missing(self) -> str:
        """Why there is nothing to draw."""
        if self.names:
            return ""
        return (
            "Importance cannot be measured from "
            f"{count_of(self.num_complete, 'completed trial')}: too few, or without a difference."
        )

    @property
    def caption(self) -> str:
        """What the figure shows."""
        leading = ", ".join(
            f"{name} {share:.0%}"
            for name, share, shown in zip(self.names, self.shares, self.shown, strict=True)
            if shown
        )
        return (
            "Share of the objective's variation that each hyperparameter explains, with its 95 % "
            f"interval. Shown to matter: {leading or 'none'}. Hollow bars are not shown to "
            "matter, which does not mean that they do not."
        )

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches."""
        return WIDTH, 1.1 + 0.3 * len(self.names)


def importance_info(view: StudyView) -> ImportanceInfo:
    """Importance of the hyperparameters of a study."""
    from hpsearch.analysis.importance import importance_of

    return summed_up(importance_of(view).values(), view.count()["completed"])


def summed_up(importances: Iterable[Importance], num_complete: int) -> ImportanceInfo:
    """The largest shares, and one bar for all the others."""
    ordered = sorted(importances, key=lambda own: (-own.share, own.name))
    bars = [(own.name, own.share, own.low, own.high, own.is_shown) for own in ordered]
    if len(bars) > NUM_BARS + 1:
        others = bars[NUM_BARS:]
        total = sum(bar[1] for bar in others)
        bars = [*bars[:NUM_BARS], (f"{len(others)} others together", total, total, total, False)]
    return ImportanceInfo(
        names=tuple(bar[0] for bar in bars),
        shares=tuple(bar[1] for bar in bars),
        lows=tuple(bar[2] for bar in bars),
        highs=tuple(bar[3] for bar in bars),
        shown=tuple(bar[4] for bar in bars),
        num_complete=num_complete,
    )


def draw_importance(figure: Figure, info: ImportanceInfo) -> None:
    """Horizontal bars with intervals, the most important on top."""
    axes = figure.subplots()
    places = range(len(info.names))
    colors = [BLUE if shown else PALE for shown in info.shown]
    axes.barh(places, info.shares, color=colors, edgecolor=BLUE, height=0.7)
    for place, share, low, high in zip(places, info.shares, info.lows, info.highs, strict=True):
        axes.plot([low, high], [place, place], color=INK, linewidth=1)
        axes.annotate(
            f"{share:.0%}", (high, place), (4, 0), textcoords="offset points", va="center"
        )
    axes.set_yticks(places, [shorten(name) for name in info.names])
    axes.invert_yaxis()
    axes.set_ylim(len(info.names) - 0.4, -0.6)
    axes.set_xlim(0, max(*info.highs, 0.01) * 1.1)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("share of the variation explained")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
