"""The supervisor of workers: keeps them going until the budget is spent."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hpsearch.counting import count_of
from hpsearch.errors import HpsearchError, StudyStopped, TimeIsUp
from hpsearch.execution.claims import Claims, is_spent, is_under_way, remaining
from hpsearch.execution.executor import Executor, WorkerProcess
from hpsearch.execution.hopeless import stop_if_hopeless
from hpsearch.execution.statuses import RECYCLED_STATUS, STOPPED_STATUS
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.execution.trial_clock import TrialClock
from hpsearch.interrupts import ignored_signals, signals_as_interrupts
from hpsearch.storage import RunDirectory, StudyStore, TrialRecord
from hpsearch.storage.tally import tally_of

POLL_SECONDS = 0.2
LOOK_ROUND_SECONDS = 5.0
HOPELESS_STARTS = 3


@dataclass(frozen=True)
class Snapshot:
    """The state of a study at one moment, for the screen.

    Args:
        records: Every trial.
        budget: Number of trials that may finish.
        running: What the workers are doing: trial number, epoch, epochs, value.
        seconds: Since the supervisor started.
        workers: Number of living workers.
    """

    records: Sequence[TrialRecord]
    budget: int
    running: Sequence[Mapping[str, Any]]
    seconds: float
    workers: int

    def seconds_left(self) -> float | None:
        """Estimate from the trials that finished so far; None before the first."""
        tally = tally_of(self.records)
        if not tally.num_timed:
            return None
        left = max(self.budget - tally.num_counted, 0)
        return left * (tally.seconds / tally.num_timed) / max(self.workers, 1)


@dataclass
class _Supervision:
    directory: RunDirectory
    executor: Executor
    store: StudyStore
    claims: Claims
    started: float = field(default_factory=time.monotonic)
    alive: list[WorkerProcess] = field(default_factory=list)
    failed_starts: int = 0
    exhausted: bool = False
    clock: TrialClock = field(default_factory=TrialClock)
    killed: set[str] = field(default_factory=set)
    looked_round: float = field(default_factory=time.monotonic)

    @property
    def budget(self) -> int:
        """Number of trials that may finish; a newer invocation may have changed it."""
        return self.claims.budget

    def step(self) -> bool:
        """Look after the workers once; True when the study is over."""
        for worker in [w for w in self.alive if w.status is not None]:
            self.alive.remove(worker)
            self._after_death(worker)
        self._look_round()
        records = self.store.records()
        stop_if_hopeless(records)
        self._end_overdue(records)
        if is_spent(records, self.budget) or self._nothing_left(records):
            self.executor.dismiss(self.alive)
            return not self.alive
        self._start_missing(records)
        return False

    def _nothing_left(self, records: Sequence[TrialRecord]) -> bool:
        """Whether the space is exhausted and nobody, here or elsewhere, trains any more."""
        return self.exhausted and not self.alive and not is_under_way(records)

    def _look_round(self) -> None:
        """Now and then see to the trials of others, whose supervisor may have died as well."""
        if time.monotonic() - self.looked_round > LOOK_ROUND_SECONDS:
            self.claims.end_dead([worker.name for worker in self.alive], at_once=False)
            self.looked_round = time.monotonic()

    def _end_overdue(self, records: Sequence[TrialRecord]) -> None:
        """End the trials that take longer than asked, then kill their workers.

        In this order, since a worker elsewhere may hear of its end in time to give the trial back.
        """
        own = {worker.name: worker for worker in self.alive}
        unfinished = tally_of(records).unfinished
        running = [(r.worker, r.number) for r in unfinished if r.state == "running"]
        limit = self.claims.asked.trial_time_limit
        for name in self.clock.over((pair for pair in running if pair[0] in own), limit):
            self.claims.end_of_worker(name, "timeout", own[name].overdue(limit or 0.0))
            own[name].kill()
            self.killed.add(name)

    def _after_death(self, worker: WorkerProcess) -> None:
        status = worker.status
        if status in (RECYCLED_STATUS, STOPPED_STATUS):
            return  # in order: it had grown too large, or somebody stopped it and it gave back
        if status == 0:
            records = self.store.records()
            self.exhausted = remaining(records, self.budget) > 0 and not self._claimable(records)
            self.failed_starts = 0
            return
        worker.raise_error()
        kind, message = worker.failure()
        if worker.name in self.killed:
            kind = "lost"  # a trial that it began after the overdue one was no reason to kill it
        ended = self.claims.end_of_worker(worker.name, kind, message)
        self.directory.live_file(worker.name).unlink(missing_ok=True)
        if worker.name in self.killed or worker.lost_its_machine:
            return
        self.failed_starts = 0 if ended else self.failed_starts + 1
        if self.failed_starts >= HOPELESS_STARTS:
            raise HpsearchError(
                f"{HOPELESS_STARTS} workers ended before their first trial: {message}",
                f"See {self.directory.worker_log(worker.name)}.",
            )

    @staticmethod
    def _claimable(records: Sequence[TrialRecord]) -> bool:
        tally = tally_of(records)
        return bool(tally.due_retries) or any(r.state == "waiting" for r in tally.unfinished)

    def _start_missing(self, records: Sequence[TrialRecord]) -> None:
        """Start workers for what can be claimed, never more than there is to do."""
        tally = tally_of(records)
        waiting = sum(record.state == "waiting" for record in tally.unfinished)
        to_claim = waiting + len(tally.due_retries)
        if not self.exhausted:
            to_claim += max(0, remaining(records, self.budget))
        busy = {record.worker for record in tally.unfinished if record.state == "running"}
        idle = sum(worker.name not in busy for worker in self.alive)
        wanted = min(self.executor.workers - len(self.alive), to_claim - idle)
        self.alive.extend(self.executor.start() for _ in range(wanted))

    def snapshot(self) -> Snapshot:
        said = [doing for worker in self.alive if (doing := worker.doing()) is not None]
        records, seconds = self.store.records(), time.monotonic() - self.started
        running = under_way(said, records)
        return Snapshot(records, self.budget, running, seconds, self.executor.workers)


def under_way(
    said: Sequence[Mapping[str, Any]], records: Sequence[TrialRecord]
) -> list[Mapping[str, Any]]:
    """What workers said of trials that have not ended; of an end a worker says nothing.

    Args:
        said: The last word of each worker.
        records: Every trial, each at the place of its number.
    """
    unfinished = {record.number for record in tally_of(records).unfinished}
    return [doing for doing in said if doing["number"] in unfinished]


def supervise(
    directory: RunDirectory,
    plan: StudyPlan,
    executor: Executor,
    *,
    store: StudyStore | None = None,
    time_limit: float | None = None,
    on_update: Callable[[Snapshot], None] = lambda snapshot: None,
) -> str:
    """Run workers until the study is over.

    Others may work on the same study, here or on other machines. How many trials may finish is
    what the newest invocation asked for.

    Args:
        directory: The run directory, with its study.
        plan: The study's plan.
        executor: What starts the workers, here or on a cluster.
        store: The study's trials, where they are open already.
        time_limit: Seconds after which to stop; None for no limit.
        on_update: Called a few times a second.

    Returns:
        A note for people where the study ended before its budget because the space is
        exhausted; else an empty text.

    Raises:
        StudyStopped: Ctrl-C, a signal or the time limit (`TimeIsUp`); running trials were given
            back.
        NoTrialSucceeded: The first trials all failed in the same way.
        InputError: A worker found the space or the data unusable.
    """
    store = store or StudyStore(directory)
    claims = Claims(directory, store, plan)
    claims.end_dead()
    supervision = _Supervision(directory, executor, store, claims)
    supervision.exhausted = executor.workers == 0
    with signals_as_interrupts():
        try:
            while not supervision.step():
                on_update(supervision.snapshot())
                time.sleep(POLL_SECONDS)
                _check_time(supervision, time_limit)
        except KeyboardInterrupt:
            raise StudyStopped(
                "Stopped; every finished trial is kept.", "The same command continues the study."
            ) from None
        finally:
            store.hurry()
            with ignored_signals():
                executor.stop(supervision.alive)
                claims.end_dead()
    on_update(supervision.snapshot())
    return _note(supervision)


def _note(supervision: _Supervision) -> str:
    finished = supervision.store.records().tally.num_counted
    if finished >= supervision.budget:
        return ""
    replicates = supervision.claims.plan.replicates
    if replicates is not None:
        return "Clearly worse configurations were given up before they had all their seeds."
    tried = count_of(finished, "configuration")
    return f"The space has no more than the {tried} that are tried now."


def _check_time(supervision: _Supervision, time_limit: float | None) -> None:
    if time_limit is not None and time.monotonic() - supervision.started > time_limit:
        raise TimeIsUp(
            f"The time limit of {time_limit:.0f} s is reached; every finished trial is kept.",
            "The same command continues the study.",
        )
