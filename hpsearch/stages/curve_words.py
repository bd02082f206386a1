"""What a study of curves shows: a table and sentences, for the screen and for the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hpsearch.analysis.curve_points import LOSSES, Curve, curve_of
from hpsearch.analysis.curve_reading import reading_of
from hpsearch.analysis.decomposition_reading import read_decomposition
from hpsearch.analysis.intervals import mean_interval
from hpsearch.spaces.describing import format_value
from hpsearch.storage import StudyView
from hpsearch.storage.file_shapes import DECOMPOSITION

LOSS_NAMES = {"squared": "squared loss", "zero_one": "0–1 loss"}


class Told(NamedTuple):
    """What a study of curves shows.

    Args:
        title: Of the table.
        headings: One a column.
        rows: One a place of the curve, or a loss.
        sentences: What it means, the most important first.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sentences: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The sentences, and the table as it is shown: a row for each place or loss."""
        rows = [dict(zip(self.headings, row, strict=True)) for row in self.rows]
        return {"sentences": list(self.sentences), "rows": rows}


def told_by(view: StudyView) -> Told:
    """What a study of the stage `curves` shows so far."""
    curve = curve_of(view)
    if curve is not None:
        sentences = reading_of(curve) or ["Fewer than two places are trained: no curve yet."]
        return Told(*_curve_table(curve), tuple(sentences))
    facts = decomposition_of(view)
    if facts is None:
        return Told("", (), (), ("The bootstrap samples are not all trained yet.",))
    return Told(*_loss_table(facts), tuple(read_decomposition(facts)))


def decomposition_of(view: StudyView) -> dict[str, Any] | None:
    """The contents of `decomposition.json`; None while it is not there."""
    file = view.directory.decomposition_file
    return view.directory.read_json(file, DECOMPOSITION) if file.is_file() else None


def _curve_table(curve: Curve) -> tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]]:
    rows = tuple(
        (
            format_value(point.place),
            str(len(point.validation)),
            _mean(point.train, curve.within),
            _mean(point.validation, curve.within),
            _mean(point.train_loss, LOSSES),
            _mean(point.validation_loss, LOSSES),
        )
        for point in curve.points
    )
    headings = (
        curve.axis,
        "trainings",
        f"training {curve.label}",
        f"validation {curve.label}",
        "training loss",
        "validation loss",
    )
    return f"At the best epoch, mean with 95 % interval, over {curve.axis}", headings, rows


def _mean(values: Sequence[float], within: tuple[float, float]) -> str:
    if not values:
        return "–"
    mean, low, high = mean_interval(values, within)
    return f"{mean:.4f}" if low is None else f"{mean:.4f} ({low:.4f} to {high:.4f})"


def _loss_table(
    facts: Mapping[str, Any],
) -> tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]]:
    rows = tuple(
        (LOSS_NAMES[name], *(_number(own["whole"][part]) for part in PARTS))
        for name, own in facts["losses"].items()
    )
    title = f"{facts['models']} bootstrap samples, {facts['images']:,} validation images"
    return title, ("loss", "expected", *PARTS[1:]), rows


PARTS = ("loss", "bias", "variance", "unbiased", "biased")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
