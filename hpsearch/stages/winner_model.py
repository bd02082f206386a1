"""The model of a confirmation's winner: which file it is, and retraining it on more images."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from statistics import median_high
from typing import Any

from hpsearch.execution.kept_models import forget_models
from hpsearch.execution.retraining import retrain
from hpsearch.models.model_card import JOINTLY_TRAINED, SEED_TRAINED
from hpsearch.spaces import Space
from hpsearch.stages.prepared import Prepared
from hpsearch.storage import RunDirectory, StudyView, TrialRecord

SUSPICIOUS_LOSS = 2.0  # times the worst training loss of the seeds at their best epochs


def kept_trials(view: StudyView, winner: int) -> list[TrialRecord]:
    """The winner's trials whose models are still there, best first."""
    files = view.directory.model_file
    return [t for t in view.ranked if t.candidate == winner and files(t.number).is_file()]


def retrained_winner(prepared: Prepared, view: StudyView, winner: int) -> dict[str, Any]:
    """Train the winner on training and validation images together.

    It is trained for as many epochs as its seeds took to their best one, in the median; with more
    images an epoch is more steps (Goodfellow et al., *Deep Learning*, 2016, algorithm 7.2).

    Returns:
        How it went, as in `winner.json`: `epochs`, `loss`, and why it is not `used`, if so.
    """
    trials = [t for t in view.ranked if t.candidate == winner]
    epochs = median_high(t.best_epoch or t.epochs for t in trials)
    target = view.directory.retrained_model
    space, params = Space.from_json(view.space), trials[0].params
    result = retrain(prepared.plan, space, params, epochs, target, prepared.placement.side_slot)
    reason = result.failure
    if result.loss is not None and result.loss > SUSPICIOUS_LOSS * _worst_loss(trials):
        reason = f"its training loss of {result.loss:.4g} is far above that of every seed"
    return {"epochs": epochs, "loss": result.loss, "used": not reason, "reason": reason}


def _worst_loss(trials: Sequence[TrialRecord]) -> float:
    """The largest training loss of the seeds at their best epochs."""
    losses = [trial.best_metrics.get("loss") for trial in trials]
    return max((loss for loss in losses if loss is not None), default=float("inf"))


def put_in_place(
    directory: RunDirectory, best: TrialRecord | None, retrained: dict[str, Any] | None
) -> dict[str, Any] | None:
    """Make `models/winner.keras` the model to use.

    Args:
        directory: The run directory.
        best: The winner's best trial with a model.
        retrained: How retraining went; None if it was not asked for.

    Returns:
        What it is, as in `winner.json`; None if there is no model.
    """
    target = directory.winner_model
    facts = {"file": str(target.relative_to(directory.path))}
    if retrained is not None and retrained["used"]:
        directory.retrained_model.replace(target)
        return {**facts, "trained_on": JOINTLY_TRAINED, "trial": None}
    directory.retrained_model.unlink(missing_ok=True)
    if best is None:
        return None
    _link(directory.model_file(best.number), target)
    return {**facts, "trained_on": SEED_TRAINED, "trial": best.number}


def _link(source: Path, target: Path) -> None:
    """The same file under another name, or a copy where the file system knows no links."""
    temporary = target.with_name(f".{target.stem}.tmp.keras")
    temporary.unlink(missing_ok=True)
    try:
        os.link(source, temporary)
    except OSError:
        shutil.copyfile(source, temporary)
    temporary.replace(target)


def forget_others(view: StudyView, winner: int) -> None:
    """Delete every model but the one of the winner's best trial; called once all is judged."""
    kept = kept_trials(view, winner)[:1]
    forget_models(view.directory, [t.number for t in view.trials if t not in kept])
