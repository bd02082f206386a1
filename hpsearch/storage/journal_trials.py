"""`JournalTrials`: the trials of a study in a journal file in Optuna's format."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpsearch.errors import HpsearchError, StudyError
from hpsearch.storage.locking import exclusive
from hpsearch.storage.records import State, TrialRecord
from hpsearch.storage.trial_records import to_record
from hpsearch.storage.trial_storage import OPTUNA_STATES, TrialChange

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.storages import JournalStorage


class JournalTrials:
    """Reads and writes a journal by Optuna's journal storage over our own file.

    Args:
        journal: The journal file.
        lock_file: The file that is the study lock.
    """

    def __init__(self, journal: Path, lock_file: Path) -> None:
        from optuna import logging
        from optuna.storages import JournalStorage

        from hpsearch.storage.journal import FlockJournalBackend

        logging.set_verbosity(logging.WARNING)
        self._journal = journal
        self._backend = FlockJournalBackend(journal)
        with self._damage_told():
            self.storage: JournalStorage = JournalStorage(self._backend)
        self._lock_file = lock_file
        self.study_id = -1
        self._ids: list[int] = []
        self._thread = threading.RLock()

    def open(self, study: str) -> bool:
        """Look for the study; False if it is not there."""
        try:
            self.study_id = self.storage.get_study_id_from_name(study)
        except KeyError:
            return False
        return True

    @contextmanager
    def _damage_told(self) -> Iterator[None]:
        """A journal of something else fails deep inside Optuna, in many ways: one error for all."""
        try:
            yield
        except (HpsearchError, OSError):
            raise
        except Exception as error:
            raise StudyError(
                f"{self._journal} is no journal of hpsearch ({type(error).__name__}: {error}).",
                "Restore the file from a copy, or start again in another directory with --out.",
            ) from error

    def create_study(self, study: str, direction: str) -> None:
        """Make the study."""
        from optuna.study import StudyDirection

        self.study_id = self.storage.create_new_study([StudyDirection[direction]], study)

    def locked(self) -> AbstractContextManager[None]:
        return exclusive(self._lock_file)

    def hurry(self) -> None:
        """A file does not keep anybody waiting."""

    def read(self, unfinished: Collection[int], known: int) -> list[TrialRecord]:
        with self._thread, self._damage_told():
            self.storage.get_all_studies()  # reads what is new
            with self._backend.still():
                numbers = [*sorted(unfinished), *self._numbers_from(known)]
                return [to_record(self.storage.get_trial(self._ids[n])) for n in numbers]

    def _numbers_from(self, known: int) -> Iterator[int]:
        """The trials from a number on."""
        while known < len(self._ids) or self._finds_another():
            yield known
            known += 1

    def _finds_another(self) -> bool:
        """Whether there is a trial behind those whose ids are known."""
        try:
            self._ids.append(self._look_up(len(self._ids)))
        except KeyError:
            return False
        return True

    def _look_up(self, number: int) -> int:
        return self.storage.get_trial_id_from_study_id_trial_number(self.study_id, number)

    def create(
        self,
        params: Mapping[str, tuple[Any, BaseDistribution]],
        attributes: Mapping[str, Any],
        state: State,
    ) -> int:
        from optuna.trial import TrialState, create_trial

        template = create_trial(
            state=TrialState[OPTUNA_STATES[state]],
            params={key: value for key, (value, _) in params.items()},
            distributions={key: distribution for key, (_, distribution) in params.items()},
            user_attrs=dict(attributes),
        )
        with self._thread:
            trial_id = self.storage.create_new_trial(self.study_id, template)
            return self.storage.get_trial_number_from_id(trial_id)

    def change(self, number: int, change: TrialChange) -> bool:
        with self._thread:
            trial_id = self._look_up(number)
            if self.storage.get_trial(trial_id).state.is_finished():
                return False
            with self._as_one_write():
                self._write(trial_id, change)
            return self._caught_up(trial_id)

    @contextmanager
    def _as_one_write(self) -> Iterator[None]:
        with self._backend.still(), self._backend.gathered():
            yield

    def _write(self, trial_id: int, change: TrialChange) -> None:
        from optuna.trial import TrialState

        for key, (value, distribution) in change.params.items():
            internal = distribution.to_internal_repr(value)
            self.storage.set_trial_param(trial_id, key, internal, distribution)
        for epoch, value in change.rungs.items():
            self.storage.set_trial_intermediate_value(trial_id, epoch, value)
        for name, value in change.attributes.items():
            self.storage.set_trial_user_attr(trial_id, name, value)
        if change.state is not None:
            values = None if change.value is None else [change.value]
            state = TrialState[OPTUNA_STATES[change.state]]
            self.storage.set_trial_state_values(trial_id, state, values)

    def _caught_up(self, trial_id: int) -> bool:
        """Read what was written; False if somebody had ended the trial just before.

        Optuna then raises once for each of the entries, of which none counts.
        """
        from optuna.exceptions import UpdateFinishedTrialError

        in_time = True
        while True:
            try:
                self.storage.get_trial(trial_id)
            except UpdateFinishedTrialError:
                in_time = False
            else:
                return in_time
