"""The one look at the test split that a confirmation takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hpsearch.analysis.intervals import interval_json, mean_interval, range_of
from hpsearch.execution.evaluation import Scored, evaluate_on_test
from hpsearch.execution.winner_view import ViewRequest
from hpsearch.stages.prepared import Prepared
from hpsearch.storage import StudyView, TrialRecord
from hpsearch.storage.look_ledger import LookLedger
from hpsearch.storage.places import absolute
from hpsearch.storage.run_root import RunRoot


def look_at_test(
    prepared: Prepared, view: StudyView, trials: Sequence[TrialRecord], retrained: Path | None
) -> dict[str, Any] | None:
    """How the winner's models do on the test split; None if there is none.

    Args:
        prepared: The confirmation.
        view: Its study.
        trials: The winner's trials whose models are kept, best first.
        retrained: Its model trained on training and validation images, if there is one.

    Returns:
        As in `winner.json`: scores of the kind of problem with intervals (see
        `hpsearch.analysis.image_scores`), and how many looks there have been.
    """
    if not trials or not prepared.data.facts.get("test"):
        return None
    looks = _enter(prepared, view, trials[0].params)
    models = [view.directory.model_file(trial.number) for trial in trials]
    scores = evaluate_on_test(
        prepared.plan,
        models,
        [retrained] if retrained is not None else [],
        prepared.placement.side_slot,
        multi_crop=prepared.request.multi_crop,
        shown=_shown(view, trials[0], retrained),
    )
    if scores is None:
        return None
    numbers = [trial.number for trial in trials]
    facts = {
        "metric": scores.metric,
        "num_images": scores.num_images,
        **_models(scores.whole, scores.metric, numbers),
        "looks_so_far": looks,
    }
    if scores.crops is not None:
        crops = {"crops": scores.num_crops, **_models(scores.crops, scores.metric, numbers)}
        facts["multi_crop"] = crops
    return facts


def _shown(view: StudyView, best: TrialRecord, retrained: Path | None) -> ViewRequest:
    """Which model's predictions the report shows: of the one that is kept."""
    target = view.directory.winner_view_file
    if retrained is not None:
        return ViewRequest(retrained, None, target)
    return ViewRequest(view.directory.model_file(best.number), best.number, target)


def _models(scored: Scored, metric: str, trials: Sequence[int]) -> dict[str, Any]:
    """The scores of the seeds' models, of the one that is kept, and of all together.

    Args:
        scored: Scores of the trials' models, and behind them of the retrained one, if any.
        metric: The score that is quoted.
        trials: Numbers of the trials, best first.
    """
    seeds = [float(scores["mean"]) for scores in scored.single[: len(trials)]]
    best = {"trial": trials[0], **scored.single[0]}
    is_retrained = len(scored.single) > len(trials)
    return {
        "single_models": {
            "count": len(seeds),
            **interval_json(mean_interval(seeds, range_of(metric, seeds))),
        },
        "winner_model": {"trial": None, **scored.single[-1]} if is_retrained else best,
        "best_seed_model": best,
        "averaged_prediction": dict(scored.together),
    }


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
