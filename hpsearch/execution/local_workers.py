"""Worker processes on this machine: start, watch, stop."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hpsearch.execution.devices import Placement, Slot
from hpsearch.execution.executor import Executor, WorkerProcess
from hpsearch.execution.launching import Launch, Launcher, Process, launch_plainly
from hpsearch.execution.liveness import new_worker_name
from hpsearch.execution.side_process import how_it_ended, quiet_environment
from hpsearch.execution.worker_logs import last_words
from hpsearch.storage import RunDirectory

OUT_OF_MEMORY_SIGNS = ("bad_alloc", "out of memory", "Cannot allocate memory", "MemoryError")
STOP_SECONDS = 20.0
WORKER = "hpsearch.execution.worker_process"


@dataclass
class LocalWorker(WorkerProcess):
    """A worker process on this machine.

    Args:
        directory: The run directory.
        name: The worker's name.
        process: The process.
        leash: The end that is held of its standard input: it stops when this is closed.
        slot: Where it trains.
        kills_before: Out-of-memory kills of this machine's control group when it started.
    """

    process: Process
    leash: BinaryIO
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
        launcher: Starts their processes.
    """

    def __init__(
        self,
        directory: RunDirectory,
        placement: Placement,
        launcher: Launcher = launch_plainly,
    ) -> None:
        self._directory = directory
        self._placement = placement
        self._launcher = launcher
        self._alive: list[LocalWorker] = []

    @property
    def workers(self) -> int:
        return self._placement.workers

    def start(self) -> LocalWorker:
        self._forget_ended()
        free = free_slots(self._placement.slots, [worker.slot for worker in self._alive])
        worker = start_worker(
            self._directory, self._placement.threads, free[0], launcher=self._launcher
        )
        self._alive.append(worker)
        return worker

    def _forget_ended(self) -> None:
        for worker in [worker for worker in self._alive if worker.status is not None]:
            self._alive.remove(worker)
            worker.leash.close()

    def stop(self, workers: Sequence[WorkerProcess]) -> None:
        stop_workers([worker for worker in self._alive if worker in workers])

    def dismiss(self, workers: Sequence[WorkerProcess]) -> None:
        """Nobody waits here: every worker has its place from the start."""

    def close(self) -> None:
        """Let go of workers that may still be there: they stop."""
        for worker in self._alive:
            worker.leash.close()


def free_slots(slots: Sequence[Slot], taken: Sequence[Slot]) -> list[Slot]:
    """The places that no worker has, in their order; equal ones are counted."""
    left = Counter(slots) - Counter(taken)
    return list(left.elements())


def start_worker(
    directory: RunDirectory,
    threads: int,
    slot: Slot,
    name: str = "",
    launcher: Launcher = launch_plainly,
) -> LocalWorker:
    """Start a worker process in a session of its own, so that Ctrl-C reaches only its parent."""
    name = name or new_worker_name()
    arguments = ["--study", str(directory.path), "--name", name, "--threads", str(threads)]
    if slot.memory is not None:
        arguments += ["--gpu-memory", str(slot.memory)]
    kills_before = memory_kills()
    reader, writer = os.pipe()
    leash = os.fdopen(writer, "wb")
    try:
        with directory.worker_log(name).open("wb") as log:
            files = (reader, log.fileno(), log.fileno())
            environment = quiet_environment() | slot.environment
            process = launcher(Launch(WORKER, tuple(arguments), files, environment))
    finally:
        os.close(reader)
    return LocalWorker(directory, name, process, leash, slot, kills_before)


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
