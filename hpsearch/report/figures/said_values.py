"""What a regression says against what is true, one dot an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hpsearch.counting import count_of
from hpsearch.report.figures.canvas import BLUE, GREY, WIDTH, number
from hpsearch.report.winner_views import origin_of, seen_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from hpsearch.storage.study_view import StudyView

MOST_PANELS = 3


class SaidValuesInfo(NamedTuple):
    """Numbers said and true.

    Args:
        missing: Why there is nothing to draw.
        origin: Whose model, on which images.
        truth: (n, k) numbers that are true.
        said: (n, k) numbers that the model says.
    """

    missing: str
    origin: str = ""
    truth: NDArray[Any] = np.zeros((0, 1))
    said: NDArray[Any] = np.zeros((0, 1))

    @property
    def caption(self) -> str:
        errors = np.abs(self.said - self.truth).mean(axis=0)
        shown, whole = min(self.truth.shape[1], MOST_PANELS), self.truth.shape[1]
        some = f" The first {shown} of {count_of(whole, 'number')} are shown." * (shown < whole)
        told = ", ".join(number(float(error)) for error in errors[:shown])
        return (
            f"{self.origin} Each dot is an image; on the dashed line the model says what is true. "
            f"Mean absolute error {told}.{some}"
        )

    @property
    def size(self) -> tuple[float, float]:
        return (WIDTH, 4.0)


def said_values_info(view: StudyView) -> SaidValuesInfo:
    """What a study's winner says, if it is a regression."""
    seen = seen_of(view)
    if reason := seen.why_not("predictions", "said_values"):
        return SaidValuesInfo(reason)
    arrays = seen.arrays
    return SaidValuesInfo("", origin_of(seen, view), arrays["true_values"], arrays["said_values"])


def draw_said_values(figure: Figure, info: SaidValuesInfo) -> None:
    """A plot for each number."""
    count = min(info.truth.shape[1], MOST_PANELS)
    panels = figure.subplots(1, count, squeeze=False)[0]
    for place, axes in enumerate(panels):
        truth, said = info.truth[:, place], info.said[:, place]
        ends = [float(min(truth.min(), said.min())), float(max(truth.max(), said.max()))]
        axes.plot(ends, ends, color=GREY, ls="--", lw=1)
        axes.plot(truth, said, ".", color=BLUE, alpha=0.5, ms=5, rasterized=True)
        axes.set(xlabel="true", ylabel="said")
        axes.set_aspect("equal", adjustable="box")
