"""Symptoms a learning curve can show, each a yes or no with its threshold."""

from __future__ import annotations

import math

import numpy as np

from hpsearch.analysis.curves import LearningCurves, Series, has_values
from hpsearch.analysis.signals import early_share, end_trend, noise, tail_level, turning_point

ABOVE_CHANCE = 0.1
"""An accuracy a tenth of the way from guessing to perfect; the room below it is what always
answering the largest class can reach (GTSRB: 6 % of the images, guessing 2 %)."""
BIAS_ERROR = 0.1
"""Training error of a network that underfits; the course's networks come below 0.08."""
VARIANCE_GAP = 0.05
"""Accuracy lost on new images by a network that overfits; splits of a few hundred images scatter
by 0.01 to 0.02."""
VARIANCE_LOSS = 0.5
"""Where there is no accuracy: share of the validation loss that is gap."""
MEMORIZED = 0.2
"""Gap from which a validation at chance means learning by heart; at the start of training, too,
validation is at chance, but training is not far above it."""
FLAT_LOSS = 0.05
"""A training loss that fell by less than a twentieth has not started to fall."""
SLOW_SHARE = 0.66
"""Share of the fall in the first half of the epochs below which a loss is still in the steep part
of its way: seen for less than 1.3 time constants."""
SLOW_LOSS = 0.4
"""… and it must still be above this share of its first value."""
IMPROVING = 0.02
"""Gain in validation accuracy over the last third of the epochs that is worth more epochs."""
IMPROVING_LOSS = 0.06
"""The same as a share of the validation loss."""
TURNED = 0.1
"""A validation loss that ends a tenth above its lowest point has turned."""
UNSTEADY = 0.08
"""Jitter of the training loss as a share of its first value (or of guessing's): averages over a
whole epoch are steadier than this unless steps are too long."""


def lost_its_loss(curves: LearningCurves) -> bool:
    """Whether the training loss became infinite or not a number, and nothing else is left."""
    return len(curves.epochs) > 0 and has_values(curves.loss) and not np.isfinite(curves.loss[-1])


def learns_nothing(curves: LearningCurves, num_classes: int | None) -> bool:
    """Whether it is no better than guessing, with a training loss that is no better either."""
    if has_values(curves.loss):
        guessed = math.log(num_classes) if num_classes else _first(curves.loss)
        if tail_level(curves.loss) < (1 - FLAT_LOSS) * guessed:
            return False
    if not has_values(curves.accuracy):
        return has_values(curves.loss)
    guessing = 1 / num_classes if num_classes else _first(curves.accuracy)
    level = max(tail_level(curves.accuracy), _nan_to(tail_level(curves.val_accuracy), 0))
    return level < _above(guessing)


def memorizes(curves: LearningCurves, num_classes: int | None) -> bool:
    """Whether training images are learnt while new ones are guessed."""
    if num_classes is None or not curves.has_accuracy:
        return False
    limit = _above(1 / num_classes)
    gap = tail_level(curves.accuracy) - tail_level(curves.val_accuracy)
    return tail_level(curves.val_accuracy) < limit and gap > MEMORIZED


def _above(guessing: float) -> float:
    return guessing + ABOVE_CHANCE * (1 - guessing)


def _first(series: Series) -> float:
    return float(series[np.isfinite(series)][0])


def is_unsteady(curves: LearningCurves, num_classes: int | None) -> bool:
    """Whether the training loss jumps up and down by much of its height."""
    if not has_values(curves.loss):
        return False
    first = _first(curves.loss)
    scale = min(first, math.log(num_classes)) if num_classes else first
    return noise(curves.loss) > UNSTEADY * scale


def is_slow(curves: LearningCurves) -> bool:
    """Whether the training loss is on its way down in a nearly straight line, still high."""
    if not has_values(curves.loss):
        return False
    level, first = tail_level(curves.loss), _first(curves.loss)
    steep = end_trend(curves.loss).falls(0.02 * first)
    if end_trend(curves.val_loss).rises(0.0):  # then it is not the pace that is wrong
        return False
    return steep and level > SLOW_LOSS * first and early_share(curves.loss) < SLOW_SHARE


def has_turned(curves: LearningCurves) -> bool:
    """Whether the validation loss rose from its lowest point while the training loss fell."""
    turn = turning_point(curves.val_loss)
    if turn is None or turn.epoch >= len(curves.epochs) - 1 or not has_values(curves.loss):
        return False
    risen = turn.rise > max(TURNED * turn.lowest, 2 * turn.error)
    before = float(np.nanmean(curves.loss[max(turn.epoch - 2, 0) : turn.epoch + 1]))
    return risen and tail_level(curves.loss) < before


def still_improves(curves: LearningCurves) -> bool:
    """Whether validation gains enough at the end to be worth more epochs."""
    accuracy, loss = end_trend(curves.val_accuracy), end_trend(curves.val_loss)
    level = tail_level(curves.val_loss)
    by_loss = loss.falls(IMPROVING_LOSS * level) if level > 0 else False
    if not has_values(curves.val_accuracy):
        return by_loss
    return accuracy.rises(IMPROVING) and (by_loss or not has_values(curves.val_loss))


def underfits(curves: LearningCurves) -> bool:
    """Whether even the training images are not learnt.

    Dropout and augmentation hold the training accuracy down, so the better of both counts.
    """
    if not has_values(curves.accuracy):
        return False
    validation = _nan_to(tail_level(curves.val_accuracy), 0)
    return 1 - max(tail_level(curves.accuracy), validation) > BIAS_ERROR


def overfits(curves: LearningCurves) -> bool:
    """Whether the gap is wide: at the end, or where validation turned, if it turned."""
    end = len(curves.epochs)
    turn = turning_point(curves.val_loss)
    if turn is not None and turn.rise > max(TURNED * turn.lowest, 2 * turn.error):
        end = min(end, turn.epoch)
    if curves.has_accuracy:
        gap = curves.accuracy[:end] - curves.val_accuracy[:end]
        return tail_level(gap) > VARIANCE_GAP
    if not curves.has_loss:
        return False
    gap = curves.val_loss[:end] - curves.loss[:end]
    return tail_level(gap) > VARIANCE_LOSS * tail_level(curves.val_loss[:end])


def _nan_to(value: float, otherwise: float) -> float:
    return otherwise if math.isnan(value) else value
