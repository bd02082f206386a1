"""How well each class is recognized, against how many training images it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hpsearch.analysis.intervals import wilson_interval
from hpsearch.counting import count_of
from hpsearch.report.figures.canvas import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    WIDTH,
    shorten,
    use_log_scale,
)
from hpsearch.report.winner_views import class_name, origin_of, seen_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from hpsearch.analysis.winner_view import WinnerView
    from hpsearch.storage.study_view import StudyView

MOST_NAMED = 6
FEWEST_CLASSES = 5
"""For a correlation to be told."""
CHANCE = 0.05


class ClassResult(NamedTuple):
    """How a class is recognized.

    Args:
        name: Of the class.
        training: Its training images.
        right: Its images here that were recognized.
        total: Its images here, 1 or more.
    """

    name: str
    training: int
    right: int
    total: int

    @property
    def share(self) -> float:
        """The share recognized."""
        return self.right / self.total


class ClassAccuracyInfo(NamedTuple):
    """Every class that has images here.

    Args:
        missing: Why there is nothing to draw.
        origin: Whose model, on which images.
        classes: Worst recognized first.
        num_empty: Classes without an image here.
        correlation: Spearman's, of share and training images, with its p-value; None where there
            are too few classes or nothing varies.
    """

    missing: str
    origin: str = ""
    classes: Sequence[ClassResult] = ()
    num_empty: int = 0
    correlation: tuple[float, float] | None = None

    @property
    def caption(self) -> str:
        worst = "; ".join(
            f"'{shorten(own.name)}' {own.right} of {own.total}" for own in self.classes[:3]
        )
        empty = f" {count_of(self.num_empty, 'class has', 'classes have')} no image here."
        return (
            f"{self.origin} Each dot is a class: the share of its images that is recognized, with "
            f"its 95 % interval (Wilson). Worst: {worst}. {self._relation}"
            f"{empty * (self.num_empty > 0)}"
        )

    @property
    def _relation(self) -> str:
        if self.correlation is None:
            return "Too little varies to tell whether the size of a class matters."
        rho, chance = self.correlation
        told = f"(rank correlation {rho:+.2f}, p = {chance:.2g})"
        if chance > CHANCE:
            return f"No relation to the size of the class is shown {told}."
        if rho > 0:
            return f"Classes with fewer training images are recognized worse {told}."
        return f"Classes with more training images are recognized worse {told}."

    @property
    def size(self) -> tuple[float, float]:
        return (WIDTH, 4.2)


def class_accuracy_info(view: StudyView) -> ClassAccuracyInfo:
    """The classes of a study's winner."""
    seen = seen_of(view)
    if reason := seen.why_not("predictions", "train_counts"):
        return ClassAccuracyInfo(reason)
    right, total = _counts(seen)
    training = np.zeros(len(total), int)
    known = seen.arrays["train_counts"][: len(total)]
    training[: len(known)] = known
    classes = [
        ClassResult(class_name(seen.class_names, label), *map(int, numbers))
        for label, numbers in enumerate(zip(training, right, total, strict=True))
        if numbers[-1]
    ]
    classes.sort(key=lambda own: (own.share, -own.total))
    num_empty = int((total == 0).sum())
    correlation = _correlation(classes)
    return ClassAccuracyInfo("", origin_of(seen, view), classes, num_empty, correlation)


def _counts(seen: WinnerView) -> tuple[NDArray[Any], NDArray[Any]]:
    """For each class the images recognized and all images."""
    if "label_counts" in seen.arrays:
        right, missed, _ = seen.arrays["label_counts"].T
        return right, right + missed
    table = seen.arrays["confusions"]
    count = max(len(seen.class_names), int(table[:, :2].max(initial=-1)) + 1)
    hits = table[table[:, 0] == table[:, 1]]
    return np.bincount(hits[:, 0], hits[:, 2], count), np.bincount(table[:, 0], table[:, 2], count)


def _correlation(classes: Sequence[ClassResult]) -> tuple[float, float] | None:
    shares, sizes = [own.share for own in classes], [own.training for own in classes]
    if len(classes) < FEWEST_CLASSES or len(set(shares)) == 1 or len(set(sizes)) == 1:
        return None
    from scipy import stats

    found = stats.spearmanr(sizes, shares)
    return float(found.statistic), float(found.pvalue)


def draw_class_accuracy(figure: Figure, info: ClassAccuracyInfo) -> None:
    """A dot a class, those recognized worst with their names."""
    axes = figure.subplots()
    named = info.classes[: min(MOST_NAMED, len(info.classes))]
    _draw_dots(axes, info.classes[len(named) :], BLUE, "o")
    _draw_dots(axes, named, ORANGE, "D")
    sizes = [own.training for own in info.classes]
    if min(sizes) > 0 and max(sizes) > 4 * min(sizes):
        use_log_scale(axes)
    axes.set(xlabel="training images of the class", ylabel="share recognized", ylim=(-0.04, 1.04))
    _draw_names(axes, named)


def _draw_dots(axes: Axes, classes: Sequence[ClassResult], colour: str, marker: str) -> None:
    for own in classes:
        _, low, high = wilson_interval(own.right, own.total)
        axes.vlines(own.training, low or 0.0, high or 0.0, color=colour, lw=0.8, alpha=0.5)
        axes.plot(own.training, own.share, marker, color=colour, mec=INK, mew=0.4, ms=5)


def _draw_names(axes: Axes, named: Sequence[ClassResult]) -> None:
    """The names of the worst ones in a list beside the plot, so that none hides another."""
    lines = [
        f"{number}  {shorten(own.name)}: {own.share:.0%} of {own.total}"
        for number, own in enumerate(named, start=1)
    ]
    places: dict[tuple[int, float], list[str]] = {}
    for number, own in enumerate(named, start=1):
        places.setdefault((own.training, own.share), []).append(str(number))
    for place, numbers in places.items():
        axes.annotate(
            ", ".join(numbers), place, xytext=(6, -3), textcoords="offset points",
            fontsize=8, color=INK,
        )  # fmt: skip
    axes.text(
        1.02, 0.98, "recognized worst\n" + "\n".join(lines), transform=axes.transAxes,
        va="top", fontsize=8, color=INK, linespacing=1.6,
    )  # fmt: skip
    axes.tick_params(colors=GREY, labelcolor=INK)
