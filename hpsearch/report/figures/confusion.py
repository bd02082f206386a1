"""The confusion matrix of the winner's model, and the classes it confuses most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hpsearch.counting import count_of
from hpsearch.report.figures.canvas import GREY, INK, ORANGE, WIDTH, shorten, use_whole_numbers
from hpsearch.report.winner_views import class_name, origin_of, seen_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from hpsearch.storage.study_view import StudyView

MOST_CLASSES = 45
"""Drawn as a whole; of more classes only some."""
SOME_CLASSES = 25
MOST_NUMBERS = 12
"""Classes up to which every cell holds its count."""
MOST_PAIRS = 10


class Confused(NamedTuple):
    """A class that was taken for another.

    Args:
        true: Its name.
        said: What it was taken for.
        images: How many of its images.
        total: Images of the true class.
    """

    true: str
    said: str
    images: int
    total: int


class ConfusionInfo(NamedTuple):
    """Which class was taken for which.

    Args:
        missing: Why there is nothing to draw.
        origin: Whose model, on which images.
        names: Of the classes shown.
        counts: (m, m) images of the classes shown, a row for each true class.
        totals: (m,) images of each class shown.
        num_classes: How many there are in all.
        num_empty: Of these without an image here.
        right: Images rightly said, of all classes.
        total: Images of all classes.
        pairs: The confusions, most frequent first.
    """

    missing: str
    origin: str = ""
    names: Sequence[str] = ()
    counts: NDArray[Any] = np.zeros((0, 0))
    totals: NDArray[Any] = np.zeros(0)
    num_classes: int = 0
    num_empty: int = 0
    right: int = 0
    total: int = 0
    pairs: Sequence[Confused] = ()

    @property
    def caption(self) -> str:
        told = "; ".join(
            f"'{shorten(own.true)}' is taken for '{shorten(own.said)}' in {own.images} of "
            f"{own.total}"
            for own in self.pairs[:2]
        )
        most = f"Confused most: {told}." if told else "No image is taken for another class."
        shown = len(self.names)
        some = f" Of {self.num_classes:,} classes the {shown} most confused are shown."
        empty = f" {count_of(self.num_empty, 'class has', 'classes have')} no image here."
        return (
            f"{self.origin} {self.right:,} of {self.total:,} are right. {most} Each row is a true "
            "class: blue its images rightly said, orange those taken for the class of the column; "
            f"the darker, the larger the share.{some * (shown < self.num_classes)}"
            f"{empty * (self.num_empty > 0)}"
        )

    @property
    def size(self) -> tuple[float, float]:
        return (WIDTH, min(9.0, max(4.2, 2.6 + 0.15 * len(self.names))))


def confusion_info(view: StudyView) -> ConfusionInfo:
    """The confusions of a study's winner."""
    seen = seen_of(view)
    if reason := seen.why_not("predictions", "confusions"):
        return ConfusionInfo(reason)
    table, names = seen.arrays["confusions"], seen.class_names
    num_classes = max(len(names), int(table[:, :2].max(initial=-1)) + 1)
    sums = np.bincount(table[:, 0], table[:, 2], num_classes).astype(int)
    wrong = table[table[:, 0] != table[:, 1]]
    wrong = wrong[np.argsort(-wrong[:, 2], kind="stable")]
    pairs = [
        Confused(class_name(names, true), class_name(names, said), int(count), int(sums[true]))
        for true, said, count in wrong.tolist()
    ]
    shown = _shown(wrong, num_classes, sums)
    return ConfusionInfo(
        "",
        origin_of(seen, view),
        [class_name(names, label) for label in shown],
        _matrix(table, shown),
        sums[shown],
        num_classes,
        int((sums == 0).sum()),
        int(table[table[:, 0] == table[:, 1]][:, 2].sum()),
        int(table[:, 2].sum()),
        pairs,
    )


def _shown(wrong: NDArray[Any], num_classes: int, sums: NDArray[Any]) -> list[int]:
    """All classes, or those of the most frequent confusions, filled up with the largest ones.

    Args:
        wrong: (m, 3) the confusions, most frequent first.
        num_classes: How many classes there are.
        sums: (num_classes,) images of each.
    """
    if num_classes <= MOST_CLASSES:
        return list(range(num_classes))
    shown: dict[int, None] = {}
    for true, said, _ in wrong.tolist():
        if len(shown.keys() | {true, said}) <= SOME_CLASSES:
            shown |= {true: None, said: None}
    for label in np.argsort(-sums, kind="stable").tolist()[:num_classes]:
        if len(shown) == SOME_CLASSES:
            break
        shown[label] = None
    return sorted(shown)


def _matrix(table: NDArray[Any], shown: list[int]) -> NDArray[np.int64]:
    places = {label: place for place, label in enumerate(shown)}
    counts = np.zeros((len(shown), len(shown)), np.int64)
    for true, said, count in table.tolist():
        if true in places and said in places:
            counts[places[true], places[said]] = count
    return counts


def draw_confusion(figure: Figure, info: ConfusionInfo) -> None:
    """The matrix left, the most frequent confusions as bars right."""
    left, right = figure.subplots(1, 2, width_ratios=(1.7, 1))
    _draw_matrix(left, info)
    _draw_pairs(right, info)


def _draw_matrix(axes: Axes, info: ConfusionInfo) -> None:
    count = len(info.names)
    axes.imshow(_colours(info), interpolation="nearest", aspect="auto")
    size = 8 if count <= 20 else 6
    longest = 20 if count <= 20 else 16
    names = [shorten(name, longest) for name in info.names]
    axes.set_xticks(range(count), names, fontsize=size, rotation=90 if count > 4 else 0)
    axes.set_yticks(range(count), names, fontsize=size)
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.set(xlabel="said", ylabel="true")
    if count <= MOST_NUMBERS:
        _write_numbers(axes, info)


def _colours(info: ConfusionInfo) -> NDArray[np.float64]:
    """(m, m, 3) Blue on the diagonal, orange elsewhere; the root makes small shares visible."""
    import matplotlib as mpl

    depth = 0.85 * np.sqrt(_shares(info))
    colours: NDArray[np.float64] = np.asarray(mpl.colormaps["Oranges"](depth))[..., :3]
    there = np.arange(len(depth))
    colours[there, there] = mpl.colormaps["Blues"](depth[there, there])[..., :3]
    colours[depth == 0] = 1.0
    return colours


def _shares(info: ConfusionInfo) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = info.counts / np.maximum(info.totals, 1)[:, None]
    return shares


def _write_numbers(axes: Axes, info: ConfusionInfo) -> None:
    for (row, column), share in np.ndenumerate(_shares(info)):
        if info.counts[row, column]:
            axes.text(
                column, row, f"{info.counts[row, column]:,}", ha="center", va="center",
                fontsize=8, color="white" if share > 0.35 else INK,
            )  # fmt: skip


def _draw_pairs(axes: Axes, info: ConfusionInfo) -> None:
    axes.set_title("most frequent confusions", fontsize=10)
    if not info.pairs:
        axes.text(0.5, 0.5, "none", transform=axes.transAxes, ha="center", color=GREY)
        axes.set_axis_off()
        return
    shown = list(info.pairs[:MOST_PAIRS])
    axes.barh(range(len(shown)), [own.images for own in shown], color=ORANGE, height=0.3)
    for place, own in enumerate(shown):
        words = f"{shorten(own.true, 20)} → {shorten(own.said, 20)}  {own.images} of {own.total}"
        axes.text(0, place - 0.42, words, fontsize=7.5, va="center", color=INK)
    axes.set_ylim(MOST_PAIRS - 0.5, -0.8)
    axes.set_yticks([])
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("images")
    use_whole_numbers(axes)
