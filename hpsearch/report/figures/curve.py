"""A curve of the winner: training and validation against images or a hyperparameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hpsearch.analysis.curve_points import IMAGES_AXIS, LOSSES, Curve, curve_of
from hpsearch.analysis.intervals import mean_interval
from hpsearch.report.figures.canvas import BLUE, ORANGE, WIDTH, shorten, use_log_scale
from hpsearch.spaces.describing import format_value

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hpsearch.storage.study_view import StudyView

LOG_RATIO = 20.0
"""Places that lie further apart than this are drawn on a logarithmic axis."""
LOOKS = (("training", BLUE, "-", "o"), ("validation", ORANGE, "--", "s"))


class CurveInfo(NamedTuple):
    """What the figure shows; no curve where the study is of another kind."""

    curve: Curve | None

    @property
    def missing(self) -> str:
        """Why there is nothing to draw."""
        if self.curve is None:
            return "The study draws no curve: hpsearch curves does."
        return "" if self.curve.points else "No training of the curve has completed yet."

    @property
    def caption(self) -> str:
        """What the figure shows."""
        assert self.curve is not None
        trainings = max(len(point.validation) for point in self.curve.points)
        bands = " Dots: single trainings; bars: 95 % interval of their mean." * (trainings > 1)
        return (
            f"Training and validation of the winner against {self.curve.axis}, at the best epoch "
            f"of each training.{bands} The training figure is taken while it trains, with dropout "
            "and augmentation on."
        )

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches."""
        return WIDTH, 3.9


def curve_info(view: StudyView) -> CurveInfo:
    """The curve that a study has trained."""
    return CurveInfo(curve_of(view))


def draw_curve(figure: Figure, info: CurveInfo) -> None:
    """The objective on the left, the loss on the right."""
    curve = info.curve
    assert curve is not None
    panels = [(curve.label, curve.within, [(p.train, p.validation) for p in curve.points])]
    if curve.label != "loss":
        losses = [(p.train_loss, p.validation_loss) for p in curve.points]
        panels.append(("loss", LOSSES, losses))
    grid = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, (label, within, values) in zip(grid, panels, strict=True):
        for at, look in enumerate(LOOKS):
            _draw_series(axes, _places(curve), [own[at] for own in values], within, look)
        axes.set_ylabel(label)
        _set_axis(axes, curve)
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))


def _places(curve: Curve) -> list[float]:
    if curve.is_numeric:
        return [float(point.place) for point in curve.points]
    return [float(at) for at in range(len(curve.points))]


def _draw_series(
    axes: Axes,
    places: Sequence[float],
    values: Sequence[Sequence[float]],
    within: tuple[float, float],
    look: tuple[str, str, str, str],
) -> None:
    label, color, line, marker = look
    known = [(place, own) for place, own in zip(places, values, strict=True) if own]
    if not known:
        return
    at = [place for place, _ in known]
    intervals = [mean_interval(own, within) for _, own in known]
    means = np.array([interval.mean for interval in intervals])
    ends = [(own.low, own.high) for own in intervals]
    reach = [
        [0.0 if end[side] is None else abs(float(end[side] or 0.0) - mean) for end, mean in
         zip(ends, means, strict=True)]
        for side in (0, 1)
    ]  # fmt: skip
    axes.errorbar(
        at, means, yerr=reach, color=color, ls=line, marker=marker, ms=5, capsize=3, label=label
    )
    for place, own in known:
        if len(own) > 1:
            axes.plot([place] * len(own), own, ".", color=color, ms=4, alpha=0.45)


def _set_axis(axes: Axes, curve: Curve) -> None:
    axes.set_xlabel(shorten(curve.axis))
    places = _places(curve)
    if not curve.is_numeric:
        labels = [shorten(format_value(point.place), 14) for point in curve.points]
        axes.set_xticks(places, labels)
        axes.margins(x=0.1)
        return
    if min(places) > 0 and max(places) / min(places) > LOG_RATIO:
        use_log_scale(axes)
    if curve.axis == IMAGES_AXIS:
        axes.set_xscale("log", base=2)
        axes.set_xticks(places, [f"{place:,.0f}" for place in places])
        axes.minorticks_off()
