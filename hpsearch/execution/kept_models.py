"""The models of the best trials, as files in the run directory."""

from __future__ import annotations

import logging
from typing import Any

from hpsearch.execution.study_plan import StudyPlan
from hpsearch.storage import RunDirectory, StudyStore, TrialRecord, ranked

logger = logging.getLogger(__name__)


def keep_model(
    directory: RunDirectory, store: StudyStore, plan: StudyPlan, number: int, progress: Any
) -> str | None:
    """Save the model at its best epoch if the trial is among the best, and drop the one it beats.

    Called under the study lock. A full disk costs the model file, not the trial.

    Returns:
        The file, relative to the run directory; None if the model was not kept.
    """
    best = ranked(store.records(), plan.training.direction)[: plan.models_kept]
    if len(best) == plan.models_kept and not _beats(progress, best[-1], plan):
        return None
    path = directory.model_file(number)
    temporary = path.with_name(f".{path.name}")
    try:
        progress.model.set_weights(progress.best_weights)
        progress.model.save(temporary.with_suffix(".tmp.keras"))
        temporary.with_suffix(".tmp.keras").replace(path)
    except OSError as error:
        logger.warning("the model of trial %d is not kept: %s", number, error)
        temporary.with_suffix(".tmp.keras").unlink(missing_ok=True)
        return None
    for record in best[plan.models_kept - 1 :]:
        directory.model_file(record.number).unlink(missing_ok=True)
    return str(path.relative_to(directory.path))


def _beats(progress: Any, last: TrialRecord, plan: StudyPlan) -> bool:
    if last.value is None:
        return True
    if plan.training.direction == "maximize":
        return bool(progress.best_value > last.value)
    return bool(progress.best_value < last.value)
