"""`Gap`: the time between two trials of a worker, by what it was spent on."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager

from hpsearch.training.timing import timed


class Gap:
    """The time between two trials of a worker; it goes on the record of the later one.

    In it the worker stores the earlier trial, cleans up, and gets the later one. With short
    trials it is most of what a study takes.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """A trial has ended, or the worker is ready for its first."""
        self._began = time.monotonic()
        self._spent: dict[str, float] = {}

    def spent_on(self, what: str) -> AbstractContextManager[None]:
        """Inside, time is spent on this."""
        return timed(self._spent, what)

    def seconds(self) -> dict[str, float]:
        """Seconds by what they were spent on until now, and `between`, all of them."""
        return {**self._spent, "between": time.monotonic() - self._began}
