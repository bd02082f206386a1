"""`Observer`: a study as it is seen by somebody who only looks, from any machine."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any, Literal

from hpsearch.errors import StudyError
from hpsearch.execution.claims import is_spent, is_under_way
from hpsearch.execution.liveness import Watch
from hpsearch.execution.sessions import Sessions
from hpsearch.execution.supervisor import Snapshot
from hpsearch.storage import RunDirectory, StudyStore, TrialRecord, best_record, counted
from hpsearch.storage.file_shapes import LIVE
from hpsearch.storage.study_facts import StudyFacts
from hpsearch.storage.tally import tally_of

Status = Literal["running", "waiting", "closing", "done", "stopped", "failed"]
ENDED: tuple[Status, ...] = ("done", "stopped", "failed")
RECENT_TRIALS = 20
RECENT_LOOKS = 10
"""Between two trials a worker has none; over so many looks the most seen at work are counted."""


@dataclass(frozen=True)
class Sight(StudyFacts):
    """A study at one moment, as it is seen from outside.

    Args:
        directory: Where it lies.
        facts: The contents of `study.json`.
        snapshot: Its trials, and what its workers do; `workers` are those at work lately.
        status: `running`; `waiting` for somebody to work on it; `closing` when its trials are done
            but its command has not ended; `done`, `stopped`, or `failed` if no trial succeeded.
        silent: The running trials whose workers have given no sign of life for a minute.
    """

    directory: RunDirectory
    facts: Mapping[str, Any]
    snapshot: Snapshot
    status: Status
    silent: frozenset[int] = frozenset()

    @property
    def best(self) -> TrialRecord | None:
        """The best trial so far."""
        return best_record(self.snapshot.records, self.direction)

    @property
    def counts(self) -> dict[str, int]:
        """Number of trials by state; attempts that were tried again are not counted."""
        tally = tally_of(self.snapshot.records)
        states = Counter(record.state for record in tally.unfinished)
        completed = tally.num_counted - tally.num_pruned - tally.num_failed
        return {
            "completed": completed,
            "pruned": tally.num_pruned,
            "failed": tally.num_failed,
            "running": states["running"],
            "waiting": states["waiting"],
        }

    @property
    def failures(self) -> dict[str, int]:
        """Number of failed trials by kind, the most frequent first."""
        if not tally_of(self.snapshot.records).num_failed:
            return {}
        failed = (r for r in counted(self.snapshot.records) if r.state == "failed")
        return dict(Counter(str(record.failure or "unknown") for record in failed).most_common())

    @property
    def trials_per_minute(self) -> float | None:
        """How many trials end in a minute, by the latest of them and the workers at work.

        None before the first has ended, and when nobody works.
        """
        seconds = _latest_seconds(self.snapshot.records)
        if not seconds or self.status != "running":
            return None
        return 60 * self.snapshot.workers / max(mean(seconds), 1e-3)

    @property
    def seconds_left(self) -> float | None:
        """Estimated seconds until the budget is spent; None when nobody works, and at first."""
        return self.snapshot.seconds_left() if self.status == "running" else None


def _latest_seconds(records: Sequence[TrialRecord]) -> list[float]:
    """How long the latest trials kept their workers."""
    seconds: list[float] = []
    for record in reversed(records):
        if len(seconds) == RECENT_TRIALS:
            break
        if record.is_finished and record.whole_seconds:
            seconds.append(record.whole_seconds)
    return seconds


def _stamp_of(directory: RunDirectory) -> tuple[int, int] | None:
    """What tells one study file from another; None while there is none."""
    try:
        facts = directory.study_file.stat()
    except OSError:
        return None
    return facts.st_ino, facts.st_mtime_ns


class Observer:
    """Looks at a study again and again; takes no lock and writes nothing.

    What has not changed since the last look is not read again.

    Args:
        directory: The run directory; also one on a network disk that others write to.

    Raises:
        StudyError: There is no study, or it cannot be read.
    """

    def __init__(self, directory: RunDirectory) -> None:
        self.directory = directory
        self._stamp = _stamp_of(directory)
        self.facts = directory.read_study()
        self._store = StudyStore(directory)
        self._sessions = Sessions(directory)
        self._lives = Watch(directory)
        self._at_work: deque[int] = deque(maxlen=RECENT_LOOKS)
        self._began = time.monotonic()

    @property
    def is_outdated(self) -> bool:
        """Whether another study has taken the place of this one, as `--overwrite` makes it."""
        return _stamp_of(self.directory) != self._stamp

    def look(self) -> Sight:
        """The study as it is now."""
        records = self._store.records()
        running = [r for r in tally_of(records).unfinished if r.state == "running"]
        silent = frozenset(r.number for r in running if not self._lives.beats(r.worker))
        self._at_work.append(len({r.worker for r in running if r.number not in silent}))
        snapshot = Snapshot(
            records=records,
            budget=self._sessions.asked().trials,
            running=[self._doing(record) for record in running],
            seconds=time.monotonic() - self._began,
            workers=max(self._at_work),
        )
        return Sight(self.directory, self.facts, snapshot, self._status(snapshot), silent)

    def _doing(self, record: TrialRecord) -> Mapping[str, Any]:
        """How far a running trial has come, by the last word of its worker."""
        try:
            said = self.directory.read_json(self.directory.live_file(record.worker), LIVE)
        except StudyError:
            said = {}
        if said.get("number") != record.number:
            said = {"number": record.number, "epoch": 0, "epochs": self._most_epochs}
        return {**said, "worker": record.worker}

    @property
    def _most_epochs(self) -> int:
        return int(self.facts["identity"]["epochs"])

    def _status(self, snapshot: Snapshot) -> Status:
        records, ended = snapshot.records, self._sessions.asked().ended
        if self._at_work[-1]:
            return "running"
        if not (is_spent(records, snapshot.budget) or self._is_judged):
            if ended is None and snapshot.workers:
                return "running"
            if ended == "stopped":
                return "stopped"
            if ended is None or is_under_way(records):
                return "waiting"
        elif ended in (None, "done") and not self._is_closed:
            return "closing"
        succeeded = best_record(records, str(self.facts["identity"]["direction"])) is not None
        return "done" if succeeded else "failed"

    @property
    def _is_judged(self) -> bool:
        """Whether it is a confirmation with a winner, which needs no more trials."""
        return self.facts["stage"] == "confirm" and self.directory.winner_file.is_file()

    @property
    def _is_closed(self) -> bool:
        """Whether what follows the trials of the stage has been done: narrowing, the verdict."""
        if self.facts["stage"] in ("coarse", "fine"):
            return self.directory.narrowing_file.is_file()
        return self._is_judged or self.facts["stage"] == "curves"
