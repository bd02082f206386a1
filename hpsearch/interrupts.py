"""Signals that ask a command to end, as the exception that Ctrl-C is in Python."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

STOP_SIGNALS = (signal.SIGTERM, signal.SIGUSR1)
"""What batch systems send before they take a machine away."""


def signals_as_interrupts() -> AbstractContextManager[None]:
    """Inside, SIGTERM and SIGUSR1 raise KeyboardInterrupt; only in the main thread."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    return _handled(STOP_SIGNALS, interrupt)


def ignored_signals() -> AbstractContextManager[None]:
    """Inside, nobody can interrupt: workers that give their trials back are not left alone."""
    return _handled((signal.SIGINT, *STOP_SIGNALS), signal.SIG_IGN)


@contextmanager
def _handled(
    numbers: Sequence[signal.Signals], handler: Callable[..., object] | signal.Handlers
) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # signals go to the main thread, which this library was not called from
        return
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
