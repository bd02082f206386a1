"""Judging a confirmation: the winner, how sure it is, and the one look at the test split."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hpsearch.analysis.confirmation import (
    Interval,
    Race,
    mean_interval,
    probability_of_chance,
    wilson_interval,
)
from hpsearch.execution.evaluation import evaluate_on_test
from hpsearch.execution.replicates import Replicates
from hpsearch.search import identify
from hpsearch.spaces import Space
from hpsearch.stages.prepared import Prepared
from hpsearch.storage import RunDirectory, StudyView, TrialRecord, load
from hpsearch.storage.look_ledger import LookLedger

FEWEST_SEEDS = 3  # fewer say nothing of the scatter: the best mean is then all there is


def judge(prepared: Prepared, view: StudyView) -> dict[str, Any]:
    """The winner, how sure that is, and how it does on the test split, as in `winner.json`."""
    replicates = prepared.plan.replicates
    assert replicates is not None
    values = replicates.values(view.trials)
    dropped = replicates.dropped(view.trials, view.direction)
    winner, verdict = choose_winner(values, dropped, view)
    source = load(prepared.request.source or Path())
    facts: dict[str, Any] = {
        "objective": view.objective,
        "winner": winner,
        "params": dict(replicates.candidates[winner]),
        "verdict": verdict,
        "candidates": [
            {
                "params": dict(params),
                "is_default": identify(params) == identify(defaults_of(source)),
                "seeds": len(own),
                "given_up_after": dropped.get(number),
                **_interval(mean_interval(own) if own else None),
            }
            for number, (params, own) in enumerate(zip(replicates.candidates, values, strict=True))
        ],
        "optimism": _optimism(source, values[0]),
        "gain_over_defaults": _gain(replicates, values, winner, source, view.direction),
    }
    return facts | {"test": _look_at_test(prepared, view, winner)}


def _interval(interval: Interval | None) -> dict[str, float | None]:
    if interval is None:
        return {"mean": None, "low": None, "high": None}
    return dict(interval._asdict())


def choose_winner(
    values: list[list[float]],
    dropped: Mapping[int, int],
    view: StudyView,
) -> tuple[int, str]:
    """The candidate to use, and in words how sure that is.

    The best mean wins; of those whose mean lies within its 95 % interval, the one with the
    fewest weights. The threshold for "better" is that of the race, so that its bound on false
    statements holds here as well.
    """
    sign = 1 if view.direction == "maximize" else -1
    means = {c: sign * sum(own) / len(own) for c, own in enumerate(values) if own}
    best = max(means, key=lambda c: means[c])
    scores = [[sign * value for value in own] for own in values]
    threshold = Race(len(values), max(len(own) for own in values)).threshold
    shown_worse = set(dropped) | {
        c for c in means if c != best and probability_of_chance(scores[best], scores[c]) < threshold
    }
    equals = [c for c in means if c not in shown_worse]
    ties = [c for c in equals if _is_tie(scores[best], means[c])]
    winner = min(ties, key=lambda c: (_weights(view, c), c != best, c), default=best)
    name = f"configuration {winner}"
    if len(means) == 1:
        return winner, f"{name} is the only one"
    if len(equals) == 1:
        return winner, f"{name} is better than every other one (wrong at most once in twenty)"
    others = ", ".join(str(c) for c in equals if c != winner)
    if min(len(values[c]) for c in equals) < FEWEST_SEEDS:
        return winner, f"{name} has the best mean; too few seeds to tell it from {others}"
    why = "the best mean" if winner == best else "fewest weights and as good a mean"
    return winner, f"{name} is not distinguishable from {others}; it is the one with {why}"


def _is_tie(best: list[float], mean: float) -> bool:
    """Whether a mean lies within the 95 % interval of the best candidate's mean."""
    low = mean_interval(best).low
    return len(best) >= FEWEST_SEEDS and low is not None and mean >= low


def _weights(view: StudyView, candidate: int) -> int:
    counts = [t.num_parameters or 0 for t in view.trials if t.candidate == candidate]
    return max(counts, default=0)


def _optimism(source: StudyView, confirmed: list[float]) -> float | None:
    """How much better the search score of its best trial was than the confirmed mean."""
    if source.best is None or source.best.value is None or not confirmed:
        return None
    sign = 1 if source.direction == "maximize" else -1
    return sign * (source.best.value - sum(confirmed) / len(confirmed))


def _gain(
    replicates: Replicates,
    values: list[list[float]],
    winner: int,
    source: StudyView,
    direction: str,
) -> dict[str, float | None] | None:
    """What tuning gained over the defaults, with its 95 % interval."""
    defaults = identify(defaults_of(source))
    own = [c for c, p in enumerate(replicates.candidates) if identify(p) == defaults]
    if not own or own[0] == winner or not values[own[0]] or not values[winner]:
        return None
    sign = 1 if direction == "maximize" else -1
    better, base = mean_interval(values[winner]), mean_interval(values[own[0]])
    gain = sign * (better.mean - base.mean)
    if better.high is None or base.high is None:
        return {"mean": gain, "low": None, "high": None}
    reach = ((better.high - better.mean) ** 2 + (base.high - base.mean) ** 2) ** 0.5
    return {"mean": gain, "low": gain - reach, "high": gain + reach}


def _look_at_test(prepared: Prepared, view: StudyView, winner: int) -> dict[str, Any] | None:
    """Accuracy of the winner's models on the test split; None if there is none."""
    trials = [t for t in view.ranked if t.candidate == winner and _model(view, t) is not None]
    if not trials or not prepared.data.facts.get("test"):
        return None
    directory = prepared.directory
    ledger = LookLedger(directory.path.resolve().parent, prepared.data.fingerprint)
    looks = ledger.enter(
        {
            "study": str(directory),
            "configuration": dict(trials[0].params),
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
        }
    )
    models = [path for trial in trials if (path := _model(view, trial)) is not None]
    scores = evaluate_on_test(prepared.plan, models)
    if scores is None:
        return None
    shutil.copyfile(models[0], directory.models / "winner.keras")
    shares = [correct / scores.num_images for correct in scores.correct]
    return {
        "metric": "accuracy",
        "num_images": scores.num_images,
        "single_models": {"count": len(shares), **_interval(mean_interval(shares))},
        "winner_model": {
            "trial": trials[0].number,
            **_interval(wilson_interval(scores.correct[0], scores.num_images)),
        },
        "averaged_prediction": _interval(
            wilson_interval(scores.correct_together, scores.num_images)
        ),
        "looks_so_far": looks,
    }


def _model(view: StudyView, trial: TrialRecord) -> Path | None:
    path = view.directory.path / (trial.model_file or "missing")
    return path if path.is_file() else None


def defaults_of(source: StudyView) -> dict[str, Any]:
    """The defaults of the space before any narrowing, as the first stage knew it."""
    view = source
    while view.facts.get("from") and RunDirectory(view.facts["from"]).has_study:
        view = load(view.facts["from"])
    return dict(Space.from_json(view.space).defaults())
