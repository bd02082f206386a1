"""The template: a process that has loaded TensorFlow, from which others are forked at once."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from hpsearch.execution.launching import Launch, Launcher, Process, launch_plainly
from hpsearch.execution.side_process import quiet_environment
from hpsearch.execution.statuses import STOPPED_STATUS

PROCESS = "hpsearch.execution.template_process"
WITHOUT_THREADS = {
    "OPENBLAS_NUM_THREADS": "1",  # of NumPy
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # of pyarrow, which pandas loads
}
"""Libraries that start threads when they are loaded, told not to."""
LOADED = (
    "tensorflow",
    "keras",
    "optuna",
    "hpsearch.execution.worker",
    "hpsearch.execution.precision_probe",
    "hpsearch.models",
    "hpsearch.training.costs",
    "hpsearch.training.hyperparameters",
    "hpsearch.training.trial",
)
"""What probes and workers need."""
LOADED_FOR_WORKERS = ("scipy.stats.qmc", "keras_tuner", "keras_tuner.src")
"""What samplers and builders may need besides: loaded while the first side process is busy."""
LONGEST_MESSAGE = 1 << 16
LONGEST_WAIT = 180.0
"""Seconds, many times what loading takes, after which a template is not waited for any more."""
UNKNOWN_STATUS = STOPPED_STATUS
"""Of a process whose template died before it: its trial, if it left one, is found to be lost."""


class Template:
    """Starts a template process and has processes forked from it.

    The template loads TensorFlow and never touches its runtime, so that it has a single thread
    and a fork of it is as good as a new interpreter, without the 4 s that loading takes; what it
    has loaded is in memory once. It ends with this object, or with this process. What cannot be
    forked, as the template has died or is no more fit for it, is started plainly.

    Args:
        modules: What it loads.
        for_workers: What it loads then, in the shadow of a side process where there is one.
    """

    def __init__(
        self,
        modules: Sequence[str] = LOADED,
        for_workers: Sequence[str] = LOADED_FOR_WORKERS,
    ) -> None:
        self._channel, its_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listed = [",".join(modules), ",".join(for_workers)]
        with its_end:
            process = subprocess.Popen(
                [sys.executable, "-m", PROCESS, str(its_end.fileno()), *listed],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[its_end.fileno()],
                start_new_session=True,
                env=quiet_environment() | WITHOUT_THREADS,
            )
        self.pid = process.pid
        self._orders = 0
        self._gone = False
        self._started: dict[int, int | None] = {}
        self._ended: dict[int, int] = {}
        self.close = weakref.finalize(self, _end, process, self._channel)

    def launch(self, launch: Launch) -> Process:
        """Start a process; waits until the template has loaded what it loads."""
        self._orders += 1
        number = self._orders
        try:
            socket.send_fds(self._channel, [_order(number, launch)], launch.files)
        except OSError:
            return launch_plainly(launch)
        deadline = time.monotonic() + LONGEST_WAIT
        while number not in self._started and not self._gone:
            if not self._receive(max(0.0, deadline - time.monotonic())):
                self._give_up()
        pid = self._started.pop(number, None)
        return launch_plainly(launch) if pid is None else ForkedProcess(self, number, pid)

    def _give_up(self) -> None:
        """End a template that does not answer; what it has said until then counts."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        while not self._gone:
            self._receive(None)

    @property
    def is_gone(self) -> bool:
        """Whether the template has died, so that nobody tells how its processes end."""
        return self._gone

    def status_of(self, number: int, seconds: float | None) -> int | None:
        """The exit status of a process; None if it has none after so many seconds."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while number not in self._ended and not self._gone:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not self._receive(left):
                break
        return self._ended.get(number)

    def _receive(self, seconds: float | None) -> bool:
        """Take in what the template says next, or its end; False if nothing within the time."""
        if self._channel.fileno() < 0:
            self._gone = True
            return True
        if not select.select([self._channel], [], [], seconds)[0]:
            return False
        try:
            message = self._channel.recv(LONGEST_MESSAGE)
        except OSError:
            message = b""
        if not message:
            self._gone = True
            return True
        facts: dict[str, Any] = json.loads(message)
        if "status" in facts:
            self._ended[facts["number"]] = facts["status"]
        else:
            self._started[facts["number"]] = facts["pid"]
        return True


def _order(number: int, launch: Launch) -> bytes:
    facts = {
        "number": number,
        "module": launch.module,
        "arguments": launch.arguments,
        "environment": dict(launch.environment),
        "directory": str(Path.cwd()),
        "bound": launch.bound,
    }
    return json.dumps(facts).encode()


def _end(process: subprocess.Popen[bytes], channel: socket.socket) -> None:
    """The template holds nothing that would be lost."""
    channel.close()
    process.kill()
    process.wait()


class ForkedProcess:
    """A process that was forked from a template.

    Args:
        template: Which tells how it ended.
        number: Of the order.
        pid: Its process id.
    """

    def __init__(self, template: Template, number: int, pid: int) -> None:
        self.pid = pid
        self._template = template
        self._number = number
        self._handle = _handle_of(pid)
        if self._handle is not None:
            weakref.finalize(self, os.close, self._handle)

    def poll(self) -> int | None:
        """Exit status; None while it runs, negative for a signal."""
        return self._status(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raises `subprocess.TimeoutExpired` after so many seconds."""
        status = self._status(timeout)
        if status is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return status

    def terminate(self) -> None:
        """Send SIGTERM; nothing happens where it has ended."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL; nothing happens where it has ended."""
        self._send(signal.SIGKILL)

    def _status(self, seconds: float | None) -> int | None:
        known = self._template.status_of(self._number, seconds)
        if known is not None or not self._template.is_gone:
            return known
        ended = self._handle is None or select.select([self._handle], [], [], seconds)[0]
        return UNKNOWN_STATUS if ended else None

    def _send(self, number: signal.Signals) -> None:
        if self._handle is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)


def _handle_of(pid: int) -> int | None:
    """What stands for the process even when its id has passed to another; None if it has ended."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None


_KEPT: ContextVar[list[Template] | None] = ContextVar("kept templates", default=None)


@contextmanager
def keep_template() -> Iterator[None]:
    """Inside, all stages and side processes have one template between them, which ends with it.

    Else each stage has its own, which ends with the stage and not with a person's program.
    """
    kept: list[Template] = []
    token = _KEPT.set(kept)
    try:
        yield
    finally:
        _KEPT.reset(token)
        for template in kept:
            template.close()


def start_template() -> Template | None:
    """A template where this machine can have one; it is for processes that use no GPU."""
    kept = _KEPT.get()
    if kept and not kept[-1].is_gone:
        return kept[-1]
    if not can_fork():
        return None
    try:
        template = Template()
    except OSError:  # no memory, or no more processes: who needs one says so
        return None
    if kept is not None:
        kept.append(template)
    return template


def is_template_kept() -> bool:
    """Whether a process that loads TensorFlow can be had at once."""
    kept = _KEPT.get()
    return kept is not None and bool(kept) and not kept[-1].is_gone


def release_template(template: Template | None) -> None:
    """End the template of a stage, unless it is kept for what follows."""
    if template is not None and template not in (_KEPT.get() or ()):
        template.close()


def kept_launcher() -> Launcher:
    """What starts a side process from a template that is kept, or plainly where none is."""
    kept = _KEPT.get()
    return launcher_of(kept[-1] if kept else None)


def launcher_of(template: Template | None) -> Launcher:
    """What starts processes from the template, or plainly where there is none."""
    return launch_plainly if template is None else template.launch


def can_fork() -> bool:
    """Whether a template can be had: Linux has what it takes, macOS forbids such forks."""
    if sys.platform != "linux":
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:  # an old kernel, or a sandbox
        return False
    return True
