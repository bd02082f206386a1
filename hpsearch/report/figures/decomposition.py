"""Bias and variance of the winner, as a whole and by class, as bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hpsearch.report.figures.canvas import BLUE, ORANGE, WIDTH, shorten
from hpsearch.stages.curve_words import LOSS_NAMES, decomposition_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hpsearch.storage.study_view import StudyView

MOST_CLASSES = 30
"""More bars than this have no room for their names: those with the largest loss are shown."""


class Bar(NamedTuple):
    """Bias and variance of some images."""

    name: str
    bias: float
    variance: float


class DecompositionInfo(NamedTuple):
    """What the figure shows.

    Args:
        whole: A bar for each loss.
        classes: By 0–1 loss, a bar for each class with images, the largest sum first.
        num_left_out: Classes that are not shown.
        models: Number of bootstrap samples.
    """

    whole: tuple[Bar, ...]
    classes: tuple[Bar, ...]
    num_left_out: int
    models: int

    @property
    def missing(self) -> str:
        """Why there is nothing to draw."""
        return "" if self.whole else "None were computed: hpsearch curves --bootstraps does."

    @property
    def caption(self) -> str:
        """What the figure shows."""
        parts = "; ".join(
            f"{bar.name}: bias {bar.bias:.4f}, variance {bar.variance:.4f}" for bar in self.whole
        )
        text = f"Bias and variance of {self.models} models of bootstrap samples. {parts}."
        if self.classes:
            text += (
                " By class, 0–1 loss: bias is the share of images that most models get wrong, "
                "variance the share of models that differ from the most frequent answer."
            )
        if self.num_left_out:
            text += f" Not shown: {self.num_left_out} classes with less of both."
        return text

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches."""
        return WIDTH, max(2.6, 1.2 + 0.22 * len(self.classes))


def decomposition_info(view: StudyView) -> DecompositionInfo:
    """What `hpsearch curves --bootstraps` found."""
    facts = decomposition_of(view) if view.stage == "curves" else None
    if facts is None:
        return DecompositionInfo((), (), 0, 0)
    whole = [_bar(LOSS_NAMES[name], own["whole"]) for name, own in facts["losses"].items()]
    rows = facts["losses"].get("zero_one", {}).get("classes", ())
    known = [
        _bar(str(name), row) for name, row in zip(facts["class_names"], rows, strict=False) if row
    ]
    known.sort(key=lambda bar: -(bar.bias + bar.variance))
    shown = tuple(known[:MOST_CLASSES])
    return DecompositionInfo(tuple(whole), shown, len(known) - len(shown), facts["models"])


def _bar(name: str, row: Mapping[str, Any]) -> Bar:
    return Bar(name, float(row["bias"]), float(row["variance"]))


def draw_decomposition(figure: Figure, info: DecompositionInfo) -> None:
    """The whole on the left, classes on the right."""
    if not info.classes:
        _draw_bars(figure.subplots(), info.whole)
    else:
        left, right = figure.subplots(1, 2, width_ratios=(1, 2))
        _draw_bars(left, info.whole)
        _draw_bars(right, info.classes)
        right.set_xlabel("0–1 loss")
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=2)


def _draw_bars(axes: Axes, bars: tuple[Bar, ...]) -> None:
    """Bias with variance behind it, a row for each bar."""
    places = np.arange(len(bars))
    bias = [bar.bias for bar in bars]
    axes.barh(places, bias, color=BLUE, height=0.7, label="bias")
    variance = [bar.variance for bar in bars]
    axes.barh(
        places, variance, left=bias, color=ORANGE, hatch="///", edgecolor="white", height=0.7,
        label="variance",
    )  # fmt: skip
    axes.set_yticks(places, [shorten(bar.name, 24) for bar in bars])
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.set_xlim(left=0)
