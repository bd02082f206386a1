"""Whether the winner's probabilities can be taken at their word: the reliability diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hpsearch.analysis.image_predictions import BINS, CERTAIN
from hpsearch.counting import count_of
from hpsearch.problems import ONE_CLASS
from hpsearch.report.figures.canvas import BLUE, GREY, INK, ORANGE, SKY, WIDTH
from hpsearch.report.winner_views import origin_of, seen_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from hpsearch.storage.study_view import StudyView


class CalibrationInfo(NamedTuple):
    """Probabilities against what was so.

    Args:
        missing: Why there is nothing to draw.
        origin: Whose model, on which images.
        table: (`BINS`, 3) how many, mean probability, share that was so.
        error: Expected calibration error.
        by_chance: What it stays below in 95 % of cases if all probabilities are right.
        surplus: Mean probability minus share.
        certainly_wrong: Images (or labels of images) that are wrong with certainty.
        has_labels: Whether each image may have several labels.
    """

    missing: str
    origin: str = ""
    table: NDArray[Any] = np.zeros((BINS, 3))
    error: float = 0.0
    by_chance: float = 0.0
    surplus: float = 0.0
    certainly_wrong: int = 0
    has_labels: bool = False

    @property
    def caption(self) -> str:
        what = "each label's probability" if self.has_labels else "the predicted class's"
        unit = "label of an image" if self.has_labels else "image"
        units = "labels of images" if self.has_labels else "images"
        wrong = count_of(self.certainly_wrong, f"{unit} is", f"{units} are")
        if not self.certainly_wrong:
            wrong = f"No {unit} is"
        return (
            f"{self.origin} Bars: of what is said with about this probability ({what}), the share "
            "that is so; on the diagonal every probability means what it says. The expected "
            f"calibration error is {self.error:.1%}: so far do probability and share differ on "
            f"average ({BINS} bins). {self._verdict} {wrong} wrong although the model says "
            f"otherwise with more than {CERTAIN:.0%}."
        )

    @property
    def _verdict(self) -> str:
        chance = f"With as many {'labels' if self.has_labels else 'images'}, chance alone makes up"
        limit = f"{chance} to {self.by_chance:.1%}"
        if self.error <= self.by_chance:
            return f"{limit}, so nothing speaks against these probabilities."
        if self.has_labels or abs(self.surplus) < self.error / 2:
            return f"{limit}, so the probabilities are not to be taken at their word."
        kind = "too sure of itself" if self.surplus > 0 else "less sure than it could be"
        points = f"{abs(100 * self.surplus):.1f} points"
        side = "above" if self.surplus > 0 else "below"
        return f"{limit}. The model is {kind}: on average its probability is {points} {side}."

    @property
    def size(self) -> tuple[float, float]:
        return (WIDTH, 4.4)


def calibration_info(view: StudyView) -> CalibrationInfo:
    """The calibration of a study's winner."""
    seen = seen_of(view)
    reason = seen.why_not("predictions", "calibration")
    if reason or seen.predictions is None:
        return CalibrationInfo(reason)
    scores = seen.predictions["scores"]
    return CalibrationInfo(
        "",
        origin_of(seen, view),
        seen.arrays["calibration"],
        scores["error"],
        scores["error_by_chance"],
        scores["mean_probability"] - scores["mean_share"],
        int(scores["certainly_wrong"]),
        seen.predictions["problem"] not in ONE_CLASS,
    )


def draw_calibration(figure: Figure, info: CalibrationInfo) -> None:
    """The reliability diagram left; right how often each probability is said."""
    left, right = figure.subplots(1, 2)
    _draw_shares(left, info)
    edges = np.arange(BINS) / BINS
    right.bar(edges, info.table[:, 0], width=1 / BINS, align="edge", color=BLUE, ec="white")
    right.set(xlabel="probability", ylabel="how often it is said", xlim=(0, 1))
    figure.legend(loc="outside upper center", ncols=3)


def _draw_shares(axes: Axes, info: CalibrationInfo) -> None:
    count, said, was = info.table.T
    some = count > 0
    edges = (np.arange(BINS) / BINS)[some]
    axes.bar(
        edges, was[some], width=1 / BINS, align="edge", color=SKY, ec=INK, lw=0.6,
        label="share that is so",
    )  # fmt: skip
    axes.vlines(said[some], was[some], said[some], color=ORANGE, lw=2.5, label="gap")
    axes.plot([0, 1], [0, 1], color=GREY, ls="--", lw=1.2, label="probability = share")
    axes.set(xlabel="probability", ylabel="share that is so", xlim=(0, 1), ylim=(0, 1))
    axes.set_title(f"expected calibration error {info.error:.1%}", loc="left", fontsize=10)
