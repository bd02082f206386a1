"""The figures of a data set: classes, light, sizes and a sheet of samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hpsearch.data.pixels import COLORFUL, as_bytes
from hpsearch.report.figures.canvas import BLUE, GREEN, GREY, INK, ORANGE, WIDTH, shorten

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hpsearch.data import LoadedData
    from hpsearch.data.description import Description

PART_COLORS = {"train": BLUE, "validation": ORANGE, "test": GREEN}
SHEET_COLUMNS = 10
MOST_SHEET_ROWS = 12
DENSE_SIZES = 2_000
MOST_CLASS_NAMES = 60


class ClassesInfo(NamedTuple):
    """Images of each class by part."""

    names: Sequence[str]
    counts: dict[str, Any]

    @property
    def missing(self) -> str:
        return "" if self.counts and len(self.names) else "The labels are no classes."

    @property
    def caption(self) -> str:
        return "Images of each class, by part."

    @property
    def size(self) -> tuple[float, float]:
        return (WIDTH, 1.4 + 0.19 * max(6, len(self.names)))


def draw_classes(figure: Figure, info: ClassesInfo) -> None:
    """Stacked bars, one a class."""
    axes = figure.subplots()
    places = np.arange(len(info.names))
    left = np.zeros(len(info.names))
    for part, counts in info.counts.items():
        axes.barh(places, counts, left=left, color=PART_COLORS[part], label=part, height=0.75)
        left += counts
    axes.set_yticks(places, [shorten(name) for name in info.names], fontsize=8)
    axes.set_ylim(len(info.names) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("images")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper right", ncols=3)


class LightInfo(NamedTuple):
    """Brightness and contrast of the training images, one value an image."""

    brightness: Any
    contrast: Any

    @property
    def missing(self) -> str:
        return ""

    @property
    def caption(self) -> str:
        return "Brightness and contrast of the training images."

    @property
    def size(self) -> tuple[float, float]:
        return (WIDTH, 3.2)


def draw_light(figure: Figure, info: LightInfo) -> None:
    """Two histograms with their means."""
    panels = figure.subplots(1, 2)
    for axes, values, title in zip(
        panels,
        (info.brightness, info.contrast),
        ("Brightness (mean grey value)", "Contrast (deviation of grey values)"),
        strict=True,
    ):
        high = 1.0 if title.startswith("B") else max(0.5, float(np.max(values)))
        axes.hist(values, bins=40, range=(0, high), color=BLUE)
        axes.axvline(float(np.mean(values)), color=INK, linewidth=1)
        mean, spread = float(np.mean(values)), float(np.std(values))
        axes.set_title(f"{title}: {mean:.2f} ± {spread:.2f}")
        axes.set_xlim(0, high)
        axes.set_ylabel("images")


class SizesInfo(NamedTuple):
    """Width and height of the image files."""

    widths: Any
    heights: Any

    @property
    def missing(self) -> str:
        return "" if len(self.widths) else "The images have no files of their own."

    @property
    def caption(self) -> str:
        return "Width and height of the image files, and their aspect."

    @property
    def size(self) -> tuple[float, float]:
        return (WIDTH, 3.6)


def draw_sizes(figure: Figure, info: SizesInfo) -> None:
    """Width against height, and a histogram of the aspects."""
    left, right = figure.subplots(1, 2)
    dense = len(info.widths) > DENSE_SIZES
    left.plot(
        info.widths, info.heights, ".", color=BLUE, alpha=0.2 if dense else 0.4,
        markersize=3 if dense else 4, rasterized=True,
    )  # fmt: skip
    largest = 1.05 * max(np.max(info.widths), np.max(info.heights))
    left.plot([0, largest], [0, largest], color=GREY, linewidth=0.8, linestyle=":")
    left.set(
        xlim=(0, largest), ylim=(0, largest), xlabel="width in pixels", ylabel="height in pixels"
    )
    aspects = np.asarray(info.widths) / np.asarray(info.heights)
    right.hist(np.log2(aspects), bins=40, color=BLUE)
    ticks = [
        t
        for t in (-2, -1, -0.585, 0, 0.585, 1, 2)
        if abs(t) <= np.abs(np.log2(aspects)).max() + 0.3
    ]
    right.set_xticks(ticks, [f"{2**tick:.2g}" for tick in ticks])
    right.set(xlabel="width / height", ylabel="images")


class SheetInfo(NamedTuple):
    """Some training images, a row for each class."""

    names: Sequence[str]
    images: Sequence[Sequence[Any]]

    @property
    def missing(self) -> str:
        return "" if self.images else "There are no images."

    @property
    def caption(self) -> str:
        return "Training images drawn at random, a row for each class."

    @property
    def size(self) -> tuple[float, float]:
        return (WIDTH, 0.5 + 0.86 * len(self.images))


def draw_sheet(figure: Figure, info: SheetInfo) -> None:
    """Rows of images with the class in front."""
    grid = figure.subplots(len(info.images), SHEET_COLUMNS, squeeze=False)
    for row, (name, images) in enumerate(zip(info.names, info.images, strict=True)):
        for column, axes in enumerate(grid[row]):
            axes.set_axis_off()
            if column < len(images):
                picture = images[column]
                flat = picture if picture.shape[-1] in COLORFUL else picture[..., 0]
                axes.imshow(flat, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        grid[row][0].set_title(shorten(name, 24), loc="left", fontsize=8, pad=2)


def sheet_info(data: LoadedData, seed: int = 0) -> SheetInfo:
    """Draw the samples: of each of the first classes, or of all where there are none."""
    random = np.random.default_rng(seed)
    labels = np.asarray(data.train.labels)
    if labels.ndim == 1 and labels.dtype.kind == "i":
        present = np.unique(labels)[:MOST_SHEET_ROWS]
        rows = [(data.class_names[label], np.flatnonzero(labels == label)) for label in present]
    elif labels.ndim == 2 and labels.dtype == np.uint8:
        rows = [(name, np.flatnonzero(labels[:, i])) for i, name in enumerate(data.class_names)]
        rows = [(name, found) for name, found in rows[:MOST_SHEET_ROWS] if len(found)]
    else:
        order = np.argsort(labels.reshape(len(labels), -1)[:, 0])
        rows = [(f"{labels[piece].min():.3g} … {labels[piece].max():.3g}", piece)
                for piece in np.array_split(order, min(5, len(order)))]  # fmt: skip
    chosen = [random.permutation(found)[:SHEET_COLUMNS] for _, found in rows]
    images = [[as_bytes(np.asarray(data.train.images[i : i + 1]))[0] for i in c] for c in chosen]
    return SheetInfo([name for name, _ in rows], images)


def classes_info(description: Description) -> ClassesInfo:
    """Counts of the largest classes first where there are too many for their names."""
    counts = {part: np.asarray(found) for part, found in description.counts.items()}
    names = list(description.class_names)
    if len(names) > MOST_CLASS_NAMES and counts:
        order = np.argsort(-counts["train"], kind="stable")[:MOST_CLASS_NAMES]
        names = [names[i] for i in order]
        counts = {part: found[order] for part, found in counts.items()}
    return ClassesInfo(names, counts)
