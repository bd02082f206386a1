"""Judging a confirmation: the winner, how sure it is, and the one look at the test split."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hpsearch.analysis.intervals import (
    difference_interval,
    interval_json,
    mean_interval,
    range_of,
)
from hpsearch.execution.replicates import Replicates
from hpsearch.search import identify
from hpsearch.spaces import Space
from hpsearch.stages.choosing import choose_winner
from hpsearch.stages.final_look import look_at_test
from hpsearch.stages.prepared import Prepared
from hpsearch.stages.winner_model import kept_trials, put_in_place, retrained_winner
from hpsearch.storage import RunDirectory, StudyView, counted, load


def judge(prepared: Prepared, view: StudyView) -> dict[str, Any]:
    """The winner, how sure that is, and how it does on the test split, as in `winner.json`."""
    replicates = prepared.plan.replicates
    assert replicates is not None
    values = replicates.values(view.trials)
    drops = replicates.drops(view.trials, view.direction)
    chosen = choose_winner(values, drops, replicates.rules(view.direction), _weights(view, values))
    source = load(prepared.request.source or Path())
    facts: dict[str, Any] = {
        "objective": view.objective,
        "problem": prepared.data.facts.get("problem", "one_label"),
        "winner": chosen.number,
        "params": dict(replicates.candidates[chosen.number]),
        "verdict": chosen.verdict,
        "not_distinguishable": list(chosen.not_distinguishable),
        "shown": [
            {"better": drop.by, "worse": candidate, "after_seeds": drop.after}
            for candidate, drop in drops.items()
        ],
        "candidates": _candidates(replicates, view, source),
        "optimism": _optimism(source, replicates, values),
        "gain_over_defaults": _gain(replicates, values, chosen.number, source, view),
    }
    return facts | _judge_models(prepared, view, chosen.number)


def _judge_models(prepared: Prepared, view: StudyView, winner: int) -> dict[str, Any]:
    """What is kept as the winner's model, and how it does on the test split."""
    trials = kept_trials(view, winner)
    retrained = None
    if prepared.request.retrain and trials:
        retrained = retrained_winner(prepared, view, winner)
    used = retrained is not None and retrained["used"]
    model = put_in_place(view.directory, trials[0] if trials else None, retrained)
    file = view.directory.winner_model if used else None
    test = look_at_test(prepared, view, trials, file)
    return {"model": model, "retrained": retrained, "test": test}


def retrain_afterwards(
    prepared: Prepared, view: StudyView, facts: dict[str, Any]
) -> dict[str, Any]:
    """The facts of a finished confirmation with its winner retrained.

    The test split has been looked at already; the retrained model is not evaluated on it.
    """
    trials = kept_trials(view, facts["winner"])
    if not trials:
        return facts
    retrained = retrained_winner(prepared, view, facts["winner"])
    model = put_in_place(view.directory, trials[0], retrained)
    return {**facts, "model": model, "retrained": retrained}


def _weights(view: StudyView, values: Sequence[object]) -> list[int]:
    """For each candidate the number of weights of its model."""
    return [
        max((t.num_parameters or 0 for t in view.trials if t.candidate == candidate), default=0)
        for candidate in range(len(values))
    ]


def _candidates(replicates: Replicates, view: StudyView, source: StudyView) -> list[dict[str, Any]]:
    """Each candidate with its mean, interval and seeds."""
    values = replicates.values(view.trials)
    drops = replicates.drops(view.trials, view.direction)
    weights = _weights(view, values)
    defaults = identify(defaults_of(source))
    within = range_of(view.objective, [value for own in values for value in own])
    finished = counted(view.trials)
    return [
        {
            "params": dict(params),
            "is_default": identify(params) == defaults,
            "seeds": len(own),
            "failed": sum(t.candidate == number and t.state == "failed" for t in finished),
            "num_parameters": weights[number] or None,
            "given_up_after": drops[number].after if number in drops else None,
            **interval_json(mean_interval(own, within) if own else None),
        }
        for number, (params, own) in enumerate(zip(replicates.candidates, values, strict=True))
    ]


def _optimism(
    source: StudyView, replicates: Replicates, confirmed: list[list[float]]
) -> float | None:
    """How much better the best value of the search was than its configuration's confirmed mean.

    None where the trial with the best value is not among those confirmed.
    """
    if source.best is None or source.best.value is None:
        return None
    best = identify(source.best.params)
    own = [c for c, params in enumerate(replicates.candidates) if identify(params) == best]
    if not own or not confirmed[own[0]]:
        return None
    sign = 1 if source.direction == "maximize" else -1
    return sign * (source.best.value - sum(confirmed[own[0]]) / len(confirmed[own[0]]))


def _gain(
    replicates: Replicates,
    values: list[list[float]],
    winner: int,
    source: StudyView,
    view: StudyView,
) -> dict[str, float | None] | None:
    """What tuning gained over the defaults, with its 95 % interval."""
    defaults = identify(defaults_of(source))
    own = [c for c, p in enumerate(replicates.candidates) if identify(p) == defaults]
    if not own or own[0] == winner or not values[own[0]] or not values[winner]:
        return None
    better, base = values[winner], values[own[0]]
    if view.direction == "minimize":
        better, base = base, better
    within = range_of(view.objective, [*better, *base])
    return interval_json(difference_interval(better, base, within))


def defaults_of(source: StudyView) -> dict[str, Any]:
    """The defaults of the space before any narrowing, as the first stage knew it."""
    return dict(Space.from_json(first_stage(source).space).defaults())


def first_stage(source: StudyView) -> StudyView:
    """The study that a search began with, as far as it is still there."""
    view = source
    while view.facts.get("from") and RunDirectory(view.facts["from"]).has_study:
        view = load(view.facts["from"])
    return view
