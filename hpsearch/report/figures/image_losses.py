"""Histograms of the loss of each image and of the probability of what is true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hpsearch.problems import CLASSIFICATIONS, ONE_CLASS
from hpsearch.report.figures.canvas import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    WIDTH,
    number,
    use_log_scale,
)
from hpsearch.report.winner_views import origin_of, seen_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from hpsearch.storage.records import TrialRecord
    from hpsearch.storage.study_view import StudyView

LEAST_LOSS = 1e-4
"""Smaller ones are counted with it: for a probability this close to 1 nothing hangs on it."""
LONGEST_SCALE = 1e5
"""Of squared errors: how many times the smallest one told apart from 0 the largest may be."""
NUM_BINS = 40
RISE, LEAST_RISE = 0.05, 0.0005
"""By which share the loss must have risen to be told; which rise of the accuracy is one."""


class ImageLossesInfo(NamedTuple):
    """The loss of each image.

    Args:
        missing: Why there is nothing to draw.
        origin: Whose model, on which images.
        problem: What the model is asked for.
        losses: (n,) cross-entropies, means over labels, or squared errors.
        right: (n,) whether each is said rightly; empty for regression.
        scores: `mean_loss`, `median_loss` and `highest_share`, over all images.
        in_training: What the study's own history says of loss and accuracy; may be empty.
    """

    missing: str
    origin: str = ""
    problem: str = ""
    losses: NDArray[Any] = np.zeros(0)
    right: NDArray[Any] = np.zeros(0, bool)
    scores: Mapping[str, float] = {}
    in_training: str = ""

    @property
    def caption(self) -> str:
        mean, median = (_small(self.scores[name]) for name in ("mean_loss", "median_loss"))
        count = int(self.scores["num_highest"])
        largest = "the largest alone makes" if count == 1 else f"the {count:,} largest make"
        told = (
            f"The mean is {mean}, the median {median}; {largest} "
            f"{self.scores['highest_share']:.0%} of the sum."
        )
        if self.problem not in CLASSIFICATIONS:
            return f"{self.origin} The squared error of each image. {told}"
        what = "its true class" if self.problem in ONE_CLASS else "what is true of each label"
        return (
            f"{self.origin} The loss of an image is -log of the probability given to {what}. "
            f"{told} The mean loss counts how wrong each image is; accuracy only asks on which "
            "side it falls. So accuracy may improve while the mean loss does not: a few images "
            f"that are wrong with certainty outweigh many that get better.{self.in_training}"
        )

    @property
    def size(self) -> tuple[float, float]:
        return (WIDTH, 3.8)


def image_losses_info(view: StudyView) -> ImageLossesInfo:
    """The losses of a study's winner."""
    seen = seen_of(view)
    reason = seen.why_not("predictions", "losses")
    if reason or seen.predictions is None:
        return ImageLossesInfo(reason)
    trials = [trial for trial in view.trials if trial.number == seen.trial]
    return ImageLossesInfo(
        "",
        origin_of(seen, view),
        seen.predictions["problem"],
        seen.arrays["losses"],
        seen.arrays.get("right", np.zeros(0, bool)).astype(bool),
        seen.predictions["scores"],
        loss_against_accuracy(trials[0]) if trials else "",
    )


def _small(value: float) -> str:
    return number(value) if value >= LEAST_LOSS else f"below {LEAST_LOSS:g}"


def loss_against_accuracy(trial: TrialRecord) -> str:
    """A sentence on how a trial's accuracy held or rose while its loss rose; empty if it did not.

    Args:
        trial: With its history; from the epoch of the lowest validation loss to its best epoch.
    """
    losses, shares = (trial.history.get(name, ()) for name in ("val_loss", "val_accuracy"))
    best, known = trial.best_epoch, [own for own in losses if own is not None]
    if best is None or not known or best > min(len(losses), len(shares)):
        return ""
    lowest = list(losses).index(min(known)) + 1
    before = (losses[lowest - 1], shares[lowest - 1]) if lowest < best else (None, None)
    after = losses[best - 1], shares[best - 1]
    if None in (*before, *after):
        return ""
    return _told(lowest, best, before, after)  # type: ignore[arg-type]  # no None among them


def _told(lowest: int, best: int, before: tuple[float, float], after: tuple[float, float]) -> str:
    if after[0] < before[0] * (1 + RISE) or after[1] < before[1]:
        return ""
    held = f"held at {after[1]:.3f}"
    rose = f"rose from {before[1]:.3f} to {after[1]:.3f}"
    return (
        f" It did here: from epoch {lowest} to {best}, the one kept, validation accuracy "
        f"{rose if after[1] - before[1] > LEAST_RISE else held} while validation loss (with what "
        f"regularization adds) rose from {number(before[0])} to {number(after[0])}."
    )


def draw_image_losses(figure: Figure, info: ImageLossesInfo) -> None:
    """Losses left; right, for classifications, the probabilities they stand for."""
    is_classes = info.problem in CLASSIFICATIONS
    panels = figure.subplots(1, 2 if is_classes else 1, squeeze=False)[0]
    _draw_losses(panels[0], info)
    if is_classes:
        _draw_probabilities(panels[1], info)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)


def _draw_losses(axes: Axes, info: ImageLossesInfo) -> None:
    high = float(info.losses.max()) or 1.0
    low = LEAST_LOSS if info.problem in CLASSIFICATIONS else high / LONGEST_SCALE
    edges = np.geomspace(low, 1.001 * max(high, 10 * low), NUM_BINS + 1)
    _draw_histogram(axes, np.maximum(info.losses, edges[0]), edges, info.right)
    mean, median = (max(info.scores[name], low) for name in ("mean_loss", "median_loss"))
    axes.axvline(mean, color=INK, lw=1.4, label="mean")
    axes.axvline(median, color=GREY, lw=1.4, ls="--", label="median")
    axes.set_xlim(edges[0], edges[-1])
    use_log_scale(axes)
    unit = "loss" if info.problem in CLASSIFICATIONS else "squared error"
    axes.set(xlabel=f"{unit} of an image (the smallest at the left edge)", ylabel="images")


def _draw_probabilities(axes: Axes, info: ImageLossesInfo) -> None:
    from matplotlib.ticker import FuncFormatter, NullFormatter

    edges = np.linspace(0, 1, NUM_BINS // 2 + 1)
    _draw_histogram(axes, np.exp(-info.losses), edges, info.right)
    axes.set_yscale("log")
    axes.set_ylim(bottom=0.8)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    kind = "of the true class" if info.problem in ONE_CLASS else "of what is true of each label"
    mean = "" if info.problem in ONE_CLASS else " (geometric mean)"
    axes.set(xlabel=f"probability {kind}{mean}", ylabel="images, logarithmic", xlim=(0, 1))


def _draw_histogram(
    axes: Axes, values: NDArray[Any], edges: NDArray[Any], right: NDArray[Any]
) -> None:
    """Images said rightly filled, wrongly hatched; all alike where there is no right and wrong."""
    kinds: Sequence[tuple[str, Any, dict[str, Any]]] = [("images", values, {"color": BLUE})]
    if len(right):
        wrong = {"facecolor": "none", "edgecolor": ORANGE, "hatch": "////", "linewidth": 1.2}
        kinds = [
            ("right", values[right], {"color": BLUE, "alpha": 0.75}),
            ("wrong", values[~right], wrong),
        ]
    for label, own, look in kinds:
        axes.hist(own, bins=list(edges), label=label, histtype="stepfilled", **look)
