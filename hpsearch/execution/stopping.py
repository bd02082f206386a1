"""Ending on a signal at once, even in the middle of a long compiled call."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)


def stop_on_signals(stop: Callable[[], None]) -> None:
    """Call `stop` from a thread of its own when a stop signal arrives.

    Python runs signal handlers only between instructions of the main thread, which a compiled
    epoch can hold for seconds; a thread that reads the wake-up descriptor reacts at once.

    Args:
        stop: Called once; expected to end the process.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: None)

    def watch() -> None:
        reader.recv(1)
        stop()

    thread = threading.Thread(target=watch, daemon=True)
    thread.keep = writer  # type: ignore[attr-defined]  # the socket lives as long as the thread
    thread.start()


def stop_when_orphaned(stop: Callable[[], None]) -> None:
    """Call `stop` when the process at the other end of standard input is gone.

    Args:
        stop: Called once; expected to end the process.
    """

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        stop()

    threading.Thread(target=watch, daemon=True).start()
