"""Learning curves of a trial: what was measured after each epoch, smoothed and compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpsearch.storage.records import TrialRecord

Series = NDArray[np.float64]

ACCURACY_NAMES = (
    "accuracy",
    "acc",
    "sparse_categorical_accuracy",
    "categorical_accuracy",
    "binary_accuracy",
)
SPAN_SHARE = 1 / 6
"""Share of the epochs an average reaches back: jitter goes, bends stay."""
LONGEST_SPAN = 9.0
"""Epochs an average reaches back at most, however long the curve."""


class LearningCurves(NamedTuple):
    """Loss and accuracy after each epoch; NaN where a value is missing.

    Args:
        epochs: 1, 2, …, the number of epochs trained.
        loss: Training loss.
        val_loss: Validation loss.
        accuracy: Training accuracy in [0, 1].
        val_accuracy: Validation accuracy in [0, 1].
        best_epoch: Epoch of the objective, counted from 1; None if the trial has none.
    """

    epochs: NDArray[np.int64]
    loss: Series
    val_loss: Series
    accuracy: Series
    val_accuracy: Series
    best_epoch: int | None

    @property
    def has_accuracy(self) -> bool:
        """Whether training and validation accuracy were both measured."""
        return has_values(self.accuracy) and has_values(self.val_accuracy)

    @property
    def has_loss(self) -> bool:
        """Whether training and validation loss were both measured."""
        return has_values(self.loss) and has_values(self.val_loss)


class Gap(NamedTuple):
    """How much worse a model does on images it has not seen; positive = worse.

    Args:
        loss: Validation loss minus training loss, per epoch.
        accuracy: Training accuracy minus validation accuracy, per epoch.
    """

    loss: Series
    accuracy: Series


def curves_of(record: TrialRecord) -> LearningCurves:
    """The learning curves in a trial's history."""
    history = record.history
    num_epochs = max((len(values) for values in history.values()), default=0)
    name = next((name for name in ACCURACY_NAMES if name in history), "accuracy")
    return LearningCurves(
        epochs=np.arange(1, num_epochs + 1),
        loss=_series(history, "loss", num_epochs),
        val_loss=_series(history, "val_loss", num_epochs),
        accuracy=_series(history, name, num_epochs),
        val_accuracy=_series(history, f"val_{name}", num_epochs),
        best_epoch=record.best_epoch,
    )


def _series(history: Mapping[str, Sequence[float | None]], name: str, num_epochs: int) -> Series:
    """One metric, filled up with NaN to the length of the longest."""
    values = np.full(num_epochs, np.nan)
    measured = as_series(history.get(name, ()))
    values[: len(measured)] = measured
    return values


def as_series(values: Iterable[float | None]) -> Series:
    """Numbers as an array; None and infinities become NaN."""
    numbers = np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def has_values(values: Series) -> bool:
    """Whether at least one value was measured."""
    return bool(np.isfinite(values).any())


def smoothing_for(num_epochs: int) -> float:
    """Weight of the past that suits a curve; 0 for a few epochs, which an average would only delay.

    An average of weight s reaches back over about (1 + s) / (1 - s) values.
    """
    span = min(max(num_epochs * SPAN_SHARE, 1.0), LONGEST_SPAN)
    return (span - 1) / (span + 1)


def moving_average(values: Iterable[float | None], smoothing: float | None = None) -> Series:
    """Exponential moving average without the pull towards zero at its start.

    Each average is divided by the weight that the values so far carry (the bias correction of
    Adam, Kingma & Ba 2015, section 3). A missing value leaves a gap and changes nothing after it.

    Args:
        values: One number an epoch; None, NaN and infinities count as missing.
        smoothing: Weight of the past in [0, 1); 0 returns the values. By default what suits the
            number of epochs.

    Returns:
        As many numbers as values, NaN where the value is missing.
    """
    series = as_series(values)
    smoothing = smoothing_for(len(series)) if smoothing is None else smoothing
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing is {smoothing}; it must lie in [0, 1)")
    smooth = np.full(len(series), np.nan)
    total = weight = 0.0
    for index, value in enumerate(series):
        if np.isfinite(value):
            total = smoothing * total + (1 - smoothing) * value
            weight = smoothing * weight + (1 - smoothing)
            smooth[index] = total / weight
    return smooth


def centred_average(values: Iterable[float | None], smoothing: float | None = None) -> Series:
    """Moving averages from both ends, averaged, so that bends stay at their epoch.

    A one-way average shows a steep curve later than it was, and a minimum after its place.

    Args:
        values: As for `moving_average`.
        smoothing: As for `moving_average`.
    """
    series = as_series(values)
    ahead = moving_average(series, smoothing)
    behind = moving_average(series[::-1], smoothing)[::-1]
    return np.asarray((ahead + behind) / 2, dtype=np.float64)


def generalization_gap(curves: LearningCurves) -> Gap:
    """Training against validation, epoch by epoch."""
    return Gap(curves.val_loss - curves.loss, curves.accuracy - curves.val_accuracy)


def at_epoch(values: Series, epoch: int | None) -> float | None:
    """The value after an epoch counted from 1; None if there is none."""
    if epoch is None or not 1 <= epoch <= len(values) or not np.isfinite(values[epoch - 1]):
        return None
    return float(values[epoch - 1])
