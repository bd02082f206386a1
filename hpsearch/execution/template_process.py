"""The process behind a template: loads TensorFlow, then forks itself whenever it is told to."""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from hpsearch.execution.forking import become, has_one_thread
from hpsearch.execution.late_modules import LateFinder, load_late
from hpsearch.execution.launching import Launch

LONGEST_ORDER = 1 << 20
LATE = (
    *("keras.src.visualization", "keras.visualization", "keras._tf_keras.keras.visualization"),
    *("keras.src.wrappers", "keras.wrappers", "keras._tf_keras.keras.wrappers"),
    *("keras_tuner", "keras_tuner.src"),
)
"""What loads Matplotlib (0.4 s) or scikit-learn (0.6 s), which no probe needs."""
SIGNALS_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)
"""What is meant for the command, or for a worker, may be sent to all of a batch job's."""


def load(modules: Sequence[str]) -> None:
    """Load modules and leave them out of every search for garbage.

    No operation may run here and no device be asked for: from then on TensorFlow has threads,
    which a fork does not take along.
    """
    sys.meta_path.insert(0, LateFinder(LATE))
    with _without_garbage_collection():
        for name in modules:
            with suppress(Exception):  # whoever needs it says what is wrong
                import_module(name)


def load_fully(modules: Sequence[str]) -> None:
    """Load modules that may be late ones, and these at once."""
    with _without_garbage_collection():
        for name in modules:
            with suppress(Exception):
                load_late(import_module(name))


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """A search would take a quarter of the time that loading takes, and find next to nothing."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class _Forks:
    """Forks as it is told and says how each one ended.

    Args:
        channel: To the command.
        for_workers: Modules that side processes do without.
    """

    def __init__(self, channel: socket.socket, for_workers: Sequence[str]) -> None:
        self._channel = channel
        self._woken, self._wakes = socket.socketpair()
        self._wakes.setblocking(False)
        self._to_load = for_workers
        self._numbers: dict[int, int] = {}
        self._bound: set[int] = set()
        signal.set_wakeup_fd(self._wakes.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Until the command is gone, and then end whoever does not see that for itself."""
        while True:
            ready, _, _ = select.select([self._channel, self._woken], [], [])
            if self._woken in ready:
                self._woken.recv(4096)
                self._tell_ended()
            if self._channel in ready:
                message, files, _, _ = socket.recv_fds(self._channel, LONGEST_ORDER, 3)
                if not message:
                    break
                self._follow(json.loads(message), files)
        for pid in self._bound & self._numbers.keys():
            os.kill(pid, signal.SIGKILL)

    def _tell_ended(self) -> None:
        while self._numbers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            self._say(number=self._numbers.pop(pid), status=os.waitstatus_to_exitcode(status))

    def _follow(self, order: dict[str, Any], files: list[int]) -> None:
        """Start a side process at once; what only workers need is loaded while it is busy."""
        if order["bound"]:
            self._obey(order, files)
        if self._to_load:
            load_fully(self._to_load)
            self._to_load = ()
        if not order["bound"]:
            self._obey(order, files)

    def _obey(self, order: dict[str, Any], files: list[int]) -> None:
        pid = None
        launch = _launch_of(order, files)
        with suppress(OSError):  # no memory, or no more processes: the command says so
            if has_one_thread():
                pid = os.fork()
        if pid == 0:
            own = (self._channel, self._woken, self._wakes)
            become(launch, Path(order["directory"]), left_behind=own)
        for file in files:
            os.close(file)
        if pid is not None:
            self._numbers[pid] = order["number"]
            self._bound = self._bound & self._numbers.keys() | ({pid} if order["bound"] else set())
        self._say(number=order["number"], pid=pid)

    def _say(self, **facts: Any) -> None:
        with suppress(OSError):  # the command is gone, which is seen next
            self._channel.send(json.dumps(facts).encode())


def _launch_of(order: dict[str, Any], files: list[int]) -> Launch:
    stdin, stdout, stderr = files
    arguments = tuple(order["arguments"])
    return Launch(order["module"], arguments, (stdin, stdout, stderr), order["environment"])


def _names(listed: str) -> list[str]:
    return listed.split(",") if listed else []


def main() -> None:
    """Load modules and serve a channel.

    The arguments are the channel's descriptor, a list of modules with commas between them, and
    another one of those that only workers need.
    """
    for number in SIGNALS_IGNORED:
        signal.signal(number, signal.SIG_IGN)
    channel = socket.socket(fileno=int(sys.argv[1]))
    load(_names(sys.argv[2]))
    _Forks(channel, _names(sys.argv[3])).serve()


if __name__ == "__main__":
    main()
