"""Whether training went on for the right time."""

from __future__ import annotations

import math

import numpy as np

from hpsearch.analysis.curves import Series, centred_average, has_values
from hpsearch.analysis.verdicts.case import Case, first_of
from hpsearch.analysis.verdicts.certainty import LEAST_EPOCHS, certainty_of
from hpsearch.analysis.verdicts.forecast import forecast
from hpsearch.analysis.verdicts.kinds import Finding
from hpsearch.analysis.verdicts.signals import (
    Turn,
    end_trend,
    in_errors,
    noise,
    tail_count,
    tail_level,
    turning_point,
)

GAIN = 0.015
"""Validation accuracy that as many epochs again must promise."""
CLOSED = 0.25
"""Share of the errors that they must promise to close in a network that underfits: one that hardly
improves needs something else."""
GAIN_LOSS = 0.1
"""The same as a share of the validation loss."""
TURNED = 0.1
"""A validation loss that ends a tenth above its lowest point has turned."""
LOST = 0.015
"""Validation accuracy lost since its best epochs."""
UNDECIDED = 0.008
"""The same where the loss has turned as well; below, accuracy holds."""
WENT_ON = 0.97
"""A training loss below this share of what it was went on falling."""
FLAT = 0.03
"""Share of a loss that as many epochs again would change where it has converged."""


def too_early(case: Case) -> Finding | None:
    """Validation that would gain from more epochs."""
    accuracy, loss = case.curves.val_accuracy, case.curves.val_loss
    if has_values(accuracy):
        if has_values(loss) and not end_trend(loss).falls(0.0):
            return None
        return _early(case, accuracy, "accuracy", GAIN)
    return _early(case, -loss, "loss", GAIN_LOSS * case.val_loss) if has_values(loss) else None


def _early(case: Case, rising: Series, name: str, least: float) -> Finding | None:
    trend, gain = end_trend(rising), forecast(rising)
    if name == "accuracy":
        gain = min(gain, 1 - case.val_accuracy)
    if not trend.rises(least / 2) or gain < least:
        return None
    length = max(3, -(-case.epochs // 3))
    evidence = (
        f"Over the last {length} of {case.epochs} epochs the validation {name} improved by "
        f"{trend.change:.3f}, to {abs(tail_level(rising)):.3f}; as many epochs again promise "
        f"{gain:.3f} more."
    )
    margin = min(trend.margin, in_errors(gain - least, max(least, trend.error)))
    return Finding("stopped_too_early", evidence, certainty_of(max(margin, 1.0), case.epochs))


def hardly_improves(case: Case) -> bool:
    """Whether as many epochs again would leave most of the errors on new images as they are."""
    if not has_values(case.curves.val_accuracy):
        return False
    return forecast(case.curves.val_accuracy) < CLOSED * (1 - case.val_accuracy)


def turn_of(case: Case) -> Turn | None:
    """Where the validation loss turned; None if it did not."""
    turn = turning_point(case.curves.val_loss)
    if turn is None or turn.epoch >= case.epochs - 1:
        return None
    return turn if turn.rise > max(TURNED * turn.lowest, 2 * turn.error) else None


def too_long(case: Case) -> Finding | None:
    """Validation that got worse while the training loss went on falling."""
    if not has_values(case.curves.val_accuracy):
        return _loss_turned(case)
    best, lost, error = lost_accuracy(case)
    least = UNDECIDED if turn_of(case) is not None else LOST
    if (
        lost < max(least, 2 * error, 2 * case.sampling_error)
        or best >= case.epochs - 2
        or not _went_on(case, best)
    ):
        return None
    evidence = (
        f"Validation accuracy was {case.val_accuracy + lost:.3f} around epoch {best + 1} and is "
        f"{case.val_accuracy:.3f} at the end of {case.epochs}; since then the training loss went "
        f"from {case.curves.loss[best]:.3f} to {case.loss:.3f}."
    )
    margin = in_errors(lost - least / 2, max(error, 0.003))
    return Finding("trained_too_long", evidence, certainty_of(margin, case.epochs))


def lost_accuracy(case: Case) -> tuple[int, float, float]:
    """Where validation accuracy was best, what was lost since, and the standard error of that."""
    accuracy = case.curves.val_accuracy
    smooth = centred_average(accuracy)
    best = int(np.nanargmax(smooth))
    error = noise(accuracy) * math.sqrt(1 / tail_count(accuracy) + 1 / 4)
    return best, float(smooth[best]) - case.val_accuracy, error


def _loss_turned(case: Case) -> Finding | None:
    turn = turn_of(case)
    if turn is None or not _went_on(case, turn.epoch - 1):
        return None
    evidence = (
        f"The validation loss was lowest, {turn.lowest:.3f}, after epoch {turn.epoch} and is "
        f"{case.val_loss:.3f} at the end of {case.epochs}, the training loss {case.loss:.3f}."
    )
    return Finding("trained_too_long", evidence, certainty_of(_margin(turn), case.epochs))


def loss_apart(case: Case) -> Finding | None:
    """A validation loss that rises while the accuracy holds or improves."""
    turn = turn_of(case)
    if turn is None or not has_values(case.curves.val_accuracy) or too_long(case) is not None:
        return None
    before = float(np.nanmean(case.curves.val_accuracy[max(turn.epoch - 2, 0) : turn.epoch + 1]))
    evidence = (
        f"The validation loss rose from {turn.lowest:.3f} after epoch {turn.epoch} to "
        f"{case.val_loss:.3f}, the validation accuracy went from {before:.3f} to "
        f"{case.val_accuracy:.3f}."
    )
    return Finding("loss_rises_accuracy_holds", evidence, certainty_of(_margin(turn), case.epochs))


def _margin(turn: Turn) -> float:
    return in_errors(turn.rise - TURNED * turn.lowest, turn.error)


def _went_on(case: Case, best: int) -> bool:
    """Whether the training loss is lower at the end than around the epoch at this place."""
    if not has_values(case.curves.loss):
        return False
    before = float(np.nanmean(case.curves.loss[max(best - 1, 0) : best + 2]))
    return case.loss < WENT_ON * before


def converged(case: Case) -> Finding | None:
    """Curves that more epochs would not change."""
    shown = {"training loss": case.curves.loss, "validation loss": case.curves.val_loss}
    levels = {name: tail_level(s) for name, s in shown.items() if has_values(s)}
    coming = {name: forecast(shown[name]) for name in levels}
    start = max((first_of(shown[name]) for name in levels), default=0.0)
    is_short = case.epochs < LEAST_EPOCHS
    if is_short or not levels or any(abs(c) > FLAT * start for c in coming.values()):
        return None
    rates = ", ".join(
        f"the {name} from {levels[name]:.3f} by {coming[name]:+.3f}" for name in levels
    )
    evidence = f"As many epochs again would change {rates}."
    largest = max(abs(change) for change in coming.values())
    margin = in_errors(FLAT * start - largest, 0.01 * start)
    return Finding("converged", evidence, certainty_of(margin, case.epochs))
