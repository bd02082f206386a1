"""Whether training went at the right pace: steps too long or too short."""

from __future__ import annotations

import numpy as np

from hpsearch.analysis.curves import has_values
from hpsearch.analysis.verdicts.case import Case, first_of
from hpsearch.analysis.verdicts.certainty import certainty_of
from hpsearch.analysis.verdicts.kinds import Finding
from hpsearch.analysis.verdicts.settings import at_learning_rate, rate_against_usual
from hpsearch.analysis.verdicts.signals import (
    early_share,
    end_trend,
    measured,
    noise,
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
HIGH_RATE, RISES = 10, 0.15
"""Times the usual learning rate, and share of the epochs in which the training loss rose, from
which on together steps are too long; either alone says less."""


def unsteady(case: Case) -> Finding | None:
    """A training loss that jumps up and down: steps are too long."""
    loss = case.curves.loss
    if not has_values(loss):
        return None
    scale = min(first_of(loss), case.guessing_loss)
    jitter, jumps = noise(loss), np.diff(measured(loss)) > JUMP * scale
    shaken, swing = _is_shaken(case, jitter, scale), noise(case.curves.val_accuracy)
    restless = _is_restless(case, scale)
    if jitter <= UNSTEADY * scale and jumps.sum() < 2 and not shaken and not restless:
        return None
    moves = f", the validation accuracy by {swing:.3f}" if shaken else ""
    at = at_learning_rate(case.params)
    rises = int((np.diff(measured(loss)) > 0).sum())
    evidence = (
        f"From epoch to epoch the training loss jitters by {jitter:.3g} around {case.loss:.3g}"
        f"{moves}{at}, and rose {rises} times in {case.epochs} epochs."
    )
    margin = max(
        2 * jitter / (UNSTEADY * scale), float(jumps.sum()), 1.5 if shaken or restless else 0.0
    )
    return Finding("learning_rate_too_high", evidence, certainty_of(margin, case.epochs))


def _is_shaken(case: Case, jitter: float, scale: float) -> bool:
    """Whether both curves jitter, in the midst of learning, more than averages over images do."""
    high = case.loss > STILL_HIGH * scale
    swing = noise(case.curves.val_accuracy)
    by_images = max(SHAKEN_ACCURACY, 3 * case.sampling_error)
    return high and jitter > SHAKEN * case.loss and swing > by_images


def _is_restless(case: Case, scale: float) -> bool:
    """Whether the training loss keeps rising again, still high, at a high learning rate."""
    rate = rate_against_usual(case.params)
    if rate is None or rate < HIGH_RATE or case.loss < STILL_HIGH * scale:
        return False
    return float(np.mean(np.diff(measured(case.curves.loss)) > 0)) >= RISES


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
