"""Networks that answer with few of the classes, told by their scores by class."""

from __future__ import annotations

import numpy as np

from hpsearch.analysis.verdicts.case import Case
from hpsearch.analysis.verdicts.certainty import certainty_of
from hpsearch.analysis.verdicts.kinds import Finding
from hpsearch.analysis.verdicts.signals import end_trend, measured, tail_level

FEW_CLASSES = 0.6
"""Balanced accuracy below which classes may be missing altogether."""
ONE_SIDED = 0.65
"""Macro-F1 over balanced accuracy: 1 where every class is mistaken alike. A network that answers
with k of C equally large classes, rightly wherever it can, has 2k / (C + k): .65 at half of them.
"""
IGNORED = 0.25
"""Accuracy above balanced accuracy by which small classes are left out."""
CONSTANT = 1e-6
"""An accuracy that does not move at all, epoch after epoch."""
SAME_EPOCHS = 5
"""… as often as this: by chance, few images of many classes give the same number of hits twice."""


def collapsed(case: Case) -> Finding | None:
    """A network above chance that answers with few of the classes, and has come to rest so."""
    if case.scores is None or not case.num_classes:
        return None
    balanced, f1 = (tail_level(series) for series in case.scores)
    ahead = case.val_accuracy - balanced
    is_few = balanced < FEW_CLASSES and (f1 < ONE_SIDED * balanced or ahead > IGNORED)
    if not is_few or end_trend(case.scores.macro_f1).rises(0.02):
        return None
    evidence = (
        f"Validation accuracy is {case.val_accuracy:.3f}{case.on_images}, but its mean over the "
        f"{case.num_classes} classes {balanced:.3f} and macro-F1 {f1:.3f}: whole classes are never "
        "or hardly ever given."
    )
    margin = max((ONE_SIDED - f1 / max(balanced, 1e-9)) / 0.1, (ahead - IGNORED) / 0.05)
    return Finding("collapsed", evidence, certainty_of(margin, case.epochs))


def answers_one_class(case: Case) -> bool:
    """Whether a network that is guessing gives one and the same answer to all images."""
    if case.scores is None or not case.num_classes:
        tail = measured(case.curves.val_accuracy)[-SAME_EPOCHS:]
        return len(tail) == SAME_EPOCHS and float(np.ptp(tail)) < CONSTANT
    balanced, f1 = (tail_level(series) for series in case.scores)
    error = 4 * case.accuracy_error
    one_sided = f1 < ONE_SIDED * balanced or case.val_accuracy > case.guessing + max(0.05, error)
    return balanced < 1.5 * case.guessing and one_sided
