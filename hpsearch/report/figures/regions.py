"""Decision regions over the plane, one small plot for each configuration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hpsearch.report.figures.canvas import WIDTH, number
from hpsearch.report.figures.points import PointsInfo, class_color, mark_points
from hpsearch.storage.file_shapes import REGIONS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hpsearch.storage.study_view import StudyView

PER_ROW = 5
PALENESS = 0.55


class Region(NamedTuple):
    """What one configuration decides.

    Args:
        title: Which configuration.
        value: Its objective; None where training failed.
        classes: (side, side) class of each place, from below; empty where training failed.
    """

    title: str
    value: float | None
    classes: Sequence[Sequence[int]]


class RegionsInfo(NamedTuple):
    """What the figure shows.

    Args:
        regions: One for each configuration.
        points: The training points.
        low: Lower left corner of the plane.
        high: Upper right corner.
        objective: What the values are.
    """

    regions: Sequence[Region]
    points: PointsInfo
    low: Sequence[float]
    high: Sequence[float]
    objective: str

    @property
    def missing(self) -> str:
        return "" if self.regions else "None were computed: hpsearch regions computes them."

    @property
    def caption(self) -> str:
        told = "; ".join(f"{region.title}: {_score(region)}" for region in self.regions)
        return (
            "The class that each place of the plane is given (colour), and training points (form), "
            "by the best configuration and with one hyperparameter changed, all from one seed. "
            f"{self.objective} of the best epoch: {told}."
        )

    @property
    def size(self) -> tuple[float, float]:
        return (WIDTH, 0.8 + 2.3 * -(-len(self.regions) // PER_ROW))


def regions_info(view: StudyView) -> RegionsInfo:
    """What `hpsearch regions` found; nothing where it has not been asked for."""
    file = view.directory.regions_file
    if not file.is_file():
        return RegionsInfo((), PointsInfo((), (), ()), (), (), view.objective)
    facts = view.directory.read_json(file, REGIONS)
    return RegionsInfo(
        [Region(own["title"], own["value"], own["classes"]) for own in facts["pictures"]],
        PointsInfo(facts["points"], facts["labels"], facts["class_names"]),
        facts["low"],
        facts["high"],
        facts["objective"],
    )


def draw_regions(figure: Figure, info: RegionsInfo) -> None:
    """Small plots side by side, five in a row, with the legend of the classes above."""
    rows = -(-len(info.regions) // PER_ROW)
    grid = figure.subplots(rows, min(PER_ROW, len(info.regions)), squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, region in zip(grid.flat, info.regions, strict=False):
        _draw_one(axes, info, region)
    handles, labels = grid.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=len(labels))


def _draw_one(axes: Axes, info: RegionsInfo, region: Region) -> None:
    from matplotlib.colors import BoundaryNorm, ListedColormap

    count = len(info.points.class_names)
    if region.classes:
        axes.imshow(
            region.classes,
            origin="lower",
            extent=(info.low[0], info.high[0], info.low[1], info.high[1]),
            cmap=ListedColormap([class_color(label) for label in range(count)]),
            norm=BoundaryNorm(np.arange(count + 1) - 0.5, count),
            alpha=PALENESS,
            interpolation="nearest",
        )
    mark_points(axes, info.points, size=3)
    axes.set_title(f"{region.title}\n{_score(region)}", fontsize=9)
    axes.set_aspect("equal")


def _score(region: Region) -> str:
    return "failed" if region.value is None else number(region.value)
