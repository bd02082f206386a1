"""The first filters of the winner's network, and what its layers make of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hpsearch.report.figures.canvas import INK, WIDTH
from hpsearch.report.figures.winner_images import show_pixels
from hpsearch.report.winner_views import seen_of, whose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from hpsearch.storage.study_view import StudyView

FILTERS_A_ROW = 12
MAPS_A_ROW = 6
MAX_LAYERS = 3


class FiltersInfo(NamedTuple):
    """The filters of the first convolution.

    Args:
        missing: Why there is nothing to draw.
        whose: The model's trial.
        layer: The layer's name.
        total: Filters it has.
        kernels: (filters shown, height, width, channels).
        in_colour: Whether the channels are red, green and blue.
    """

    missing: str
    whose: str = ""
    layer: str = ""
    total: int = 0
    kernels: NDArray[np.float32] = np.zeros((0, 1, 1, 1), np.float32)
    in_colour: bool = False

    @property
    def caption(self) -> str:
        shown, (height, width) = len(self.kernels), self.kernels.shape[1:3]
        count = f"{shown} of {self.total}" if shown < self.total else f"{self.total}"
        kind = (
            "in the colours they look for; grey is 0"
            if self.in_colour
            else "the mean over channels; white raises, black lowers what comes out, grey is 0"
        )
        return (
            f"The {count} filters of {height}×{width} of {self.layer}, the first convolution of "
            f"{self.whose}: {kind}. Each has its own scale. Edges and colours show what was "
            "learnt; noise all over, that little was."
        )

    @property
    def size(self) -> tuple[float, float]:
        return (WIDTH, 0.5 + 0.85 * -(-len(self.kernels) // FILTERS_A_ROW))


def filters_info(view: StudyView) -> FiltersInfo:
    """The filters of a study's winner."""
    seen = seen_of(view)
    reason = seen.why_not("filters", "filters")
    facts = (seen.network or {}).get("filters")
    if reason or facts is None:
        return FiltersInfo(reason or "The file does not say which layer they are of.")
    kernels = seen.arrays["filters"].astype(np.float32)
    in_colour = facts["is_rgb"] and kernels.shape[-1] == len("rgb")
    if not in_colour:
        kernels = kernels.mean(axis=-1, keepdims=True)
    return FiltersInfo("", whose(seen, view), facts["layer"], facts["count"], kernels, in_colour)


def draw_filters(figure: Figure, info: FiltersInfo) -> None:
    """Each filter as a small picture whose middle grey is 0."""
    axes = figure.subplots()
    axes.set_axis_off()
    pictures = np.stack([as_picture(kernel) for kernel in info.kernels])
    show_pixels(axes, mosaic(pictures, FILTERS_A_ROW))


def as_picture(kernel: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Weights as bytes: 0 becomes middle grey, the largest in size black or white."""
    largest = float(np.abs(kernel).max()) or 1.0
    return np.round(127.5 + 127.5 * kernel / largest).astype(np.uint8)


class FeatureMapsInfo(NamedTuple):
    """What layers make of one image.

    Args:
        missing: Why there is nothing to draw.
        whose: The model's trial.
        image: (height, width, 3 or 1), uint8.
        titles: Of the layers, from early to late.
        maps: For each layer (maps, height, width), uint8.
    """

    missing: str
    whose: str = ""
    image: NDArray[np.uint8] = np.zeros((1, 1, 1), np.uint8)
    titles: Sequence[str] = ()
    maps: Sequence[NDArray[np.uint8]] = ()

    @property
    def caption(self) -> str:
        return (
            f"What {self.whose} makes of the training image on the left: {'; '.join(self.titles)}. "
            "The maps of each layer that differ most from place to place; bright is a large "
            "value. Early maps still look like the image; later ones say where something is."
        )

    @property
    def size(self) -> tuple[float, float]:
        return (WIDTH, 2.3)


def feature_maps_info(view: StudyView) -> FeatureMapsInfo:
    """The feature maps of a study's winner."""
    seen = seen_of(view)
    if reason := seen.why_not("maps", "map_image"):
        return FeatureMapsInfo(reason)
    names = [f"maps_{number}" for number in range(MAX_LAYERS) if f"maps_{number}" in seen.arrays]
    titles = (seen.network or {}).get("maps", [])
    if not names or len(titles) != len(names):
        return FeatureMapsInfo("The file does not say which layers they are of.")
    maps = [seen.arrays[name] for name in names]
    return FeatureMapsInfo("", whose(seen, view), seen.arrays["map_image"], titles, maps)


def draw_feature_maps(figure: Figure, info: FeatureMapsInfo) -> None:
    """The image, and beside it a block of maps for each layer."""
    panels = figure.subplots(1, 1 + len(info.maps), width_ratios=[0.9, *[2.0] * len(info.maps)])
    for axes in panels:
        axes.set_axis_off()
    show_pixels(panels[0], info.image)
    panels[0].set_title("image", fontsize=9)
    for axes, title, maps in zip(panels[1:], info.titles, info.maps, strict=True):
        _draw_maps(axes, title, maps)


def _draw_maps(axes: Axes, title: str, maps: NDArray[np.uint8]) -> None:
    """All maps of a layer in one picture, with white lines between them."""
    show_pixels(axes, mosaic(maps[..., None], MAPS_A_ROW))
    axes.set_title(title, fontsize=9, color=INK)


def mosaic(pictures: NDArray[np.uint8], per_row: int) -> NDArray[np.uint8]:
    """Pictures side by side in rows, with white lines between them.

    Args:
        pictures: (n, height, width, channels).
        per_row: How many a row has; the first one is as long as that, or as there are pictures.
    """
    count, height, width, channels = pictures.shape
    gap = max(1, round(0.06 * width))
    rows, columns = -(-count // per_row), min(per_row, count)
    sides = (rows * (height + gap) - gap, columns * (width + gap) - gap)
    whole = np.full((*sides, channels), 255, np.uint8)
    for position, own in enumerate(pictures):
        row, column = divmod(position, per_row)
        top, left = row * (height + gap), column * (width + gap)
        whole[top : top + height, left : left + width] = own
    return whole
