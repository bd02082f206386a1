"""The verdict on one training: every finding that applies, the one that matters most first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from hpsearch.analysis.curves import LearningCurves, has_values
from hpsearch.analysis.verdicts.case import Case, ClassScores
from hpsearch.analysis.verdicts.certainty import Certainty
from hpsearch.analysis.verdicts.classes import collapsed
from hpsearch.analysis.verdicts.duration import (
    converged,
    hardly_improves,
    loss_apart,
    too_early,
    too_long,
)
from hpsearch.analysis.verdicts.fit import Fit
from hpsearch.analysis.verdicts.guessing import is_guessing, memorizing, why_guessing
from hpsearch.analysis.verdicts.kinds import SENTENCES, Finding, Kind
from hpsearch.analysis.verdicts.moves import NextSearch
from hpsearch.analysis.verdicts.pace import slow, unsteady
from hpsearch.analysis.verdicts.regularization import too_strong
from hpsearch.analysis.verdicts.remedies import next_steps
from hpsearch.analysis.verdicts.settings import acting_in_training_only
from hpsearch.analysis.verdicts.signals import has_blown_up, measured
from hpsearch.counting import count_of

MIN_EPOCHS = 4
"""Below this neither jitter nor a bend can be told from a trend."""

MOVING: frozenset[Kind] = frozenset(
    ("learning_rate_too_low", "stopped_too_early", "trained_too_long", "loss_rises_accuracy_holds")
)
"""What has not converged, whatever a forecast from a few epochs says."""


class Verdict(NamedTuple):
    """What learning curves say about a configuration.

    Args:
        kind: The finding that matters most.
        evidence: The numbers behind it, one sentence.
        certainty: How sure it is.
        next_steps: What to try, most promising first, with the command where there is one.
        also: Further findings, in order of weight.
        seeds: Number of trainings of the configuration that were judged.
        holds_on: On how many of them it is the finding that matters most.
    """

    kind: Kind
    evidence: str
    certainty: Certainty
    next_steps: tuple[str, ...]
    also: tuple[Finding, ...] = ()
    seeds: int = 1
    holds_on: int = 1

    @property
    def sentence(self) -> str:
        """The finding in words."""
        return SENTENCES[self.kind]

    @property
    def weak(self) -> bool:
        """Whether it may as well be something else."""
        return self.certainty == "weak"


def judge(
    curves: LearningCurves,
    *,
    num_classes: int | None = None,
    num_validation: int | None = None,
    params: Mapping[str, Any] | None = None,
    scores: ClassScores | None = None,
    names: tuple[str, ...] = (),
    search: NextSearch | None = None,
) -> Verdict:
    """Judge the fit of one trained configuration.

    Args:
        curves: Its learning curves.
        num_classes: Number of classes, to know what guessing achieves; None for regression.
        num_validation: Images in the validation part, to know how accuracies scatter.
        params: Its hyperparameters: they explain what is seen, and next steps name a value.
        scores: Its scores by class, to see whether it answers with few classes.
        names: Every hyperparameter of the space, so that next steps name what can be varied.
        search: How a next search is asked for; None leaves commands out.
    """
    case = Case(curves, num_classes, num_validation, params or {}, scores)
    return judge_case(case, names, search)


def judge_case(
    case: Case, names: tuple[str, ...] = (), search: NextSearch | None = None
) -> Verdict:
    """Judge one training; see `judge`."""
    first, *others = findings(case)
    steps = next_steps(first.kind, case.params, names, search, case.epochs)
    return Verdict(first.kind, first.evidence, first.certainty, steps, tuple(others))


def findings(case: Case) -> Iterator[Finding]:
    """Every finding that applies, the one that matters most first; at least one."""
    if not has_values(case.curves.val_loss) and not has_values(case.curves.val_accuracy):
        yield _lost(case) if _lost_its_loss(case) else _unknown(case)
    elif has_blown_up(case.curves.loss):
        yield _lost(case)
    elif case.epochs < MIN_EPOCHS:
        yield _too_few(case)
    elif (memory := memorizing(case)) is not None:
        yield memory
    elif is_guessing(case):
        yield why_guessing(case)
    else:
        yield from _findings_of_a_learner(case)


def _findings_of_a_learner(case: Case) -> Iterator[Finding]:
    fit = Fit(case)
    held = too_strong(case, is_poor=fit.is_poor, gap=fit.gap)
    found = [
        *_present(unsteady(case), slow(case), held, collapsed(case)),
        *_ordered(case, fit, is_held=held is not None),
        *_present(loss_apart(case) if fit.is_wide else None, converged(case)),
    ]
    kinds = {finding.kind for finding in found}
    wrong = {"converged"} if kinds & MOVING else set()
    if found and found[0].kind != "good_fit":
        wrong.add("good_fit")
    yield from (own for own in found if own.kind not in wrong)
    if not found:
        yield fit.good()


def _ordered(case: Case, fit: Fit, *, is_held: bool) -> Iterator[Finding]:
    """Bias and variance among what the ends of the curves show, by weight."""
    late, early, easier = too_long(case), too_early(case), fit.easier()
    own = fit.findings()
    if is_held:
        yield from _present(easier)
    elif fit.is_poor:
        first = (*own, early) if hardly_improves(case) else (early, *own)
        yield from _present(late, *first, easier)
    elif fit.is_wide:  # training images are learnt: more epochs would not close a gap
        yield from _present(*own, late)
    else:
        yield from _settled(case, fit, _present(late, early), easier)


def _settled(
    case: Case, fit: Fit, ends: Iterator[Finding], easier: Finding | None
) -> Iterator[Finding]:
    """What to say where there is neither bias nor variance."""
    is_explained = bool(acting_in_training_only(case.params))
    odd = [*ends, *_present(None if is_explained else easier, loss_apart(case))]
    yield from odd
    if not odd and fit.is_known:
        yield fit.good()
    yield from _present(easier if is_explained else None)


def _present(*found: Finding | None) -> Iterator[Finding]:
    return (finding for finding in found if finding is not None)


def _lost_its_loss(case: Case) -> bool:
    """Whether the training loss became infinite or not a number, and nothing else is left."""
    loss = case.curves.loss
    return case.epochs > 0 and has_values(loss) and not np.isfinite(loss[-1])


def _lost(case: Case) -> Finding:
    values = measured(case.curves.loss)
    end = case.curves.loss[-1]
    now = f"{end:.3g} at the end" if np.isfinite(end) else "no finite number at the end"
    evidence = (
        f"The training loss was {values.min():.3g} at its lowest and is {now} of "
        f"{count_of(case.epochs, 'epoch')}."
    )
    return Finding("learning_rate_too_high", evidence, "firm")


def _unknown(case: Case) -> Finding:
    evidence = f"Nothing finite was measured on validation in {count_of(case.epochs, 'epoch')}."
    return Finding("no_curves", evidence if case.epochs else "No epoch was recorded.", "firm")


def _too_few(case: Case) -> Finding:
    levels = f": {case.levels}" if case.levels else ""
    evidence = f"After {count_of(case.epochs, 'epoch')}{levels}."
    return Finding("too_few_epochs", evidence, "firm")
