"""Loss and accuracy per epoch of the winning configurations, training against validation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hpsearch.analysis.curves import (
    LearningCurves,
    Series,
    at_epoch,
    centred_average,
    curves_of,
    generalization_gap,
    has_values,
    smoothing_for,
)
from hpsearch.report.figures.canvas import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    WIDTH,
    number,
    use_whole_numbers,
)
from hpsearch.report.winners import winners

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hpsearch.storage.study_view import StudyView

ROW_HEIGHT = 2.9
MARKED_UP_TO = 25
"""Epochs up to which every measurement gets a dot."""


class Panel(NamedTuple):
    """One metric of one trial.

    Args:
        label: What the vertical axis shows.
        epochs: 1, 2, ….
        train: After each epoch, on the training part.
        validation: After each epoch, on the validation part.
        best_epoch: Epoch of the objective.
        seam: Epochs before blocks of a pretrained base were unfrozen; None if none were.
    """

    label: str
    epochs: Series
    train: Series
    validation: Series
    best_epoch: int | None
    seam: int | None = None

    @property
    def smooth(self) -> tuple[Series, Series]:
        """Moving averages of training and validation."""
        return centred_average(self.train), centred_average(self.validation)


class Winner(NamedTuple):
    """One winning configuration.

    Args:
        number: Its trial.
        value: Its objective.
        gap: Training minus validation accuracy at the best epoch; None if not measured.
        panels: Loss and accuracy, as far as measured.
    """

    number: int
    value: float
    gap: float | None
    panels: tuple[Panel, ...]


class LearningCurvesInfo(NamedTuple):
    """The curves of the winning configurations.

    Args:
        objective: The metric that is compared.
        winners: Best first.
        num_complete: Number of trials they were picked from.
    """

    objective: str
    winners: tuple[Winner, ...]
    num_complete: int

    @property
    def missing(self) -> str:
        """Why there is nothing to draw."""
        if not self.num_complete:
            return "No trial completed, so there is no learning curve."
        return "" if self.winners else "The completed trials recorded no history."

    @property
    def caption(self) -> str:
        """What the figure shows."""
        shown = ", ".join(f"trial {w.number} ({w.value:.4g})" for w in self.winners)
        longest = max((len(p.epochs) for w in self.winners for p in w.panels), default=0)
        lines = "Thin: as measured; thick: exponential moving average from both ends;"
        if smoothing_for(longest) == 0:
            lines = "So few epochs are shown as measured, without an average;"
        seams = any(p.seam is not None for w in self.winners for p in w.panels)
        phases = " Dash-dotted line: from there the unfrozen blocks are trained, too." * seams
        return (
            f"Best configurations by {self.objective}: {shown}. {lines} shaded: the "
            f"generalization gap; dotted line and diamond: best epoch.{phases}"
        )

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches."""
        return WIDTH, ROW_HEIGHT * len(self.winners) + 0.4


def learning_curves_info(view: StudyView) -> LearningCurvesInfo:
    """The curves of the best configurations of a study."""
    shown = []
    for record in winners(view):
        curves = curves_of(record)
        panels = _panels(curves, record.seam)
        if panels:
            gap = at_epoch(generalization_gap(curves).accuracy, curves.best_epoch)
            shown.append(Winner(record.number, record.value or 0.0, gap, panels))
    return LearningCurvesInfo(view.objective, tuple(shown), view.count()["completed"])


def _panels(curves: LearningCurves, seam: int | None) -> tuple[Panel, ...]:
    pairs = (
        ("loss", curves.loss, curves.val_loss),
        ("accuracy", curves.accuracy, curves.val_accuracy),
    )
    return tuple(
        Panel(label, curves.epochs.astype(np.float64), train, validation, curves.best_epoch, seam)
        for label, train, validation in pairs
        if has_values(train) or has_values(validation)
    )


def draw_learning_curves(figure: Figure, info: LearningCurvesInfo) -> None:
    """One row a configuration: loss left, accuracy right."""
    columns = max(len(winner.panels) for winner in info.winners)
    grid = figure.subplots(len(info.winners), columns, squeeze=False)
    for row, winner in zip(grid, info.winners, strict=True):
        for axes, panel in zip(row, winner.panels, strict=False):
            _draw_panel(axes, panel)
        for axes in row[len(winner.panels) :]:
            axes.set_visible(False)
        row[0].set_title(
            f"Trial {winner.number} · {info.objective} {number(winner.value)}", loc="left"
        )
        if winner.gap is not None:
            row[-1].set_title(f"gap at best epoch {winner.gap:+.3f}", loc="right", color=GREY)
    for axes in grid[-1]:
        axes.set_xlabel("epoch")
    shown: dict[str, Any] = {}
    for axes in grid.flat:
        handles, labels = axes.get_legend_handles_labels()
        shown = dict(zip(labels, handles, strict=True)) | shown
    figure.legend(shown.values(), shown.keys(), loc="outside upper center", ncols=len(shown))


def _draw_panel(axes: Axes, panel: Panel) -> None:
    smooth_train, smooth_validation = panel.smooth
    axes.fill_between(
        panel.epochs, smooth_train, smooth_validation, color=PALE, alpha=0.5, lw=0, label="gap"
    )
    train, validation = ("training", BLUE, "-"), ("validation", ORANGE, "--")
    _draw_curve(axes, panel.epochs, panel.train, smooth_train, train)
    _draw_curve(axes, panel.epochs, panel.validation, smooth_validation, validation)
    if panel.best_epoch is not None:
        axes.axvline(panel.best_epoch, color=INK, ls=":", lw=1.2, label="best epoch")
        _mark_best(axes, panel)
    if panel.seam is not None:
        axes.axvline(panel.seam + 0.5, color=GREY, ls="-.", lw=1.2, label="blocks unfrozen")
    axes.set_ylabel(panel.label)
    axes.use_sticky_edges = False
    axes.margins(y=0.08)
    axes.set_xlim(0.5, max(panel.epochs) + 0.5)
    use_whole_numbers(axes)


def _draw_curve(
    axes: Axes, epochs: Series, raw: Series, smooth: Series, look: tuple[str, str, str]
) -> None:
    label, colour, line = look
    marker = "o" if len(epochs) <= MARKED_UP_TO else None
    axes.plot(epochs, raw, color=colour, lw=0.8, alpha=0.45, marker=marker, ms=3)
    axes.plot(epochs, smooth, color=colour, lw=2, ls=line, label=label)


def _mark_best(axes: Axes, panel: Panel) -> None:
    value = at_epoch(panel.validation, panel.best_epoch)
    if value is None or not math.isfinite(value) or panel.best_epoch is None:
        return
    axes.plot([panel.best_epoch], [value], marker="D", ms=6, color=ORANGE, mec=INK, ls="none")
