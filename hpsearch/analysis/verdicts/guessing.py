"""Networks that are no better than guessing, and what kept them from learning."""

from __future__ import annotations

import math

from hpsearch.analysis.curves import has_values
from hpsearch.analysis.verdicts.case import Case, first_of
from hpsearch.analysis.verdicts.certainty import certainty_of
from hpsearch.analysis.verdicts.classes import answers_one_class
from hpsearch.analysis.verdicts.kinds import Finding
from hpsearch.analysis.verdicts.regularization import stated_penalty
from hpsearch.analysis.verdicts.settings import at_learning_rate, learning_rate, rate_against_usual
from hpsearch.analysis.verdicts.signals import end_trend, in_errors, noise, tail_level

ABOVE_CHANCE = 0.1
"""An accuracy a tenth of the way from guessing to perfect; the room below it is what always
answering the largest class can reach (GTSRB: 6 % of the images, guessing 2 %)."""
ABOVE_CHANCE_BALANCED = 0.04
"""The same for balanced accuracy, by which a constant answer gains nothing."""
MEMORIZED = 0.2
"""Gap, as a share of the way from guessing to perfect, from which a validation at chance means
learning by heart; at the start of training, too, validation is at chance, but training is not far
above it."""
ONE_LARGE = 0.1
"""Accuracy above that of guessing at which a constant answer means that one class is far larger."""
FLAT_LOSS = 0.03
"""A training loss that fell by less than this share has not started to fall."""
THROWN_OFF = 1.25
"""A first epoch whose loss is so many times that of guessing began with steps that are too long;
initial weights that are too large give the same, for fewer steps."""
ABOVE_GUESSING = 1.02
"""A loss that stays above that of guessing: smaller steps would at least find guessing."""
MOVED = 0.01
"""Share of the loss of guessing by which a training loss has moved at all."""
JITTER = 0.005
"""… and by jumping, as a share of the loss of guessing."""
HIGH_RATE = 20
"""Times the usual learning rate from which on a network that learns nothing was thrown off."""
LOW_RATE = 1 / 50
"""Times the usual learning rate at which a network that learns nothing has hardly moved."""


def is_guessing(case: Case) -> bool:
    """Whether neither training nor new images are recognized better than by guessing."""
    if not has_values(case.curves.accuracy) and not has_values(case.curves.val_accuracy):
        return loss_is_flat(case)
    trained = case.accuracy if has_values(case.curves.accuracy) else 0.0
    if case.scores is not None and trained - case.val_accuracy < MEMORIZED / 2:
        return validation_is_guessed(case)
    return trained < chance_limit(case) and validation_is_guessed(case)


def validation_is_guessed(case: Case) -> bool:
    """Whether new images are recognized no better than by guessing."""
    if not has_values(case.curves.val_accuracy):
        return True
    if case.scores is not None and case.num_classes:
        level, error = balanced_level(case)
        room = max(ABOVE_CHANCE_BALANCED * (1 - case.guessing), 3 * error)
        return level < case.guessing + room
    return case.val_accuracy < chance_limit(case)


def balanced_level(case: Case) -> tuple[float, float]:
    """Balanced accuracy at the end and its standard error."""
    assert case.scores is not None
    level = tail_level(case.scores.balanced_accuracy)
    if not case.num_validation:
        return level, 0.01
    spread = max(level * (1 - level), 1 / case.num_validation)
    return level, 1.5 * math.sqrt(spread / case.num_validation)


def chance_limit(case: Case) -> float:
    """The accuracy below which a network may be guessing."""
    return case.guessing + ABOVE_CHANCE * (1 - case.guessing)


def loss_is_flat(case: Case) -> bool:
    """Whether the training loss has not started to fall."""
    loss = case.curves.loss
    return has_values(loss) and case.loss > (1 - FLAT_LOSS) * first_of(loss)


def memorizing(case: Case) -> Finding | None:
    """Training images are learnt while new ones are guessed."""
    if case.num_classes is None or not case.curves.has_accuracy:
        return None
    gap, least = case.accuracy - case.val_accuracy, MEMORIZED * (1 - case.guessing)
    if gap < max(least, 2 * case.accuracy_error) or not validation_is_guessed(case):
        return None
    evidence = (
        f"Training accuracy is {case.accuracy:.3f}, validation accuracy {case.val_accuracy:.3f}"
        f"{case.on_images}, where guessing among {case.num_classes} classes gives "
        f"{case.guessing:.3f}."
    )
    margin = in_errors(gap - least, case.accuracy_error)
    return Finding("memorizing", evidence, certainty_of(margin, case.epochs))


def why_guessing(case: Case) -> Finding:
    """What kept a network that is guessing from learning, as far as its curves show it."""
    ahead = case.val_accuracy - case.guessing
    is_one_large = ahead > max(ONE_LARGE, 4 * case.accuracy_error)
    last = (_one_answer, _hardly_moved) if is_one_large else (_hardly_moved, _one_answer)
    for find in (_kept_down, _thrown_off, *last):
        finding = find(case)
        if finding is not None:
            return finding
    return _flat(case) if loss_is_flat(case) else _at_chance(case)


def _kept_down(case: Case) -> Finding | None:
    stated = stated_penalty(case.params)
    if stated is None:
        return None
    evidence = f"With {stated} {_guessing_in_words(case)}."
    return Finding("regularization_too_strong", evidence, certainty_of(2.0, case.epochs))


def _thrown_off(case: Case) -> Finding | None:
    rate = rate_against_usual(case.params)
    first, usual = first_of(case.curves.loss), case.guessing_loss
    shaken = noise(case.curves.loss) > JITTER * usual and case.loss > ABOVE_GUESSING * usual
    is_short = rate is not None and rate < 1
    if case.num_classes and not is_short and (first > THROWN_OFF * usual or shaken):
        evidence = (
            f"The training loss was {first:.3g} in the first epoch and is {case.loss:.3g} at the "
            f"end, where guessing among {case.num_classes} classes gives {usual:.3f}."
        )
        margin = 3.0 if rate is None or rate > 2 else 1.0
        return Finding("learning_rate_too_high", evidence, certainty_of(margin, case.epochs))
    if rate is None or rate < HIGH_RATE:
        return None
    evidence = (
        f"With a learning rate of {learning_rate(case.params):.3g} {_guessing_in_words(case)}."
    )
    return Finding("learning_rate_too_high", evidence, certainty_of(2.0, case.epochs))


def _hardly_moved(case: Case) -> Finding | None:
    """Steps so short that a network is still guessing, though its loss falls."""
    rate = rate_against_usual(case.params)
    trend = end_trend(case.curves.loss)
    fallen = first_of(case.curves.loss) - case.loss > MOVED * case.guessing_loss
    falling = fallen and trend.falls(0.0) and trend.margin > 4
    is_usual = rate is not None and rate >= 1
    if is_usual or (not falling and (rate is None or rate > LOW_RATE)):
        return None
    at = at_learning_rate(case.params)
    evidence = (
        f"In {case.epochs} epochs the training loss came from {first_of(case.curves.loss):.3f} to "
        f"{case.loss:.3f}{at}{', and was still falling' if falling else ''}."
    )
    margin = trend.margin / 2 if falling else 1.5
    return Finding("learning_rate_too_low", evidence, certainty_of(margin, case.epochs))


def _one_answer(case: Case) -> Finding | None:
    if loss_is_flat(case) or not answers_one_class(case):
        return None
    share = f"Validation accuracy stays at {case.val_accuracy:.3f}, the share of one class"
    balanced = ""
    if case.scores is not None:
        level = balanced_level(case)[0]
        balanced = f"; averaged over the classes it is {level:.3f}, as of one constant answer"
    return Finding("collapsed", f"{share}{balanced}.", certainty_of(3.0, case.epochs))


def _flat(case: Case) -> Finding:
    evidence = (
        f"The training loss went from {first_of(case.curves.loss):.3f} to {case.loss:.3f} in "
        f"{case.epochs} epochs{_with_guessing(case)}."
    )
    return Finding("not_learning", evidence, certainty_of(3.0, case.epochs))


def _at_chance(case: Case) -> Finding:
    margin = in_errors(chance_limit(case) - case.val_accuracy, case.accuracy_error)
    certainty = certainty_of(margin if math.isfinite(margin) else 2.0, case.epochs)
    words = _guessing_in_words(case)
    return Finding("not_above_chance", f"{words[0].upper()}{words[1:]}.", certainty)


def _guessing_in_words(case: Case) -> str:
    new = math.isfinite(case.val_accuracy)
    name, level = ("validation", case.val_accuracy) if new else ("training", case.accuracy)
    on = case.on_images if new else ""
    return (
        f"{name} accuracy is {level:.3f}{on} at the end of {case.epochs} epochs"
        f"{_with_guessing(case)}"
    )


def _with_guessing(case: Case) -> str:
    if not case.num_classes:
        return ""
    return (
        f"; guessing among {case.num_classes} classes reaches {case.guessing:.3f}, with a loss of "
        f"{case.guessing_loss:.3f}"
    )
