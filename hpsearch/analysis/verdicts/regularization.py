"""Regularization that keeps a network from learning, told by its loss and its settings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hpsearch.analysis.verdicts.case import Case
from hpsearch.analysis.verdicts.certainty import certainty_of
from hpsearch.analysis.verdicts.duration import hardly_improves
from hpsearch.analysis.verdicts.kinds import Finding
from hpsearch.analysis.verdicts.settings import (
    DROPOUT,
    REGULARIZER,
    changes_the_loss,
    in_words,
    numbers,
)
from hpsearch.analysis.verdicts.signals import end_trend, in_errors

STRONG_PENALTY = 1e-2
"""Factors of L1 and L2 penalties from which on weights are held near zero."""
STRONG_DROPOUT = 0.6
ALIKE = 0.05
"""Gap up to which training and validation are poor alike; where the hyperparameters name a strong
penalty, half of the training errors."""
PENALTY_SHARE = 0.15
"""Share of the training loss that no mistaken image accounts for."""
STATED_SHARE = 0.03
"""The same where the hyperparameters name a strong penalty."""


def too_strong(case: Case, *, is_poor: bool, gap: float) -> Finding | None:
    """Poor training and validation alike, with a penalty or dropout that accounts for it.

    Args:
        case: What is judged.
        is_poor: Whether the training images are not learnt well.
        gap: Training accuracy minus validation accuracy.
    """
    is_rising = end_trend(case.curves.val_accuracy).rises(0.03) and not hardly_improves(case)
    if not is_poor or gap > _widest(case) or is_rising:
        return None
    return _penalty(case) or _dropout(case, gap)


def _widest(case: Case) -> float:
    """The gap up to which training and validation are called alike."""
    if stated_penalty(case.params):
        return max(ALIKE, (1 - case.accuracy) / 2)
    return max(ALIKE, 2 * case.accuracy_error)


def _penalty(case: Case) -> Finding | None:
    excess = penalty_in(case)
    stated = stated_penalty(case.params)
    share = STATED_SHARE if stated else PENALTY_SHARE
    if excess is None or excess < share * case.loss:
        return None
    cause = f", with {stated}" if stated else ""
    evidence = (
        f"Training accuracy is {case.accuracy:.3f} and validation accuracy {case.val_accuracy:.3f}"
        f"{cause}; mistakes at that rate cost a training loss of {case.loss - excess:.3f} at most, "
        f"but it is {case.loss:.3f}: the rest is penalty."
    )
    margin = (excess / case.loss - share) / 0.05 + (1.0 if stated else 0.0)
    return Finding("regularization_too_strong", evidence, certainty_of(margin, case.epochs))


def _dropout(case: Case, gap: float) -> Finding | None:
    strong = {n: v for n, v in numbers(case.params, DROPOUT).items() if v >= STRONG_DROPOUT}
    if not strong or gap > -0.02:
        return None
    evidence = (
        f"With {in_words(strong)} training accuracy is {case.accuracy:.3f}, below the "
        f"{case.val_accuracy:.3f} on validation{case.on_images}, where nothing is dropped; both "
        "are poor."
    )
    margin = in_errors(gap, case.accuracy_error)
    return Finding("regularization_too_strong", evidence, certainty_of(margin, case.epochs))


def stated_penalty(params: Mapping[str, Any]) -> str | None:
    """The strong penalties among the hyperparameters, in words; None if there are none."""
    found = numbers(params, REGULARIZER)
    strong = {name: value for name, value in found.items() if value >= STRONG_PENALTY}
    return in_words(strong) if strong else None


def penalty_in(case: Case) -> float | None:
    """How much of the training loss the mistaken images cannot account for; None if unknown.

    A network fitted to its training images is calibrated on them, and the cross-entropy of a
    calibrated classifier with error e among C classes is at most H(e) + e·ln(C − 1) (Fano's
    inequality; Cover & Thomas, *Elements of Information Theory*, section 2.10).
    """
    if not case.num_classes or math.isnan(case.accuracy) or math.isnan(case.loss):
        return None
    if changes_the_loss(case.params):
        return None
    return case.loss - highest_cross_entropy(case.accuracy, case.num_classes)


def highest_cross_entropy(accuracy: float, num_classes: int) -> float:
    """The cross-entropy that a calibrated classifier of this accuracy does not exceed.

    Args:
        accuracy: In [0, 1].
        num_classes: 2 or more.
    """
    error = max(1 - accuracy, 0.0)
    if accuracy <= 1 / num_classes:
        return math.log(num_classes)
    own = sum(-p * math.log(p) for p in (error, 1 - error) if p > 0)
    return own + error * math.log(max(num_classes - 1, 1))
