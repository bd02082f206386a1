"""Loss and accuracy per epoch of the winning configurations, training against validation."""

from __future__ import annotations

import math
from collections.abc import Sequence
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
from hpsearch.counting import count_of
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

    from hpsearch.storage.records import TrialRecord
    from hpsearch.storage.study_view import StudyView

ROW_HEIGHT = 2.9
MARKED_UP_TO = 25
"""Epochs up to which every measurement gets a dot."""
MOST_PRUNED = 100
"""Pruned trials that are drawn behind; more are a grey area that says nothing."""


class Panel(NamedTuple):
    """One metric of one trial.

    Args:
        label: What the vertical axis shows.
        epochs: 1, 2, ….
        train: After each epoch, on the training part.
        validation: After each epoch, on the validation part.
        best_epoch: Epoch of the objective.
        seam: Epochs before blocks of a pretrained base were unfrozen; None if none were.
        seeds: Training and validation of the same configuration with other seeds.
        pruned: Validation of trials that were stopped early.
    """

    label: str
    epochs: Series
    train: Series
    validation: Series
    best_epoch: int | None
    seam: int | None = None
    seeds: tuple[tuple[Series, Series], ...] = ()
    pruned: tuple[Series, ...] = ()

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
        panels = [panel for winner in self.winners for panel in winner.panels]
        seams = any(panel.seam is not None for panel in panels)
        phases = " Dash-dotted line: from there the unfrozen blocks are trained, too." * seams
        seeds = max((len(panel.seeds) for panel in panels), default=0) + 1
        bands = f" Coloured bands: from the worst to the best of {seeds} seeds." * (seeds > 1)
        stopped = max((len(panel.pruned) for panel in panels), default=0)
        behind = f" Grey lines: validation of {count_of(stopped, 'pruned trial')}." * (stopped > 0)
        return (
            f"Best configurations by {self.objective}: {shown}. {lines} shaded: the "
            f"generalization gap; dotted line and diamond: best epoch.{phases}{bands}{behind}"
        )

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches."""
        return WIDTH, ROW_HEIGHT * len(self.winners) + 0.4


def learning_curves_info(view: StudyView) -> LearningCurvesInfo:
    """The curves of the best configurations of a study."""
    shown = []
    pruned = [curves_of(r) for r in view.trials if r.state == "pruned"][-MOST_PRUNED:]
    for record in winners(view):
        curves = curves_of(record)
        panels = _panels(curves, record.seam, _other_seeds(view, record), pruned)
        if panels:
            gap = at_epoch(generalization_gap(curves).accuracy, curves.best_epoch)
            shown.append(Winner(record.number, record.value or 0.0, gap, panels))
    return LearningCurvesInfo(view.objective, tuple(shown), view.count()["completed"])


def _other_seeds(view: StudyView, record: TrialRecord) -> list[LearningCurves]:
    """The curves of the same configuration trained with other seeds to the end."""
    return [
        curves_of(other)
        for other in view.trials
        if other.state == "complete"
        and other.number != record.number
        and dict(other.params) == dict(record.params)
    ]


def _panels(
    curves: LearningCurves,
    seam: int | None,
    seeds: Sequence[LearningCurves],
    pruned: Sequence[LearningCurves],
) -> tuple[Panel, ...]:
    epochs = curves.epochs.astype(np.float64)
    return tuple(
        Panel(
            name,
            epochs,
            *_pair(curves, name),
            curves.best_epoch,
            seam,
            tuple(_pair(own, name) for own in seeds),
            tuple(_pair(own, name)[1] for own in pruned),
        )
        for name in ("loss", "accuracy")
        if any(map(has_values, _pair(curves, name)))
    )


def _pair(curves: LearningCurves, name: str) -> tuple[Series, Series]:
    """Training and validation of a metric."""
    if name == "loss":
        return curves.loss, curves.val_loss
    return curves.accuracy, curves.val_accuracy


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
    for at, color in enumerate((BLUE, ORANGE)):
        _draw_band(
            axes, [(panel.train, panel.validation)[at], *(s[at] for s in panel.seeds)], color
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
    for own in panel.pruned:  # last, so that they do not stretch the axes
        axes.plot(
            np.arange(1, len(own) + 1), own, color=GREY, lw=0.6, alpha=0.35, zorder=0.5,
            scalex=False, scaley=False,
        )  # fmt: skip


def _draw_band(axes: Axes, seeds: Sequence[Series], color: str) -> None:
    """From the lowest to the highest of several seeds after each epoch."""
    if len(seeds) < 2:
        return
    longest = max(map(len, seeds))
    values = np.full((len(seeds), longest), np.nan)
    for row, own in zip(values, seeds, strict=True):
        row[: len(own)] = own
    measured = np.isfinite(values).any(axis=0)
    low, high = np.nanmin(values[:, measured], axis=0), np.nanmax(values[:, measured], axis=0)
    axes.fill_between(np.arange(1, longest + 1)[measured], low, high, color=color, alpha=0.18, lw=0)


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
