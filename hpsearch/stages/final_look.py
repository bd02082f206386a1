"""The one look at the test split that a confirmation takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hpsearch.analysis.intervals import (
    Interval,
    bootstrap_interval,
    mean_interval,
    wilson_interval,
)
from hpsearch.execution.evaluation import evaluate_on_test
from hpsearch.stages.prepared import Prepared
from hpsearch.storage import StudyView, TrialRecord
from hpsearch.storage.look_ledger import LookLedger
from hpsearch.storage.places import absolute
from hpsearch.storage.run_root import RunRoot
from hpsearch.training.class_scores import CLASS_SCORES, accuracy


def look_at_test(
    prepared: Prepared, view: StudyView, trials: Sequence[TrialRecord], retrained: Path | None
) -> dict[str, Any] | None:
    """How the winner's models do on the test split; None if there is none to be scored.

    Where images have several labels, or values, no look is taken: scores are those of classes.

    Args:
        prepared: The confirmation.
        view: Its study.
        trials: The winner's trials whose models are kept, best first.
        retrained: Its model trained on training and validation images, if there is one.

    Returns:
        As in `winner.json`: accuracies with intervals (Wilson's), scores by class with intervals
        (a bootstrap within each class), and how many looks there have been.
    """
    facts = prepared.data.facts
    if not trials or not facts.get("test") or not has_classes(facts):
        return None
    looks = _enter(prepared, view, trials[0].params)
    models = [view.directory.model_file(trial.number) for trial in trials]
    alone = [retrained] if retrained is not None else []
    scores = evaluate_on_test(prepared.plan, models, alone, prepared.placement.side_slot)
    if scores is None or scores.together is None:
        return None
    single = scores.single[: len(models)]
    shares = [float(accuracy(counts)) for counts in single]
    best = {"trial": trials[0].number, **scored(single[0])}
    winner = {"trial": None, **scored(scores.single[-1])} if retrained is not None else best
    return {
        "metric": "accuracy",
        "num_images": scores.num_images,
        "single_models": {
            "count": len(shares),
            **interval_json(mean_interval(shares, within=(0.0, 1.0))),
        },
        "winner_model": winner,
        "best_seed_model": best,
        "averaged_prediction": scored(scores.together),
        "looks_so_far": looks,
    }


def has_classes(data: Mapping[str, Any]) -> bool:
    """Whether each image has one class, so that a confusion matrix says how a model does.

    Args:
        data: The facts of the data as in `study.json`.
    """
    return data.get("problem", "one_label") in ("binary", "one_label")


def ledger_folder(directory: Path) -> Path:
    """Where the ledger of a study lies: beside it, or beside the whole run that it belongs to.

    So that several runs below `results` share one ledger, as several studies do.
    """
    parent = absolute(directory).parent
    return parent.parent if RunRoot(parent).has_run else parent


def _enter(prepared: Prepared, view: StudyView, params: Mapping[str, Any]) -> int:
    """Enter the look before it is taken; how many there have been with it."""
    directory = prepared.directory
    ledger = LookLedger(ledger_folder(directory.path), prepared.data.fingerprint)
    return ledger.enter(
        {
            "study": str(directory),
            "created": view.facts["provenance"]["created"],
            "configuration": dict(params),
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
        }
    )


def scored(counts: Any) -> dict[str, Any]:
    """Accuracy and scores by class with their intervals, from a confusion matrix."""
    right, total = int(counts.trace()), int(counts.sum())
    by_class = {
        name: interval_json(bootstrap_interval(counts, score))
        for name, score in CLASS_SCORES.items()
    }
    return {**interval_json(wilson_interval(right, total)), **by_class}


def interval_json(interval: Interval | None) -> dict[str, float | None]:
    """An interval as JSON; all null where there is none."""
    if interval is None:
        return {"mean": None, "low": None, "high": None}
    return dict(interval._asdict())
