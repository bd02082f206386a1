"""`StudyStore`: the trials of one study in their storage, the truth of a run."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hpsearch.errors import StudyError
from hpsearch.storage.address import StorageAddress
from hpsearch.storage.atomic import finite
from hpsearch.storage.database_study import open_database_for_optuna, open_database_study
from hpsearch.storage.journal_trials import JournalTrials
from hpsearch.storage.records import State, TrialRecord
from hpsearch.storage.run_directory import RunDirectory
from hpsearch.storage.tally import RunningTally, TrialRecords
from hpsearch.storage.trial_storage import TrialChange, TrialStorage

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.storages import BaseStorage

STUDY_NAME = "hpsearch"


class StudyStore:
    """Reads and writes the trials of a study, in a journal file or in a PostgreSQL database.

    Every change that depends on what other workers do (claiming, giving back, ending a lost
    trial) is made inside `locked()`. A method that does so is `redone`: a database may be lost
    in the middle, and then nothing of it was written.

    Args:
        directory: The run directory.
        create: Make the study if it is not there yet.
        direction: `maximize` or `minimize`, when creating.
        storage: The database, when creating; None for the journal file.
        patience: Seconds to wait for a database that does not answer when it is opened.

    Raises:
        StudyError: There is no study and `create` is false, the journal is damaged, or the
            database cannot be used.
    """

    def __init__(
        self,
        directory: RunDirectory,
        *,
        create: bool = False,
        direction: str = "maximize",
        storage: StorageAddress | None = None,
        patience: float = 0.0,
    ) -> None:
        self.directory = directory
        address = storage if create else directory.storage
        self._trials: TrialStorage
        if address is None:
            self._trials = _open_journal(directory, direction.upper() if create else None)
        else:
            self._trials = open_database_study(
                address, directory.path, direction.upper() if create else None, patience
            )
        self._records: list[TrialRecord] = []
        self._tally = RunningTally()
        self._unfinished: set[int] = set()
        self._reading = threading.RLock()

    def hurry(self) -> None:
        """Wait seconds instead of minutes for a database that does not answer: this is the end."""
        self._trials.hurry()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the study lock; it is freed if this process dies. Not reentrant."""
        try:
            with self._trials.locked():
                yield
        except BaseException:
            self._forget()  # what was read may never have been written
            raise

    def _forget(self) -> None:
        with self._reading:
            self._records, self._unfinished, self._tally = [], set(), RunningTally()

    def records(self) -> TrialRecords:
        """Every trial, in order of number; what has not changed is the same object.

        Trials that are finished are not looked at again, however many they are.
        """
        with self._reading:
            for record in self._trials.read(self._unfinished, len(self._records)):
                self._keep(record)
            return TrialRecords(self._records, self._tally.now())

    def _keep(self, record: TrialRecord) -> None:
        number = record.number
        if number == len(self._records):
            self._records.append(record)
        elif self._records[number] != record:
            self._records[number] = record
        else:
            return
        self._tally.enter(record)
        if record.is_finished:
            self._unfinished.discard(number)
        else:
            self._unfinished.add(number)

    def record(self, number: int) -> TrialRecord:
        """One trial as it is now."""
        return self.records()[number]

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
        described = {key: (value, distributions[key]) for key, value in params.items()}
        return self._trials.create(described, attributes, "waiting" if waiting else "running")

    def set_attributes(self, number: int, attributes: Mapping[str, Any]) -> None:
        """Write further facts of an unfinished trial."""
        self._trials.change(number, TrialChange(attributes=finite(attributes)))

    def add_param(self, number: int, key: str, value: Any, distribution: BaseDistribution) -> None:
        """Write a hyperparameter that the model met for the first time in this trial."""
        self._trials.change(number, TrialChange(params={key: (value, distribution)}))

    def report(self, number: int, epoch: int, value: float) -> bool:
        """Write the best objective so far at a rung of the pruner, as Optuna's `trial.report`.

        Returns:
            False if somebody has ended the trial; nothing is changed then.
        """
        return self._trials.change(number, TrialChange(rungs={epoch: value}))

    def take(self, number: int, worker: str) -> None:
        """Start a waiting trial."""
        self._trials.change(number, TrialChange(state="running", attributes={"worker": worker}))

    def forget_rungs(self, number: int, after: int = 0) -> None:
        """Blank what a trial showed at rungs after an epoch, because it trains these once more.

        Args:
            number: The trial, which has not ended.
            after: Epoch with which it goes on; 0 if it starts anew.
        """
        shown = [epoch for epoch in self.record(number).rungs if epoch > after]
        if shown:
            blank = dict.fromkeys(shown, math.nan)  # Optuna has no way to delete one
            self._trials.change(number, TrialChange(rungs=blank))

    def give_back(self, number: int) -> bool:
        """Leave a running trial for another worker.

        Returns:
            False if somebody has ended the trial; nothing is changed then.
        """
        return self._trials.change(number, TrialChange(state="waiting"))

    def finish(
        self, number: int, state: State, value: float | None, result: Mapping[str, Any]
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
        attributes = {"result": finite(dict(result))}
        return self._trials.change(number, TrialChange(state, value, attributes))


def open_for_optuna(directory: RunDirectory) -> tuple[BaseStorage, int]:
    """A study as Optuna's own storage, for tools that show it, and its number there.

    Raises:
        StudyError: It cannot be read.
    """
    address = directory.storage
    if address is not None:
        return open_database_for_optuna(address)
    trials = _open_journal(directory, None)
    return trials.storage, trials.study_id


def _open_journal(directory: RunDirectory, create_with_direction: str | None) -> JournalTrials:
    trials = JournalTrials(directory.journal_file, directory.lock_file)
    if not trials.open(STUDY_NAME):
        if create_with_direction is None:
            raise StudyError(
                f"The journal of {directory} holds no study.",
                "Give a directory that hpsearch wrote, or start again with --overwrite.",
            )
        trials.create_study(STUDY_NAME, create_with_direction)
    return trials
