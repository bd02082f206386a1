"""Forking this process: the fork becomes a module of ours and has what is loaded here at once."""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from hpsearch.execution.launching import Launch

OWN_THREADS = Path("/proc/self/task")
SIGNALS_RESTORED = (
    *(signal.SIGINT, signal.SIGTERM, signal.SIGHUP),
    *(signal.SIGUSR1, signal.SIGCHLD),
)
DIE_WITH_PARENT = 1
"""`PR_SET_PDEATHSIG` of prctl(2)."""
POLLED_SECONDS = 0.01


def has_one_thread() -> bool:
    """Whether a fork of this process would lack nothing; only Linux tells."""
    try:
        return sum(1 for _ in OWN_THREADS.iterdir()) == 1
    except OSError:
        return False


def become(launch: Launch, directory: Path, left_behind: Sequence[socket.socket] = ()) -> NoReturn:
    """Be, in a fork, what was ordered, and end with it; nobody comes back from here.

    Args:
        launch: What to be.
        directory: To work in.
        left_behind: What of the process that was forked must not stay open.
    """
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in SIGNALS_RESTORED:
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.setsid()
        for end in left_behind:
            end.close()
        for own_number, file in enumerate(launch.files):
            os.dup2(file, own_number)
            os.close(file)
        os.environ.clear()
        os.environ.update(launch.environment)
        os.chdir(directory)
        status = _run(launch.module, launch.arguments)
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _run(module: str, arguments: Sequence[str]) -> int:
    """Run a module as the main one of this process; its exit status."""
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  (as the interpreter does at its end)
        traceback.print_exc()
        return 1
    return 0


def fork_beside(launch: Launch) -> Fork:
    """Fork this process into a module; the fork ends with this process, however that ends.

    Raises:
        OSError: This process has threads, which a fork would not take along; or there is no
            memory for it, or there are no more processes.
    """
    if not has_one_thread():
        raise OSError("This process has threads.")
    parent, directory, control = os.getpid(), Path.cwd(), ctypes.CDLL(None).prctl
    pid = os.fork()
    if pid == 0:
        control(DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:  # it was quicker
            os._exit(1)
        become(launch, directory)
    return Fork(pid)


class Fork:
    """A process that was forked from this one.

    Args:
        pid: Its process id, which is its own until its end has been told.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._status: int | None = None

    def poll(self) -> int | None:
        """Exit status; None while it runs, negative for a signal."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = os.waitstatus_to_exitcode(status) if pid else None
        return self._status

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raises `subprocess.TimeoutExpired` after so many seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
            time.sleep(POLLED_SECONDS)
        return status

    def terminate(self) -> None:
        """Send SIGTERM; nothing happens where it has ended."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL; nothing happens where it has ended."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)
