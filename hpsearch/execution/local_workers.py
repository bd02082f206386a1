"""Worker processes on this machine: start, watch, stop."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hpsearch.execution.devices import Placement, Slot
from hpsearch.execution.executor import Executor, WorkerProcess
from hpsearch.execution.liveness import new_worker_name
from hpsearch.execution.side_process import how_it_ended, quiet_environment
from hpsearch.execution.worker_logs import last_words
from hpsearch.storage import RunDirectory

OUT_OF_MEMORY_SIGNS = ("bad_alloc", "out of memory", "Cannot allocate memory", "MemoryError")
STOP_SECONDS = 20.0


@dataclass
class LocalWorker(WorkerProcess):
    """A worker process on this machine.

    Args:
        directory: The run directory.
        name: The worker's name.
        process: The process.
        slot: Where it trains.
        kills_before: Out-of-memory kills of this machine's control group when it started.
    """

    process: subprocess.Popen[bytes]
    slot: Slot
    kills_before: int

    @property
    def status(self) -> int | None:
        return self.process.poll()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def failure(self) -> tuple[str, str]:
        status = self.status or 0
        how = f"the worker {how_it_ended(status)}"
        lines = last_words(self.directory, self.name)
        killed_for_memory = status == -signal.SIGKILL and memory_kills() > self.kills_before
        if killed_for_memory or any(sign in lines for sign in OUT_OF_MEMORY_SIGNS):
            return "oom", f"{how}: out of memory\n{lines}".strip()
        return "crash", f"{how}\n{lines}".strip()


class LocalExecutor(Executor):
    """Runs workers as processes of this machine.

    Args:
        directory: The run directory.
        placement: Where they train; no places if only others work.
    """

    def __init__(self, directory: RunDirectory, placement: Placement) -> None:
        self._directory = directory
        self._placement = placement
        self._alive: list[LocalWorker] = []

    @property
    def workers(self) -> int:
        return self._placement.workers

    def start(self) -> LocalWorker:
        self._alive = [worker for worker in self._alive if worker.status is None]
        free = free_slots(self._placement.slots, [worker.slot for worker in self._alive])
        worker = start_worker(self._directory, self._placement.threads, free[0])
        self._alive.append(worker)
        return worker

    def stop(self, workers: Sequence[WorkerProcess]) -> None:
        stop_workers([worker for worker in self._alive if worker in workers])

    def dismiss(self, workers: Sequence[WorkerProcess]) -> None:
        """Nobody waits here: every worker has its place from the start."""

    def close(self) -> None:
        """Nothing is held here."""


def free_slots(slots: Sequence[Slot], taken: Sequence[Slot]) -> list[Slot]:
    """The places that no worker has, in their order; equal ones are counted."""
    left = Counter(slots) - Counter(taken)
    return list(left.elements())


def start_worker(directory: RunDirectory, threads: int, slot: Slot, name: str = "") -> LocalWorker:
    """Start a worker process in a session of its own, so that Ctrl-C reaches only its parent."""
    name = name or new_worker_name()
    command = [sys.executable, "-m", "hpsearch.execution.worker_process"]
    command += ["--study", str(directory.path), "--name", name, "--threads", str(threads)]
    if slot.memory is not None:
        command += ["--gpu-memory", str(slot.memory)]
    with directory.worker_log(name).open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=quiet_environment() | slot.environment,
        )
    return LocalWorker(directory, name, process, slot, memory_kills())


def stop_workers(workers: list[LocalWorker]) -> None:
    """Ask workers to give their trials back; those that do not listen are killed."""
    for worker in workers:
        if worker.status is None:
            worker.process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for worker in workers:
        try:
            worker.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            worker.process.kill()
            worker.process.wait()


def memory_kills() -> int:
    """How often the kernel killed a process for want of memory, in this control group or at all."""
    for events in (Path("/sys/fs/cgroup/memory.events"), Path("/proc/vmstat")):
        try:
            lines = events.read_text(encoding="utf-8").splitlines()
        except OSError:
            continue
        counts = dict(line.split() for line in lines)
        if "oom_kill" in counts:
            return int(counts["oom_kill"])
    return 0
