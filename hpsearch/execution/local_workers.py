"""Worker processes on this machine: start, watch, stop."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpsearch.errors import HpsearchError, InputError, StudyError
from hpsearch.execution.devices import Slot
from hpsearch.execution.liveness import new_worker_name
from hpsearch.execution.side_process import how_it_ended, quiet_environment
from hpsearch.execution.worker_logs import last_words
from hpsearch.storage import RunDirectory

OUT_OF_MEMORY_SIGNS = ("bad_alloc", "out of memory", "Cannot allocate memory", "MemoryError")
STOP_SECONDS = 20.0


@dataclass
class LocalWorker:
    """A worker process.

    Args:
        directory: The run directory.
        name: The worker's name.
        process: The process.
        slot: Where it trains.
        kills_before: Out-of-memory kills of this machine's control group when it started.
        ended_because: Why its supervisor had to kill it; empty if it did not.
    """

    directory: RunDirectory
    name: str
    process: subprocess.Popen[bytes]
    slot: Slot
    kills_before: int
    ended_because: str = ""

    @property
    def status(self) -> int | None:
        """Exit status; None while it runs, negative for a signal."""
        return self.process.poll()

    def end_overdue(self, limit: float) -> None:
        """Kill it because its trial takes too long; a hanging call hears no other signal."""
        self.ended_because = f"took longer than the limit of {limit:.0f} s for a trial"
        doing = self.doing()
        if doing is not None and doing["epoch"]:
            self.ended_because += f": {doing['epoch']} of {doing['epochs']} epochs done"
        words = last_words(self.directory, self.name)
        self.ended_because += f"\n{words}" if words else ""
        self.process.kill()
        self.process.wait()

    def doing(self) -> dict[str, Any] | None:
        """What it last said of its trial: number, epoch, epochs, value; None before the first."""
        try:
            return self.directory.read_json(self.directory.live_file(self.name))
        except StudyError:
            return None

    def failure(self) -> tuple[str, str]:
        """The kind of failure its death means, and a message."""
        if self.ended_because:
            return "timeout", self.ended_because
        status = self.status or 0
        how = f"the worker {how_it_ended(status)}"
        lines = last_words(self.directory, self.name)
        killed_for_memory = status == -signal.SIGKILL and memory_kills() > self.kills_before
        if killed_for_memory or any(sign in lines for sign in OUT_OF_MEMORY_SIGNS):
            return "oom", f"{how}: out of memory\n{lines}".strip()
        return "crash", f"{how}\n{lines}".strip()

    def raise_error(self) -> None:
        """Raise what the worker could not go on with, if it left word of it."""
        path = self.directory.worker_error(self.name)
        if not path.is_file():
            return
        facts = self.directory.read_json(path)
        path.unlink()
        kind = InputError if facts["input"] else HpsearchError
        raise kind(facts["message"], facts["hint"])


def start_worker(directory: RunDirectory, threads: int, slot: Slot) -> LocalWorker:
    """Start a worker process in a session of its own, so that Ctrl-C reaches only its parent."""
    name = new_worker_name()
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
