"""Starting a module of ours as a process: what is said, and what comes of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Launch:
    """A process to be.

    Args:
        module: The module that it runs as its main one.
        arguments: Its command line.
        files: Descriptors of its standard input, output and error; whoever asks closes them.
        environment: All of its environment.
        bound: Whether it must be ended if this process dies, as it does not watch for that.
    """

    module: str
    arguments: tuple[str, ...]
    files: tuple[int, int, int]
    environment: Mapping[str, str]
    bound: bool = False


class Process(Protocol):
    """A process that was started; `subprocess.Popen` is one."""

    def poll(self) -> int | None:
        """Exit status; None while it runs, negative for a signal."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raises `subprocess.TimeoutExpired` after so many seconds."""

    def terminate(self) -> None:
        """Send SIGTERM; nothing happens where it has ended."""

    def kill(self) -> None:
        """Send SIGKILL; nothing happens where it has ended."""


Launcher = Callable[[Launch], Process]


def launch_plainly(launch: Launch) -> Process:
    """Start a new interpreter, in a session of its own: Ctrl-C reaches only its parent."""
    stdin, stdout, stderr = launch.files
    return subprocess.Popen(
        [sys.executable, "-m", launch.module, *launch.arguments],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
        env=dict(launch.environment),
    )
