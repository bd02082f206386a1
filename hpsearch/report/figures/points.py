"""Points of a data set in the plane, each class in a colour and a form of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hpsearch.counting import count_of
from hpsearch.report.figures.canvas import (
    AMBER,
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    shorten,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLORS = (BLUE, AMBER, GREEN, PURPLE, SKY, ORANGE, INK, GREY)
MARKERS = "os^Dv<>p"
MOST_POINTS = 300
"""More would hide what lies below them."""


class PointsInfo(NamedTuple):
    """Points in the plane.

    Args:
        points: (n, 2) x and y.
        labels: (n,) their classes.
        class_names: One name a class.
    """

    points: Any
    labels: Any
    class_names: Sequence[str]

    @property
    def missing(self) -> str:
        return "" if len(self.labels) else "There are no points."

    @property
    def caption(self) -> str:
        return (
            f"{count_of(min(len(self.labels), MOST_POINTS), 'training point')} in the plane, "
            "each class in a form of its own."
        )

    @property
    def size(self) -> tuple[float, float]:
        return (6.0, 6.0)

    @property
    def some(self) -> PointsInfo:
        """A few hundred of them, evenly."""
        every = -(-len(self.labels) // MOST_POINTS)
        points, labels = np.asarray(self.points)[::every], np.asarray(self.labels)[::every]
        return PointsInfo(points, labels, self.class_names)


def draw_points(figure: Figure, info: PointsInfo) -> None:
    """All classes in one plot, with a legend above."""
    axes = figure.subplots()
    mark_points(axes, info, size=5)
    axes.set_aspect("equal")
    figure.legend(loc="outside upper left", ncols=4)


def mark_points(axes: Axes, info: PointsInfo, size: float) -> None:
    """Put the points into a plot."""
    points, labels, names = info.some
    for label, name in enumerate(names):
        axes.plot(
            *points[labels == label].T,
            MARKERS[label % len(MARKERS)],
            color=class_color(label),
            markeredgecolor=INK,
            markeredgewidth=0.4,
            markersize=size,
            label=shorten(name),
        )


def class_color(label: int) -> str:
    """The colour of a class."""
    return COLORS[label % len(COLORS)]
