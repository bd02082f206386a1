"""`Tally`: counts of the trials of a study, without going through all of them each time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hpsearch.storage.records import RETRIED, TrialRecord


@dataclass(frozen=True)
class Tally:
    """How the trials of a study stand at one moment.

    Args:
        unfinished: The trials that are running or waiting, in order of number.
        due_retries: The lost and crashed first attempts that were not tried again yet.
        num_first_tries: Number of trials that are no second tries.
        num_counted: Number of finished trials that count against the budget.
        num_failed: How many of those failed.
        num_pruned: How many of those were pruned.
        num_timed: How many of those say how long they took.
        seconds: How long these kept their workers together.
    """

    unfinished: tuple[TrialRecord, ...]
    due_retries: tuple[TrialRecord, ...]
    num_first_tries: int
    num_counted: int
    num_failed: int
    num_pruned: int
    num_timed: int
    seconds: float


class RunningTally:
    """Keeps a tally up to date with every trial that is new or has changed."""

    def __init__(self) -> None:
        self._num_trials = 0
        self._unfinished: dict[int, TrialRecord] = {}
        self._retry_of: dict[int, int] = {}
        self._lost: dict[int, TrialRecord] = {}
        self._ended: dict[str, int] = dict.fromkeys(("complete", "pruned", "failed"), 0)
        self._num_timed = 0
        self._seconds = 0.0

    def enter(self, record: TrialRecord) -> None:
        """Enter a trial that is new, or was not finished when it was entered before."""
        known = self._unfinished.pop(record.number, None) is not None
        self._num_trials += not known
        if record.retry_of is not None:
            self._retry_of[record.number] = record.retry_of
        if not record.is_finished:
            self._unfinished[record.number] = record
            return
        self._ended[record.state] += 1
        if record.whole_seconds:
            self._num_timed += 1
            self._seconds += record.whole_seconds
        if record.failure in RETRIED and record.retry_of is None:
            self._lost[record.number] = record

    def now(self) -> Tally:
        """The tally as it is now."""
        replaced = set(self._retry_of.values())
        due = sorted(set(self._lost) - replaced)
        return Tally(
            unfinished=tuple(self._unfinished[number] for number in sorted(self._unfinished)),
            due_retries=tuple(self._lost[number] for number in due),
            num_first_tries=self._num_trials - len(self._retry_of),
            num_counted=sum(self._ended.values()) - len(self._lost),
            num_failed=self._ended["failed"] - len(self._lost),
            num_pruned=self._ended["pruned"],
            num_timed=self._num_timed,
            seconds=self._seconds,
        )


class TrialRecords(list[TrialRecord]):
    """The trials of a study in order of number, as they are at one moment, with their tally.

    Args:
        records: The trials.
        tally: Their tally.
    """

    def __init__(self, records: Iterable[TrialRecord], tally: Tally) -> None:
        super().__init__(records)
        self.tally = tally


def tally_of(records: Sequence[TrialRecord]) -> Tally:
    """The tally that comes with the trials, or a new one."""
    if isinstance(records, TrialRecords):
        return records.tally
    running = RunningTally()
    for record in records:
        running.enter(record)
    return running.now()
