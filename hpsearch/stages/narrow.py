"""Narrowing: what the trials of a stage say about where to search next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from hpsearch.analysis.importance import chance_of, importance
from hpsearch.spaces import Choice, Parameter, Space, fixed_at
from hpsearch.spaces.describing import describe_range, format_value
from hpsearch.stages.evidence import FEWEST_TO_FIX, Decision, Evidence, gather
from hpsearch.stages.narrow_ranges import narrow_range
from hpsearch.storage import StudyView, TrialRecord, ranked

FEWEST_TO_SHRINK = 15
LIKE_CHANCE = 0.3  # an importance that chance alone gives more often than this is none
FEWEST_OF_A_CHOICE = 5


@dataclass(frozen=True)
class Narrowing:
    """What is decided for one hyperparameter.

    Args:
        name: Its key in the space.
        decision: `keep`, `shrink`, `widen`, `drop` (choices) or `fix`.
        importance: Share of the importance; None where it could not be measured.
        before: The range or choices it had.
        after: The range, choices or value it has now.
        reason: One sentence.
    """

    name: str
    decision: Decision
    importance: float | None
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class NarrowedSpace:
    """A narrowed space with the reasons.

    Args:
        space: What the next stage searches.
        decisions: One for each hyperparameter that was searched.
        num_trials: Completed trials the decisions rest on.
        note: What more evidence would allow; empty if there was enough.
    """

    space: Space
    decisions: tuple[Narrowing, ...]
    num_trials: int
    note: str

    def to_json(self) -> dict[str, Any]:
        """The decisions as JSON, as in `narrowing.json`."""
        return {
            "num_trials": self.num_trials,
            "note": self.note,
            "hyperparameters": [asdict(decision) for decision in self.decisions],
        }


def narrow(
    view: StudyView, limits: Mapping[str, tuple[float, float]] | None = None
) -> NarrowedSpace:
    """Narrow the space of a study to where its good trials are.

    The good trials are the best fifth, at least five. A numeric range is cut to where they lie
    with a margin, and widened (within the limits of the space) where the best press against an
    end; choices that never were good are dropped, and what does not matter is fixed, if there
    are at least 50 completed trials.

    Args:
        view: The study.
        limits: Name → how far a range may be widened; without an entry, not at all.
    """
    space = Space.from_json(view.space)
    complete = ranked(view.trials, view.direction)
    ended = [*complete, *(trial for trial in view.trials if trial.state == "pruned")]
    shares = importance(space, ended, view.direction)
    chances = chance_of(space, ended, view.direction)
    changes, decisions = [], []
    for parameter in space.searched():
        key = space.key(parameter)
        evidence = gather(parameter, complete, shares.get(key), chances.get(key), limits or {})
        changed, decision, reason = _decide(parameter, evidence)
        changes.append((parameter, changed))
        before, after = describe_range(parameter), describe_range(changed)
        decisions.append(Narrowing(key, decision, evidence.importance, before, after, reason))
    narrowed = _with_best_as_default(space.replaced(changes), complete)
    return NarrowedSpace(narrowed, tuple(decisions), len(complete), _note(len(complete)))


def _note(num_trials: int) -> str:
    if num_trials < FEWEST_TO_SHRINK:
        return (
            f"Too little evidence to narrow: {num_trials} completed trials. "
            f"{FEWEST_TO_SHRINK - num_trials} more would allow to shrink ranges, "
            f"{FEWEST_TO_FIX - num_trials} more to fix or drop."
        )
    if num_trials < FEWEST_TO_FIX:
        return (
            f"Nothing is fixed or dropped on {num_trials} completed trials; "
            f"{FEWEST_TO_FIX - num_trials} more would allow it."
        )
    return ""


def _decide(parameter: Parameter, evidence: Evidence) -> tuple[Parameter, Decision, str]:
    if evidence.num_trials < FEWEST_TO_SHRINK:
        return parameter, "keep", f"too little evidence ({evidence.num_trials} completed trials)"
    if evidence.chance is not None and evidence.chance > LIKE_CHANCE:
        return _as_unimportant(parameter, evidence)
    if parameter.is_ordered:
        return narrow_range(parameter, evidence)
    return _drop_choices(parameter, evidence)


def _as_unimportant(parameter: Parameter, evidence: Evidence) -> tuple[Parameter, Decision, str]:
    """Fixed at the value of the best trial, which so stays in the space; kept while unsure."""
    often = f"{100 * (evidence.chance or 0):.0f} %"
    reason = f"not shown to matter (chance gives as much in {often} of cases)"
    if not evidence.may_fix:
        return parameter, "keep", f"{reason}; too few trials to fix it"
    assert evidence.best is not None
    reason = f"{reason}; the best trial has {format_value(evidence.best)}"
    return fixed_at(parameter, evidence.best), "fix", reason


def _drop_choices(parameter: Parameter, evidence: Evidence) -> tuple[Parameter, Decision, str]:
    count = parameter.num_values or 0
    choices = [parameter.value_at(i) for i in range(count)]
    bad = [
        value
        for value in choices
        if value not in evidence.good and evidence.tried.count(value) >= FEWEST_OF_A_CHOICE
    ]
    if not bad:
        return parameter, "keep", f"every choice is among the best {len(evidence.good)} trials"
    names = ", ".join(format_value(value) for value in bad)
    if not evidence.may_fix:
        reason = f"{names} not among the best, but too few trials to drop a choice"
        return parameter, "keep", reason
    kept = tuple(value for value in choices if value not in bad)
    reason = f"{names} never among the best {len(evidence.good)} of {evidence.num_trials} trials"
    if len(kept) == 1:
        return fixed_at(parameter, kept[0]), "fix", reason
    assert isinstance(parameter, Choice)
    return replace(parameter, values=kept, default=kept[0]), "drop", reason


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
