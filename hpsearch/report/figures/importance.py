"""Importance of each hyperparameter as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hpsearch.counting import count_of
from hpsearch.report.figures.canvas import BLUE, PALE, WIDTH, shorten

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hpsearch.storage.study_view import StudyView

NUM_BARS = 20
"""More bars than this are summed up in one."""
FIRM_TRIALS = 50
"""Completed trials that the importance measure wants before its order can be relied on."""


class ImportanceInfo(NamedTuple):
    """Shares of the objective's variation, the largest first.

    Args:
        names: Hyperparameters; the last may stand for many small ones.
        shares: In [0, 1], summing to 1.
        num_complete: Number of completed trials they come from.
    """

    names: tuple[str, ...]
    shares: tuple[float, ...]
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
            for name, share in list(zip(self.names, self.shares, strict=True))[:3]
        )
        text = f"Share of the objective's variation that each hyperparameter explains: {leading}."
        if self.num_complete < FIRM_TRIALS:
            text += (
                f" From only {count_of(self.num_complete, 'completed trial')}; "
                f"below {FIRM_TRIALS} the order is a hint, not a finding."
            )
        return text

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches."""
        return WIDTH, 1.1 + 0.3 * len(self.names)


def importance_info(view: StudyView) -> ImportanceInfo:
    """Importance of the hyperparameters of a study."""
    from hpsearch.analysis.importance import importance_of

    return summed_up(importance_of(view), view.count()["completed"])


def summed_up(importance: dict[str, float], num_complete: int) -> ImportanceInfo:
    """The largest shares, and one for all the others."""
    ordered = sorted(importance.items(), key=lambda item: (-item[1], item[0]))
    if len(ordered) > NUM_BARS + 1:
        others = ordered[NUM_BARS:]
        rest = sum(share for _, share in others)
        ordered = [*ordered[:NUM_BARS], (f"{len(others)} others together", rest)]
    names = tuple(name for name, _ in ordered)
    return ImportanceInfo(names, tuple(share for _, share in ordered), num_complete)


def draw_importance(figure: Figure, info: ImportanceInfo) -> None:
    """Horizontal bars, the most important on top."""
    axes = figure.subplots()
    places = range(len(info.names))
    firm = info.num_complete >= FIRM_TRIALS
    bars = axes.barh(places, info.shares, color=BLUE if firm else PALE, edgecolor=BLUE, height=0.7)
    axes.bar_label(bars, [f"{share:.0%}" for share in info.shares], padding=4)
    axes.set_yticks(places, [shorten(name) for name in info.names])
    axes.invert_yaxis()
    axes.set_ylim(len(info.names) - 0.4, -0.6)
    axes.set_xlim(0, max(*info.shares, 0.01) * 1.1)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("share of the variation explained")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
