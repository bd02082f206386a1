"""The summary of a study in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hpsearch.analysis.curves import at_epoch, curves_of, generalization_gap
from hpsearch.analysis.folds import spread_in_words
from hpsearch.analysis.stopped import early_stops
from hpsearch.analysis.verdicts import Finding, Verdict, judge_trials
from hpsearch.counting import count_of
from hpsearch.report.certainty_words import also_in_words, certainty_of_verdict
from hpsearch.report.next_search import next_search
from hpsearch.report.wording import (
    confirm_command,
    data_label,
    duration_text,
    is_synthetic,
    short_data_label,
    space_name,
    study_name,
    value_text,
)
from hpsearch.stages.arithmetic import arithmetic_of
from hpsearch.stages.confirmation_words import confirmed_score
from hpsearch.stages.curve_words import told_by
from hpsearch.stages.sources import most_frequent_failure
from hpsearch.stages.unequal_classes import class_advice
from hpsearch.storage.records import TrialRecord, counted
from hpsearch.storage.study_view import StudyView


class Summary(NamedTuple):
    """What a reader should know first.

    Args:
        name: The study.
        stage: `coarse`, `fine`, `confirm` or `curves`.
        data: What the images are.
        synthetic: Whether they were drawn by our own code.
        setting: Space, data and budget in one sentence.
        outcome: How many trials ended how, and what they cost.
        winner: The best trial and its value; of curves what they show.
        last_epoch: What the last epoch gave, where it was not the best; else empty.
        gap: The generalization gap; empty where it was not measured.
        params: The winner's hyperparameters.
        verdict: What its learning curves say; None without a winner.
        also: Further findings, each behind words that say how sure it is.
        certainty: How sure the verdict is, and why.
        caution: Why the value is too good to quote; empty in a confirm stage.
        confirm_command: The command that gives a figure to quote; empty in a confirm stage.
    """

    name: str
    stage: str
    data: str
    synthetic: bool
    setting: str
    outcome: str
    winner: str
    last_epoch: str
    gap: str
    params: tuple[tuple[str, str], ...]
    verdict: Verdict | None
    also: tuple[tuple[str, Finding], ...]
    certainty: str
    caution: str
    confirm_command: str


def summary_of(view: StudyView) -> Summary:
    """The summary of a study."""
    best = view.best
    verdict = verdict_on(view, best) if best else None
    return Summary(
        name=study_name(view),
        stage=view.stage,
        data=data_label(view.facts),
        synthetic=is_synthetic(view.facts),
        setting=_setting(view),
        outcome=_outcome(view),
        winner=_winner(view),
        last_epoch=_last_epoch(view, best) if best else "",
        gap=_gap(best) if best else "",
        params=tuple((k, value_text(v)) for k, v in best.params.items()) if best else (),
        verdict=verdict,
        also=tuple((also_in_words(own), own) for own in verdict.also) if verdict else (),
        certainty=certainty_of_verdict(verdict, best.epochs) if verdict and best else "",
        caution=_caution(view, best) if best else "",
        confirm_command=confirm_command(view) if best else "",
    )


def verdict_on(view: StudyView, record: TrialRecord) -> Verdict:
    """What the learning curves of a trial say, and of those with its values and other seeds."""
    search, data = next_search(view), view.facts.get("data", {})
    return judge_trials(
        (record, *_other_seeds(view, record)),
        num_classes=data.get("num_classes"),
        num_validation=data.get("validation"),
        names=tuple(dict.fromkeys((*_names(view.space), *search.space.names))),
        search=search,
    )


def _names(space: Mapping[str, Any]) -> list[str]:
    return [str(entry.get("name")) for entry in space.get("parameters", ())]


def _other_seeds(view: StudyView, record: TrialRecord) -> list[TrialRecord]:
    """The other complete trials of the same configuration."""
    return [
        other
        for other in view.trials
        if other.state == "complete"
        and other.number != record.number
        and other.candidate == record.candidate
        and dict(other.params) == dict(record.params)
    ]


def _setting(view: StudyView) -> str:
    identity, data = view.facts["identity"], view.facts.get("data", {})
    sizes = [
        f"{data[part]:,} {label}"
        for part, label in (("train", "training"), ("validation", "validation"), ("test", "test"))
        if data.get(part)
    ]
    images = f" ({', '.join(sizes)} images)" if sizes else ""
    epochs = identity.get("epochs")
    plan = view.facts.get("plan", identity)
    reason = f" ({plan['reason']})" if plan.get("reason") else ""
    upto = f", up to {count_of(epochs, 'epoch')} a trial" if epochs else ""
    advice = class_advice(data, view.objective) if view.stage == "coarse" else ""
    unequal = f" Unequal classes: {advice}." if advice else ""
    return (
        f"Space {space_name(view)} on {short_data_label(view.facts)}{images}; "
        f"{plan.get('algorithm', 'unknown')} search{reason}{upto}, "
        f"objective {view.objective}. Computed in {arithmetic_of(view).describe()}.{unequal}"
    )


def _outcome(view: StudyView) -> str:
    count, records = view.count(), counted(view.trials)
    if not records:
        return "No trial has finished yet."
    parts = [f"{count['completed']} completed", f"{count['pruned']} pruned"]
    kinds = Counter(r.failure or "unknown" for r in records if r.state == "failed")
    detail = ", ".join(f"{number} {kind}" for kind, number in kinds.most_common())
    parts.append(f"{count['failed']} failed" + (f" ({detail})" if detail else ""))
    seconds = sum(r.seconds or 0.0 for r in view.trials)
    left = len([r for r in view.trials if not r.is_finished])
    unfinished = f" {left} not finished." if left else ""
    stops = early_stops(view).words(view.objective)
    return (
        f"{count_of(len(records), 'trial')}: {', '.join(parts)}. "
        f"Training took {duration_text(seconds)} in all.{unfinished}{' ' + stops if stops else ''}"
    )


def _winner(view: StudyView) -> str:
    best = view.best
    if view.stage == "curves":
        return " ".join(told_by(view).sentences)
    if best is None:
        return _no_winner(counted(view.trials))
    facts = view.confirmation
    if facts is not None:
        return f"Configuration {facts['winner']} is the winner: {confirmed_score(facts)}."
    at = f" after epoch {best.best_epoch} of {best.epochs}" if best.best_epoch else ""
    size = f"; {count_of(best.num_parameters, 'parameter')}" if best.num_parameters else ""
    score = f"{view.objective} {value_text(best.value)}"
    folds = spread_in_words(best.fold_values)
    within = f" ({folds})" if folds else ""
    return f"Trial {best.number} is best: {score}{within}{at}{size}."


def _no_winner(finished: Sequence[TrialRecord]) -> str:
    if not finished:
        return "No winner yet."
    text = "No trial completed, so there is no winner"
    failed = any(record.state == "failed" for record in finished)
    return f"{text}: {most_frequent_failure(finished)}." if failed else f"{text}."


def _last_epoch(view: StudyView, best: TrialRecord) -> str:
    values = best.history.get(view.objective, ())
    if not values or values[-1] is None or best.best_epoch == len(values):
        return ""
    return f"Its last epoch had {view.objective} {value_text(float(values[-1]))}."


def _gap(best: TrialRecord) -> str:
    curves = curves_of(best)
    gap = generalization_gap(curves)
    accuracy, loss = (at_epoch(g, best.best_epoch) for g in (gap.accuracy, gap.loss))
    if accuracy is not None:
        better = at_epoch(curves.accuracy, best.best_epoch) or 0.0
        return (
            f"Generalization gap at that epoch: {accuracy:+.3f} "
            f"(training accuracy {better:.3f} minus validation accuracy {better - accuracy:.3f})."
        )
    if loss is not None:
        return f"Generalization gap at that epoch: validation loss {loss:+.3f} above training loss."
    return ""


def _caution(view: StudyView, best: TrialRecord) -> str:
    if view.stage == "confirm":
        return ""
    return (
        f"This is a search score, and optimistic: {value_text(best.value)} is the best of "
        f"{count_of(view.count()['completed'], 'completed trial')} and, in each, of the best "
        "epoch, so luck was picked along with skill. Fresh seeds and the untouched test images "
        "give a figure to quote:"
    )
