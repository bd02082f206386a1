"""`StudyStore`: the trials of one study in its Optuna storage, the truth of a run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpsearch.errors import HpsearchError, StudyError
from hpsearch.storage.atomic import finite
from hpsearch.storage.file_shapes import TRIAL
from hpsearch.storage.locking import exclusive
from hpsearch.storage.records import TrialRecord
from hpsearch.storage.run_directory import RunDirectory
from hpsearch.storage.shapes import check_shape

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.storages import JournalStorage
    from optuna.trial import FrozenTrial

STUDY_NAME = "hpsearch"


class StudyStore:
    """Reads and writes the trials of a study.

    Every change that depends on what other workers do (claiming, giving back, ending a lost
    trial) is made inside `locked()`.

    Args:
        directory: The run directory.
        create: Make the study if it is not there yet.
        direction: `maximize` or `minimize`, when creating.

    Raises:
        StudyError: There is no study and `create` is false, or the journal is damaged.
    """

    def __init__(
        self, directory: RunDirectory, *, create: bool = False, direction: str = "maximize"
    ) -> None:
        self.directory = directory
        self._cache: dict[int, TrialRecord] = {}
        with _damage_told(directory.journal_file):
            self._storage = open_journal(directory.journal_file)
            self._study_id = self._find_study(create, direction)

    def _find_study(self, create: bool, direction: str) -> int:
        from optuna.study import StudyDirection

        try:
            return self._storage.get_study_id_from_name(STUDY_NAME)
        except KeyError:
            if not create:
                raise StudyError(
                    f"The journal of {self.directory} holds no study.",
                    "Give a directory that hpsearch wrote, or start again with --overwrite.",
                ) from None
        return self._storage.create_new_study([StudyDirection[direction.upper()]], STUDY_NAME)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the study lock; the kernel frees it if this process dies. Not reentrant."""
        with exclusive(self.directory.lock_file):
            yield

    def records(self) -> list[TrialRecord]:
        """Every trial, in order of number."""
        with _damage_told(self.directory.journal_file):
            trials = self._storage.get_all_trials(self._study_id, deepcopy=False)
            return [self._record(trial) for trial in trials]

    def record(self, number: int) -> TrialRecord:
        """One trial as it is now."""
        return self.records()[number]

    def _record(self, trial: FrozenTrial) -> TrialRecord:
        known = self._cache.get(trial.number)
        if known is not None:
            return known
        record = to_record(trial)
        if record.is_finished:
            self._cache[trial.number] = record
        return record

    def create_trial(
        self,
        params: Mapping[str, Any],
        distributions: Mapping[str, BaseDistribution],
        attributes: Mapping[str, Any],
        *,
        waiting: bool = False,
    ) -> int:
        """Add a trial with everything known of it, in one write.

        Args:
            params: Values by key of the hyperparameter.
            distributions: Their Optuna distributions.
            attributes: `params` by name, `seed`, `index`, `worker`, `retry_of` … as in
                `TrialRecord`.
            waiting: Leave it for any worker to take, instead of running at once.

        Returns:
            The trial's number.
        """
        from optuna.trial import TrialState, create_trial

        template = create_trial(
            state=TrialState.WAITING if waiting else TrialState.RUNNING,
            params=dict(params),
            distributions=dict(distributions),
            user_attrs=dict(attributes),
        )
        trial_id = self._storage.create_new_trial(self._study_id, template)
        return self._storage.get_trial_number_from_id(trial_id)

    def _id(self, number: int) -> int:
        return self._storage.get_trial_id_from_study_id_trial_number(self._study_id, number)

    def set_attributes(self, number: int, attributes: Mapping[str, Any]) -> None:
        """Write further facts of an unfinished trial."""
        for name, value in attributes.items():
            self._storage.set_trial_user_attr(self._id(number), name, finite(value))

    def add_param(self, number: int, key: str, value: Any, distribution: BaseDistribution) -> None:
        """Write a hyperparameter that the model met for the first time in this trial."""
        internal = distribution.to_internal_repr(value)
        self._storage.set_trial_param(self._id(number), key, internal, distribution)

    def report(self, number: int, epoch: int, value: float) -> bool:
        """Write the best objective so far at a rung of the pruner, as Optuna's `trial.report`.

        Returns:
            False if somebody has ended the trial; nothing is changed then.
        """
        from optuna.exceptions import UpdateFinishedTrialError

        try:
            self._storage.set_trial_intermediate_value(self._id(number), epoch, value)
        except UpdateFinishedTrialError:
            return False
        return True

    def take(self, number: int, worker: str) -> None:
        """Start a waiting trial."""
        from optuna.trial import TrialState

        self._storage.set_trial_state_values(self._id(number), TrialState.RUNNING)
        self.set_attributes(number, {"worker": worker})

    def forget_rungs(self, number: int, after: int = 0) -> None:
        """Blank what a trial showed at rungs after an epoch, because it trains these once more.

        Args:
            number: The trial, which has not ended.
            after: Epoch with which it goes on; 0 if it starts anew.
        """
        for epoch in self.record(number).rungs:
            if epoch > after:
                self.report(number, epoch, math.nan)  # Optuna has no way to delete one

    def give_back(self, number: int) -> bool:
        """Leave a running trial for another worker.

        Returns:
            False if somebody has ended the trial; nothing is changed then.
        """
        from optuna.exceptions import UpdateFinishedTrialError
        from optuna.trial import TrialState

        try:
            self._storage.set_trial_state_values(self._id(number), TrialState.WAITING)
        except UpdateFinishedTrialError:
            return False
        return True

    def finish(
        self, number: int, state: str, value: float | None, result: Mapping[str, Any]
    ) -> bool:
        """End a trial.

        Args:
            number: The trial.
            state: `complete`, `pruned` or `failed`.
            value: The objective; needed when complete.
            result: `history`, `best_epoch`, `seconds`, `failure`, `message` … as in
                `TrialRecord`.

        Returns:
            False if somebody had ended it already; nothing is changed then.
        """
        from optuna.exceptions import UpdateFinishedTrialError
        from optuna.trial import TrialState

        states = {
            "complete": TrialState.COMPLETE,
            "pruned": TrialState.PRUNED,
            "failed": TrialState.FAIL,
        }
        trial_id = self._id(number)
        try:
            self._storage.set_trial_user_attr(trial_id, "result", finite(dict(result)))
            values = None if value is None else [value]
            self._storage.set_trial_state_values(trial_id, states[state], values)
        except UpdateFinishedTrialError:
            return False
        return True


@contextmanager
def _damage_told(journal: Path) -> Iterator[None]:
    """A journal of something else fails deep inside Optuna, in many ways: one error for all."""
    try:
        yield
    except (HpsearchError, OSError):
        raise
    except Exception as error:
        raise StudyError(
            f"{journal} is no journal of hpsearch ({type(error).__name__}: {error}).",
            "Restore the file from a copy, or start again in another directory with --out.",
        ) from error


def open_journal(path: Path) -> JournalStorage:
    """Optuna's storage over a journal file that survives its writers."""
    from optuna import logging
    from optuna.storages import JournalStorage

    from hpsearch.storage.journal import FlockJournalBackend

    logging.set_verbosity(logging.WARNING)
    return JournalStorage(FlockJournalBackend(path))


def to_record(trial: FrozenTrial) -> TrialRecord:
    """What an Optuna trial of ours says.

    Raises:
        ShapeError: Somebody else wrote it.
    """
    attributes = trial.user_attrs
    check_shape(attributes, TRIAL, f"trial {trial.number}")
    check_shape(trial.values, (None, [float]), f"the value of trial {trial.number}")
    result = attributes.get("result", {})
    state = "failed" if trial.state.name == "FAIL" else trial.state.name.lower()
    unused = set(result.get("unused", ()))
    params = attributes.get("params", {}) | attributes.get("discovered", {})
    return TrialRecord(
        number=trial.number,
        state=state,  # type: ignore[arg-type]  # the five states are Optuna's names
        params={name: value for name, value in params.items() if name not in unused},
        value=trial.value if trial.values else None,
        failure=result.get("failure") if state == "failed" else None,
        message=result.get("message", ""),
        history=result.get("history", {}),
        best_epoch=result.get("best_epoch"),
        epochs=max((len(values) for values in result.get("history", {}).values()), default=0),
        seconds=result.get("seconds") if state in ("complete", "pruned", "failed") else None,
        seed=attributes.get("seed", 0),
        index=attributes.get("index", trial.number),
        retry_of=attributes.get("retry_of"),
        replicate_of=attributes.get("replicate_of"),
        worker=attributes.get("worker", ""),
        num_parameters=result.get("num_parameters"),
        model_file=result.get("model_file"),
        candidate=attributes.get("candidate"),
        rungs={e: v for e, v in trial.intermediate_values.items() if not math.isnan(v)},
        judged_from=result.get("judged_from"),
        started=_in_utc(trial.datetime_start) if trial.datetime_start else "",
        timings=result.get("timings", {}),
        resumed=result.get("resumed", 0),
    )


def _in_utc(local: datetime) -> str:
    """ISO 8601 text of a time as Optuna keeps it: local and without a zone."""
    return local.astimezone(UTC).isoformat()
