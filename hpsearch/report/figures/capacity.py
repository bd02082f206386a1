"""Training and validation error over the number of parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hpsearch.analysis.capacity import Capacity, capacity_of
from hpsearch.analysis.curves import Series
from hpsearch.counting import count_of
from hpsearch.report.figures.canvas import (
    BLUE,
    DENSE_TRIALS,
    INK,
    ORANGE,
    WIDTH,
    use_log_scale,
)
from hpsearch.report.figures.search_progress import value_limits

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hpsearch.storage.study_view import StudyView

MOST_GROUPS = 10
"""Of sizes, each with its median."""
FEWEST_TOGETHER = 8
"""Trials of a group, so that its median means something."""


class CapacityInfo(NamedTuple):
    """Errors over sizes.

    Args:
        capacity: The trials and what they show.
        num_complete: Number of completed trials.
    """

    capacity: Capacity
    num_complete: int

    @property
    def missing(self) -> str:
        """Why there is nothing to draw."""
        if not self.num_complete:
            return "No trial completed, so there is no error to show."
        if len(np.unique(self.capacity.sizes)) < 2:
            return "All models had the same number of parameters, or it was not recorded."
        return ""

    @property
    def caption(self) -> str:
        """What the figure shows, and what follows from it."""
        capacity = self.capacity
        what = "Error (1 − accuracy)" if capacity.measure == "error" else "Loss"
        trials = count_of(len(capacity.sizes), "completed trial")
        return (
            f"{what} of {trials} at the best epoch, on the training part (round) and on the "
            "validation part (diamonds), over the number of parameters. Lines: medians of "
            f"neighbouring sizes. {capacity.words}"
        ).strip()

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches."""
        return WIDTH, 3.8


def capacity_info(view: StudyView) -> CapacityInfo:
    """The errors of a study's completed trials over their sizes."""
    return CapacityInfo(capacity_of(view.trials), view.count()["completed"])


def medians(sizes: Series, errors: Series) -> tuple[Series, Series]:
    """The median error of groups of neighbouring sizes, and their median size.

    Args:
        sizes: Ascending.
        errors: One a size; NaN is left out.
    """
    known = np.isfinite(errors)
    sizes, errors = sizes[known], errors[known]
    distinct = np.unique(sizes)
    most = max(2, min(MOST_GROUPS, len(sizes) // FEWEST_TOGETHER))
    if len(distinct) > most:
        distinct = np.unique(np.quantile(sizes, np.arange(most) / most))
    groups = np.searchsorted(distinct, sizes, side="right")
    chosen = [groups == number for number in np.unique(groups)]
    return (
        np.array([np.median(sizes[own]) for own in chosen]),
        np.array([np.median(errors[own]) for own in chosen]),
    )


def short_count(value: float) -> str:
    """`300`, `20k`, `1.5M`."""
    if value < 1000:
        return f"{value:g}"
    return f"{value / 1e3:g}k" if value < 1e6 else f"{value / 1e6:g}M"


def draw_capacity(figure: Figure, info: CapacityInfo) -> None:
    """Dots for trials, lines for medians, a mark where errors begin to rise."""
    axes = figure.subplots()
    capacity = info.capacity
    every = (*capacity.train[np.isfinite(capacity.train)], *capacity.validation)
    limits = value_limits(tuple(map(float, every))) or (0.0, 1.0)
    limits = max(limits[0], 0.0), limits[1]
    looks = (("training", BLUE, "o", "-"), ("validation", ORANGE, "D", "--"))
    for look, errors in zip(looks, (capacity.train, capacity.validation), strict=True):
        _draw_part(axes, capacity.sizes, errors, limits, look)
    if capacity.turning is not None:
        axes.axvline(capacity.turning, color=INK, ls=":", lw=1.2, label="errors rise from here")
    axes.set_ylim(*limits)
    axes.set(xlabel="number of parameters")
    axes.set_ylabel("error" if capacity.measure == "error" else "loss")
    use_log_scale(axes)
    axes.xaxis.set_major_formatter(lambda value, _: short_count(value))
    figure.legend(loc="outside upper left", ncols=5)


def _draw_part(
    axes: Axes,
    sizes: Series,
    errors: Series,
    limits: tuple[float, float],
    look: tuple[str, str, str, str],
) -> None:
    label, color, marker, line = look
    if not np.isfinite(errors).any():
        return
    dense = len(sizes) > DENSE_TRIALS
    dots: dict[str, Any] = {"rasterized": dense, "lw": 0, "alpha": 0.25 if dense else 0.45}
    axes.scatter(
        sizes, np.clip(errors, *limits), 5 if dense else 16, color=color, marker=marker, **dots
    )
    at, middle = medians(sizes, errors)
    axes.plot(at, middle, color=color, lw=2, ls=line, marker=marker, mec=INK, mew=0.6, label=label)
