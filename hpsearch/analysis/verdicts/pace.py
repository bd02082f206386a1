"""Whether training went at the right pace and for the right time."""

from __future__ import annotations

import math

import numpy as np

from hpsearch.analysis.curves import Series, centred_average, has_values
from hpsearch.analysis.verdicts.case import Case, first_of
from hpsearch.analysis.verdicts.certainty import LEAST_EPOCHS, certainty_of
from hpsearch.analysis.verdicts.forecast import forecast
from hpsearch.analysis.verdicts.kinds import Finding
from hpsearch.analysis.verdicts.settings import at_learning_rate, rate_against_usual
from hpsearch.analysis.verdicts.signals import (
    Turn,
    early_share,
    end_trend,
    in_errors,
    measured,
    noise,
    tail_count,
    tail_level,
    turning_point,
)

SLOW_SHARE = 0.66
"""Share of the fall in the first half of the epochs below which a loss is still in the steep part
of its way: seen for less than 1.3 time constants."""
SLOW_SHARE_AT_LOW_RATE = 0.75
LOW_RATE = 0.1
"""The same at less than a tenth of the usual learning rate, which makes it more likely."""
SLOW_LOSS = 0.4
"""… and it must still be above this share of its first value."""
UNSTEADY = 0.08
"""Jitter of the training loss as a share of its first value (or of guessing's): averages over a
whole epoch are steadier than this unless steps are too long."""
JUMP = 0.15
"""A rise from one epoch to the next, as a share of the same."""
SHAKEN = 0.05
"""Jitter of a training loss as a share of its own height, where validation is shaken as well …"""
SHAKEN_ACCURACY = 0.03
"""… by this much from epoch to epoch, and three times what the number of images explains."""
STILL_HIGH = 0.15
"""Share of its first value below which a training loss jitters without harm."""
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


def unsteady(case: Case) -> Finding | None:
    """A training loss that jumps up and down: steps are too long."""
    loss = case.curves.loss
    if not has_values(loss):
        return None
    scale = min(first_of(loss), case.guessing_loss)
    jitter, jumps = noise(loss), np.diff(measured(loss)) > JUMP * scale
    shaken, swing = _is_shaken(case, jitter, scale), noise(case.curves.val_accuracy)
    if jitter <= UNSTEADY * scale and jumps.sum() < 2 and not shaken:
        return None
    moves = f", the validation accuracy by {swing:.3f}" if shaken else ""
    at = at_learning_rate(case.params)
    rises = int((np.diff(measured(loss)) > 0).sum())
    evidence = (
        f"From epoch to epoch the training loss jitters by {jitter:.3g} around {case.loss:.3g}"
        f"{moves}{at}, and rose {rises} times in {case.epochs} epochs."
    )
    margin = max(2 * jitter / (UNSTEADY * scale), float(jumps.sum()), 1.5 if shaken else 0.0)
    return Finding("learning_rate_too_high", evidence, certainty_of(margin, case.epochs))


def _is_shaken(case: Case, jitter: float, scale: float) -> bool:
    """Whether both curves jitter, in the midst of learning, more than averages over images do."""
    high = case.loss > STILL_HIGH * scale
    swing = noise(case.curves.val_accuracy)
    by_images = max(SHAKEN_ACCURACY, 3 * case.sampling_error)
    return high and jitter > SHAKEN * case.loss and swing > by_images


def slow(case: Case) -> Finding | None:
    """A training loss on its way down in a nearly straight line, still high."""
    if not has_values(case.curves.loss) or end_trend(case.curves.val_loss).rises(0.0):
        return None  # where validation rises it is not the pace that is wrong
    loss, rate = np.minimum(case.curves.loss, case.guessing_loss), rate_against_usual(case.params)
    trend, first, share = end_trend(loss), first_of(loss), early_share(loss)
    is_high = case.loss > SLOW_LOSS * first and trend.falls(0.02 * first)
    if not is_high or (rate is not None and rate >= 1):
        return None
    error = noise(loss) / max(first - case.loss, 1e-9)
    border = (SLOW_SHARE if rate is None or rate > LOW_RATE else SLOW_SHARE_AT_LOW_RATE) + error
    if not share < border:
        return None
    evidence = (
        f"In {case.epochs} epochs the training loss came from {first_of(case.curves.loss):.3f} to "
        f"{case.loss:.3f} only{at_learning_rate(case.params)}, and {1 - share:.0%} of the way "
        "below the loss of guessing was in the second half of them."
    )
    margin = min(trend.margin, (border - share) / max(error, 0.04))
    return Finding("learning_rate_too_low", evidence, certainty_of(margin, case.epochs))


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
