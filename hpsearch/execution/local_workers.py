"""Worker processes on this machine: start, watch, stop."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from hpsearch.errors import HpsearchError, InputError
from hpsearch.execution.liveness import new_worker_name
from hpsearch.execution.side_process import how_it_ended, quiet_environment, without_chatter
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
        gpu: The GPU it was given; None without GPUs.
        kills_before: Out-of-memory kills of this machine's control group when it started.
    """

    directory: RunDirectory
    name: str
    process: subprocess.Popen[bytes]
    gpu: str | None
    kills_before: int

    @property
    def status(self) -> int | None:
        """Exit status; None while it runs, negative for a signal."""
        return self.process.poll()

    def last_lines(self, count: int = 12) -> str:
        """The end of what it printed, without TensorFlow's chatter."""
        log = self.directory.worker_log(self.name)
        if not log.is_file():
            return ""
        printed = log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(without_chatter(printed)[-count:])

    def failure(self) -> tuple[str, str]:
        """The kind of failure its death means, and a message."""
        status = self.status or 0
        how = f"the worker {how_it_ended(status)}"
        lines = self.last_lines()
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


def start_worker(
    directory: RunDirectory, budget: int, threads: int, gpu: str | None = None
) -> LocalWorker:
    """Start a worker process in a session of its own, so that Ctrl-C reaches only its parent."""
    name = new_worker_name()
    command = [sys.executable, "-m", "hpsearch.execution.worker_process"]
    command += ["--study", str(directory.path), "--name", name]
    command += ["--trials", str(budget), "--threads", str(threads)]
    environment = quiet_environment()
    if gpu is not None:
        environment["CUDA_VISIBLE_DEVICES"] = gpu
    with directory.worker_log(name).open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment,
        )
    return LocalWorker(directory, name, process, gpu, memory_kills())


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
    """How often the kernel killed a process of this control group for want of memory."""
    events = Path("/sys/fs/cgroup/memory.events")
    try:
        lines = events.read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    counts = dict(line.split() for line in lines)
    return int(counts.get("oom_kill", 0))


def visible_gpus() -> list[str]:
    """The GPUs that workers may use, as `CUDA_VISIBLE_DEVICES` names them."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return [gpu for gpu in named.split(",") if gpu.strip() not in ("", "-1")]
    if shutil.which("nvidia-smi") is None:
        return []
    listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=False)
    lines = [line for line in listed.stdout.splitlines() if line.startswith("GPU ")]
    return [str(number) for number in range(len(lines))]
