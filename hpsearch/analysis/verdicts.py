"""A verdict in words on a learning curve: what is wrong with the training, if anything."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from hpsearch.analysis.curves import LearningCurves, has_values
from hpsearch.analysis.remedies import next_steps
from hpsearch.analysis.signals import has_blown_up, tail_level, turning_point
from hpsearch.analysis.symptoms import (
    TURNED,
    has_turned,
    is_slow,
    is_unsteady,
    learns_nothing,
    lost_its_loss,
    memorizes,
    overfits,
    still_improves,
    underfits,
)

Kind: TypeAlias = Literal[
    "no_curves",
    "too_few_epochs",
    "not_learning",
    "memorizing",
    "learning_rate_too_high",
    "learning_rate_too_low",
    "trained_too_long",
    "stopped_too_early",
    "high_bias_and_variance",
    "high_bias",
    "high_variance",
    "good_fit",
]

SENTENCES: dict[Kind, str] = {
    "no_curves": "No learning curve was recorded, so nothing can be said about the fit.",
    "too_few_epochs": "Too few epochs to judge the fit.",
    "not_learning": "The network learns nothing: it is no better than guessing.",
    "memorizing": "It learns the training images by heart: on new ones it is no better than "
    "guessing.",
    "learning_rate_too_high": "The learning rate looks too high: training is unstable.",
    "learning_rate_too_low": "The learning rate looks too low: the training loss falls slowly "
    "and steadily and is still far from flat.",
    "trained_too_long": "Trained too long: validation turned for the worse while the training "
    "loss went on falling.",
    "stopped_too_early": "Stopped too early: validation was still improving at the last epoch.",
    "high_bias_and_variance": "High bias and high variance: it underfits the training images and "
    "does clearly worse on new ones.",
    "high_bias": "High bias: it underfits, even the training images are not learnt well.",
    "high_variance": "High variance: it overfits, training images are learnt much better than "
    "new ones are recognized.",
    "good_fit": "Good fit: training and validation agree and both have settled.",
}

MIN_EPOCHS = 4
"""Below this neither jitter nor a bend can be told from a trend."""
FIRM_EPOCHS = 10
"""Below this a verdict is called weak: the end of the curve holds only three or four points."""


class Verdict(NamedTuple):
    """What a learning curve says about a configuration.

    Args:
        kind: The finding that matters most.
        sentence: The same in words.
        evidence: The numbers behind it, one sentence.
        next_steps: What to try, most promising first.
        also: Further findings, in order of weight.
        weak: Whether the curve is too short for a firm verdict.
    """

    kind: Kind
    sentence: str
    evidence: str
    next_steps: tuple[str, ...]
    also: tuple[Kind, ...] = ()
    weak: bool = False


def judge(
    curves: LearningCurves,
    *,
    num_classes: int | None = None,
    params: Mapping[str, Any] | None = None,
    names: tuple[str, ...] = (),
) -> Verdict:
    """Judge the fit of one trained configuration.

    Args:
        curves: Its learning curves.
        num_classes: Number of classes, to know what guessing achieves; None for regression.
        params: Its hyperparameters, so that next steps can name a value.
        names: Every hyperparameter of the space, so that next steps name what can be varied.
    """
    found = list(findings(curves, num_classes))
    kind = found[0]
    return Verdict(
        kind,
        SENTENCES[kind],
        evidence(curves) + _guessing(kind, num_classes),
        next_steps(kind, params or {}, names),
        tuple(other for other in found[1:] if other != "good_fit"),
        kind not in ("no_curves", "too_few_epochs") and len(curves.epochs) < FIRM_EPOCHS,
    )


def findings(curves: LearningCurves, num_classes: int | None = None) -> Iterator[Kind]:
    """Every finding that applies, the one that matters most first; at least one."""
    if not has_values(curves.val_loss) and not has_values(curves.val_accuracy):
        yield "learning_rate_too_high" if lost_its_loss(curves) else "no_curves"
        return
    if has_blown_up(curves.loss):
        yield "learning_rate_too_high"
        return
    if len(curves.epochs) < MIN_EPOCHS:
        yield "too_few_epochs"
        return
    if is_unsteady(curves, num_classes):
        yield "learning_rate_too_high"
    if learns_nothing(curves, num_classes):
        yield "not_learning"
        return
    if memorizes(curves, num_classes):
        yield "memorizing"
        return
    yield from _findings_of_a_learner(curves)


def _findings_of_a_learner(curves: LearningCurves) -> Iterator[Kind]:
    if is_slow(curves):
        yield "learning_rate_too_low"
    fit = _fit(curves)
    if fit == "high_variance":  # the training images are learnt: more epochs would not close a gap
        yield fit
    elif has_turned(curves) and not overfits(curves):
        yield "trained_too_long"
    if still_improves(curves):
        yield "stopped_too_early"
    if fit != "high_variance":
        yield fit


def _fit(curves: LearningCurves) -> Kind:
    bias, variance = underfits(curves), overfits(curves)
    if bias and variance:
        return "high_bias_and_variance"
    if bias:
        return "high_bias"
    return "high_variance" if variance else "good_fit"


def _guessing(kind: Kind, num_classes: int | None) -> str:
    if kind not in ("not_learning", "memorizing") or not num_classes:
        return ""
    return f" Guessing among {num_classes} classes reaches {1 / num_classes:.3f}."


def evidence(curves: LearningCurves) -> str:
    """The levels at the end of training in one sentence."""
    epochs = len(curves.epochs)
    if not epochs:
        return "No epoch was recorded."
    parts = [
        f"{label} {level:.3f}"
        for label, level in (
            ("training accuracy", tail_level(curves.accuracy)),
            ("validation accuracy", tail_level(curves.val_accuracy)),
            ("training loss", tail_level(curves.loss)),
            ("validation loss", tail_level(curves.val_loss)),
        )
        if not math.isnan(level)
    ]
    text = f"At the end of {epochs} epoch{'s' if epochs > 1 else ''}: " + ", ".join(parts)
    turn = turning_point(curves.val_loss)
    if turn is not None and turn.rise > TURNED * turn.lowest:
        text += f"; the validation loss was lowest, {turn.lowest:.3f}, after epoch {turn.epoch}"
    if not parts:
        return f"Nothing finite was measured in {epochs} epoch{'s' if epochs > 1 else ''}."
    return text + "."
