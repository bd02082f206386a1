"""Narrowing: what the trials of a stage say about where to search next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from hpsearch.analysis.fitted import fit
from hpsearch.analysis.near_best import NearBest, near_best
from hpsearch.search.threads import one_thread
from hpsearch.spaces import Choice, Parameter, Space, fixed_at
from hpsearch.spaces.describing import describe_range
from hpsearch.stages.evidence import Decision, Evidence, gather
from hpsearch.stages.narrow_ranges import narrow_range
from hpsearch.stages.narrow_reasons import choices_words, fixed_words, idle_words, note_on
from hpsearch.stages.narrow_settings import NarrowSettings
from hpsearch.stages.narrowing import NarrowedSpace, Narrowing
from hpsearch.storage import StudyView, TrialRecord, ranked

SHOW_LATE = ("dropout", "l1", "l2", "decay", "regulari", "augment", "smoothing", "mixup", "cutout")
"""Parts of the names of what protects against overfitting, which short trials cannot show."""

Outcome = tuple[Parameter, Decision, str]


def narrow(
    view: StudyView,
    limits: Mapping[str, tuple[float, float]] | None = None,
    settings: NarrowSettings | None = None,
) -> NarrowedSpace:
    """Narrow the space of a study to where its good region likely lies.

    Args:
        view: The study.
        limits: Name → how far a range may be widened; without an entry, not at all.
        settings: What the user says: the risk, what to keep, what to fix.

    Raises:
        SpaceError: A name to keep or fix is not in the space, or a value not possible.
    """
    space = Space.from_json(view.space)
    late = _short_trials(view)
    with one_thread():
        narrowed = narrow_space(space, view.trials, view.direction, limits, settings, late)
    near = near_best(space, view.trials, view.direction)
    return replace(narrowed, decisions=tuple(_with_near(d, near) for d in narrowed.decisions))


def _with_near(decision: Narrowing, near: Mapping[str, NearBest]) -> Narrowing:
    """The decision with what PED-ANOVA says, as a second opinion on record."""
    if decision.name not in near:
        return decision
    evidence = {**decision.evidence, "near_best": asdict(near[decision.name])}
    return replace(decision, evidence=evidence)


def _short_trials(view: StudyView) -> int:
    """How many epochs the trials of a coarse stage had at most; 0 for any other stage."""
    if view.stage != "coarse":
        return 0
    return max((record.epochs for record in view.trials), default=0)


def narrow_space(
    space: Space,
    records: Sequence[TrialRecord],
    direction: str,
    limits: Mapping[str, tuple[float, float]] | None = None,
    settings: NarrowSettings | None = None,
    short_epochs: int = 0,
) -> NarrowedSpace:
    """Narrow a space to where its good region likely lies.

    A range is cut to the good region (`hpsearch.analysis.good_region`) and widened, within the
    limits, where the estimated best presses against an end; choices outside it are dropped. What
    is not shown to matter is fixed only where fixing it costs next to nothing.

    Args:
        space: The space.
        records: Its trials.
        direction: `maximize` or `minimize`.
        limits: Name → how far a range may be widened; without an entry, not at all.
        settings: What the user says: the risk, what to keep, what to fix.
        short_epochs: Where trials were shorter than those to come, their number of epochs. Then
            what protects against overfitting is kept, for it shows its worth in long ones.

    Raises:
        SpaceError: A name to keep or fix is not in the space, or a value not possible.
    """
    settings = settings or NarrowSettings()
    for name in settings.keep:
        space.named(name)
    wanted = settings.fix.apply(space)
    complete = ranked(records, direction)
    kept = _kept(space, settings, short_epochs)
    fitted = fit(space, records, direction)
    found = gather(fitted, settings, frozenset(kept), limits or {}) if fitted else {}
    changes, decisions = [], []
    for parameter in space.searched():
        key = space.key(parameter)
        evidence = found.get(key)
        fixed = wanted.find(parameter)
        if fixed is not None and fixed != parameter:
            outcome: Outcome = (fixed, "fix", "asked for with --fix")
        elif key in kept:
            outcome = (parameter, "keep", kept[key])
        else:
            outcome = _decide(parameter, evidence, len(complete))
        changes.append((parameter, outcome[0]))
        decisions.append(_narrowing(key, parameter, evidence, outcome))
    narrowed = _with_best_as_default(space.replaced(changes), complete)
    note = " ".join(filter(None, [note_on(len(complete)), _unreachable(space, narrowed)]))
    quality = fitted.quality if fitted else None
    return NarrowedSpace(narrowed, tuple(decisions), len(complete), note, settings, quality)


def _narrowing(
    key: str, parameter: Parameter, evidence: Evidence | None, outcome: Outcome
) -> Narrowing:
    changed, decision, reason = outcome
    return Narrowing(
        name=key,
        decision=decision,
        importance=evidence.importance if evidence else None,
        evidence=evidence.to_json() if evidence else {},
        before=describe_range(parameter),
        after=describe_range(changed),
        reason=reason,
    )


def _kept(space: Space, settings: NarrowSettings, short_epochs: int) -> dict[str, str]:
    """Keys of what is not to be narrowed whatever the trials say → why."""
    kept = {}
    for parameter in space.searched():
        if parameter.name in settings.keep:
            kept[space.key(parameter)] = "asked for with --keep"
        elif short_epochs and any(part in parameter.name.lower() for part in SHOW_LATE):
            kept[space.key(parameter)] = (
                "it protects against overfitting, of which trials of "
                f"{short_epochs} epochs show too little"
            )
    return kept


def _unreachable(before: Space, after: Space) -> str:
    """What can be active no more since its parent was narrowed."""
    reachable = {(p.name, p.conditions) for p in after.reachable()}
    lost = [p.label for p in before.searched() if (p.name, p.conditions) not in reachable]
    return (
        f"Not searched any more, since its parent was narrowed: {', '.join(lost)}." if lost else ""
    )


def _decide(parameter: Parameter, evidence: Evidence | None, num_complete: int) -> Outcome:
    if evidence is None or not evidence.may_shrink:
        count = evidence.num_trials if evidence else num_complete
        return parameter, "keep", f"too little evidence ({count} completed trials)"
    if evidence.fixed:
        assert evidence.best is not None
        return fixed_at(parameter, evidence.best), "fix", fixed_words(evidence)
    choose = _drop_choices if evidence.axis.is_listed else narrow_range
    changed, decision, reason = choose(parameter, evidence)
    if decision == "keep" and not evidence.importance.is_shown:
        reason = idle_words(evidence)
    return changed, decision, reason


def _drop_choices(parameter: Parameter, evidence: Evidence) -> Outcome:
    values = [value for value, left in zip(evidence.axis.grid, evidence.left, strict=True) if left]
    dropped = [value for value in evidence.axis.grid if value not in values]
    if not dropped:
        return parameter, "keep", "every choice may hold the best"
    reason = choices_words(evidence, dropped)
    if len(values) == 1:
        return fixed_at(parameter, values[0]), "fix", reason
    assert isinstance(parameter, Choice)
    return replace(parameter, values=tuple(values), default=values[0]), "drop", reason


def _with_best_as_default(space: Space, complete: Sequence[TrialRecord]) -> Space:
    """The space with the best trial's values as the defaults, where it has them."""
    if not complete:
        return space
    best = complete[0].params
    return space.replaced((p, _with_default(p, best[p.name])) for p in space if p.name in best)


def _with_default(parameter: Parameter, value: Any) -> Parameter:
    if parameter.kind == "fixed" or not parameter.contains(value):
        return parameter
    return replace(parameter, default=value)  # type: ignore[call-arg]  # every other kind has one
