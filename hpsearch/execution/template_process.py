"""The process behind a template: loads TensorFlow, then forks itself whenever it is told to."""

from __future__ import annotations

import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from hpsearch.execution.late_modules import LateFinder, load_late

LONGEST_ORDER = 1 << 20
OWN_THREADS = Path("/proc/self/task")
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
        with suppress(OSError):  # no memory, or no more processes: the command says so
            if sum(1 for _ in OWN_THREADS.iterdir()) == 1:
                pid = os.fork()
        if pid == 0:
            self._become(order, files)
        for file in files:
            os.close(file)
        if pid is not None:
            self._numbers[pid] = order["number"]
            self._bound = self._bound & self._numbers.keys() | ({pid} if order["bound"] else set())
        self._say(number=order["number"], pid=pid)

    def _say(self, **facts: Any) -> None:
        with suppress(OSError):  # the command is gone, which is seen next
            self._channel.send(json.dumps(facts).encode())

    def _become(self, order: dict[str, Any], files: list[int]) -> NoReturn:
        """Be what was ordered, to the end; nothing of the template's own is left."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (*SIGNALS_IGNORED, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.setsid()
            for end in (self._channel, self._woken, self._wakes):
                end.close()
            for own_number, file in enumerate(files):
                os.dup2(file, own_number)
                os.close(file)
            status = _run(order)
        finally:
            with suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)


def _run(order: dict[str, Any]) -> int:
    """Run a module as the main one of this process; its exit status."""
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["directory"])
    sys.argv = [order["module"], *order["arguments"]]
    try:
        runpy.run_module(order["module"], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  (as the interpreter does at its end)
        traceback.print_exc()
        return 1
    return 0


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
