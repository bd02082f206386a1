"""The supervisor of local workers: keeps them going until the budget is spent."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from hpsearch.counting import count_of
from hpsearch.errors import HpsearchError, NoTrialSucceeded, StudyError, StudyStopped, TimeIsUp
from hpsearch.execution.claims import Claims, is_spent, remaining
from hpsearch.execution.local_workers import (
    LocalWorker,
    start_worker,
    stop_workers,
    visible_gpus,
)
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.storage import RunDirectory, StudyStore, TrialRecord, counted
from hpsearch.storage.records import due_retries

POLL_SECONDS = 0.2
HOPELESS_TRIALS = 5
HOPELESS_STARTS = 3
GIGABYTES_PER_WORKER = 2


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
        done = [r.seconds for r in counted(self.records) if r.seconds]
        if not done:
            return None
        left = max(self.budget - len(counted(self.records)), 0)
        return left * (sum(done) / len(done)) / max(self.workers, 1)


def choose_workers(asked: int | None, gpus: Sequence[str]) -> int:
    """Number of workers: as asked, else one a GPU, else one a core as far as memory goes."""
    if asked is not None:
        return asked
    if gpus:
        return len(gpus)
    from hpsearch.training.process import machine_memory

    by_memory = machine_memory() // (GIGABYTES_PER_WORKER << 30) or 1
    return max(1, min(available_cores(), by_memory))


def available_cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads_per_worker(workers: int) -> int:
    """Threads for each worker, so that all of them together use every core once."""
    return max(1, available_cores() // workers)


def least_used(gpus: Sequence[str], used: Sequence[str | None]) -> str | None:
    """The GPU that the fewest workers have; None if there are no GPUs."""
    return min(gpus, key=used.count, default=None)


@dataclass
class _Supervision:
    directory: RunDirectory
    budget: int
    workers: int
    gpus: list[str]
    store: StudyStore
    claims: Claims
    started: float = field(default_factory=time.monotonic)
    alive: list[LocalWorker] = field(default_factory=list)
    failed_starts: int = 0
    exhausted: bool = False

    def step(self) -> bool:
        """Look after the workers once; True when the study is over."""
        for worker in [w for w in self.alive if w.status is not None]:
            self.alive.remove(worker)
            self._after_death(worker)
        records = self.store.records()
        stop_if_hopeless(records)
        if is_spent(records, self.budget) or (self.exhausted and not self.alive):
            return not self.alive
        self._start_missing(records)
        return False

    def _after_death(self, worker: LocalWorker) -> None:
        status = worker.status
        if status == 0:
            records = self.store.records()
            self.exhausted = remaining(records, self.budget) > 0 and not self._claimable(records)
            self.failed_starts = 0
            return
        worker.raise_error()
        kind, message = worker.failure()
        ended = self.claims.end_of_worker(worker.name, kind, message)
        self.directory.live_file(worker.name).unlink(missing_ok=True)
        self.failed_starts = 0 if ended else self.failed_starts + 1
        if self.failed_starts >= HOPELESS_STARTS:
            raise HpsearchError(
                f"{HOPELESS_STARTS} workers ended before their first trial: {message}",
                f"See {self.directory.worker_log(worker.name)}.",
            )

    @staticmethod
    def _claimable(records: Sequence[TrialRecord]) -> bool:
        return bool(due_retries(records)) or any(r.state == "waiting" for r in records)

    def _start_missing(self, records: Sequence[TrialRecord]) -> None:
        """Start workers for what can be claimed, never more than there is to do."""
        to_claim = sum(r.state == "waiting" for r in records) + len(due_retries(records))
        if not self.exhausted:
            to_claim += max(0, remaining(records, self.budget))
        idle = sum(self._is_idle(worker, records) for worker in self.alive)
        wanted = min(self.workers - len(self.alive), to_claim - idle)
        for _ in range(wanted):
            gpu = least_used(self.gpus, [worker.gpu for worker in self.alive])
            threads = threads_per_worker(self.workers)
            self.alive.append(start_worker(self.directory, self.budget, threads, gpu))

    @staticmethod
    def _is_idle(worker: LocalWorker, records: Sequence[TrialRecord]) -> bool:
        return not any(r.state == "running" and r.worker == worker.name for r in records)

    def snapshot(self) -> Snapshot:
        running = []
        for worker in self.alive:
            try:
                running.append(self.directory.read_json(self.directory.live_file(worker.name)))
            except StudyError:
                continue  # it has not begun a trial yet
        seconds = time.monotonic() - self.started
        return Snapshot(self.store.records(), self.budget, running, seconds, self.workers)


def supervise(
    directory: RunDirectory,
    plan: StudyPlan,
    budget: int,
    workers: int | None,
    *,
    time_limit: float | None = None,
    on_update: Callable[[Snapshot], None] = lambda snapshot: None,
) -> str:
    """Run local workers until the study is over.

    Args:
        directory: The run directory, with its study.
        plan: The study's plan.
        budget: Number of trials that may finish.
        workers: Number of worker processes; None chooses by GPUs, cores and memory.
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
    store = StudyStore(directory)
    claims = Claims(directory, store, plan, budget)
    claims.end_dead()
    gpus = visible_gpus()
    count = choose_workers(workers, gpus)
    supervision = _Supervision(directory, budget, count, gpus, store, claims)
    with _signals_as_exceptions():
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
            with _ignored_signals():
                stop_workers(supervision.alive)
                claims.end_dead()
    on_update(supervision.snapshot())
    return _note(supervision, budget)


def _note(supervision: _Supervision, budget: int) -> str:
    finished = len(counted(supervision.store.records()))
    if finished >= budget:
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


def stop_if_hopeless(records: Sequence[TrialRecord]) -> None:
    """Stop when every one of the first trials failed for the same reason."""
    finished = counted(records)
    if len(finished) < HOPELESS_TRIALS or any(r.state != "failed" for r in finished):
        return
    causes = {(r.failure, r.message.partition("\n")[0]) for r in finished}
    if len(causes) == 1:
        kind, message = causes.pop()
        raise NoTrialSucceeded(
            f"Every one of the first {len(finished)} trials failed ({kind}): {message}",
            "Mend the cause, then start again with --overwrite or in another directory.",
        )


@contextmanager
def _signals_as_exceptions() -> Iterator[None]:
    """SIGTERM and SIGUSR1 end the study in order, as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals go to the main thread, which this library was not called from
        return

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = {n: signal.signal(n, interrupt) for n in (signal.SIGTERM, signal.SIGUSR1)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _ignored_signals() -> Iterator[None]:
    """While workers give their trials back, a second Ctrl-C must not leave them alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
