"""The models of the best trials, as files in the run directory."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from hpsearch.data.data_card import DataCard
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.models.model_card import SEED_TRAINED, ModelCard, Training, write_card
from hpsearch.storage import RunDirectory, StudyStore, TrialRecord, ranked

logger = logging.getLogger(__name__)


def keep_model(
    directory: RunDirectory,
    store: StudyStore,
    plan: StudyPlan,
    number: int,
    progress: Any,
    data: DataCard | None = None,
) -> str | None:
    """Save the model at its best epoch if it will be needed, and drop the one it beats.

    A search keeps the models of its best trials. A confirmation keeps those of every candidate
    in the race, without the state of the optimizer, because the winner among them is only known
    at the end. Called under the study lock. A full disk costs the model file, not the trial.

    Args:
        directory: The run directory.
        store: Its study.
        plan: What the study is.
        number: The trial.
        progress: What it showed, with the model.
        data: What the model must know of its data, to be saved with it.

    Returns:
        The file, relative to the run directory; None if the model was not kept.
    """
    records = store.records()
    beaten: Sequence[TrialRecord] = ()
    if not plan.models_kept:
        return None
    if plan.replicates is not None:
        drops = plan.replicates.drops(records, plan.training.direction)
        if records[number].candidate in drops:
            return None
    else:
        best = ranked(records, plan.training.direction)[: plan.models_kept]
        if len(best) == plan.models_kept and not _beats(progress, best[-1], plan):
            return None
        beaten = best[plan.models_kept - 1 :]
    path = directory.model_file(number)
    progress.complete_whole(with_optimizer=plan.replicates is None)
    try:
        card = None
        if data is not None:
            card = ModelCard(data, _training(directory, plan, records[number], progress))
        save_model(progress.whole, path, card, with_optimizer=plan.replicates is None)
    except OSError as error:
        logger.warning("the model of trial %d is not kept: %s", number, error)
        return None
    for record in beaten:
        directory.model_file(record.number).unlink(missing_ok=True)
    return str(path.relative_to(directory.path))


def forget_dropped(directory: RunDirectory, store: StudyStore, plan: StudyPlan) -> None:
    """Delete the models of candidates that are out of the race; called under the study lock."""
    if plan.replicates is None:
        return
    records = store.records()
    drops = plan.replicates.drops(records, plan.training.direction)
    forget_models(directory, [r.number for r in records if r.candidate in drops])


def forget_models(directory: RunDirectory, numbers: Collection[int]) -> None:
    """Delete the models of these trials where there are any."""
    for number in numbers:
        directory.model_file(number).unlink(missing_ok=True)


def _training(
    directory: RunDirectory, plan: StudyPlan, record: TrialRecord, progress: Any
) -> Training:
    """How the model of a trial came about."""
    study = directory.read_study()
    return Training(
        space=study["space"]["name"],
        stage=study["stage"],
        trial=record.number,
        objective=plan.training.objective,
        value=progress.best_value,
        trained_on=SEED_TRAINED,
        params=dict(record.params),
    )


def save_model(
    model: Any, path: Path, card: ModelCard | None = None, *, with_optimizer: bool = True
) -> None:
    """Save a model; the file appears at once or not at all.

    Args:
        model: A compiled Keras model.
        path: Where.
        card: What the file tells of the model beside what Keras needs.
        with_optimizer: Whether its state is saved, which is up to twice as large as the weights.

    Raises:
        OSError: The disk refuses.
    """
    temporary = path.with_name(f".{path.stem}.tmp.keras")
    optimizer = model.optimizer
    try:
        if not with_optimizer:
            model.optimizer = None
        model.save(temporary)
        if card is not None:
            write_card(temporary, card)
        temporary.replace(path)
    finally:
        model.optimizer = optimizer
        temporary.unlink(missing_ok=True)


def _beats(progress: Any, last: TrialRecord, plan: StudyPlan) -> bool:
    if last.value is None:
        return True
    if plan.training.direction == "maximize":
        return bool(progress.best_value > last.value)
    return bool(progress.best_value < last.value)
