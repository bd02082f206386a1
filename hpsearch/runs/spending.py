"""The time a run has taken, counted over its invocations."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from hpsearch.storage.atomic import write_json
from hpsearch.storage.run_root import RunRoot

SECONDS_BETWEEN_NOTES = 5.0  # what a kill may leave uncounted


class Spending:
    """Counts the seconds of this invocation on top of those before it.

    Each invocation keeps what it has taken in its own `sessions/N.json`, written again every
    five seconds, so that a killed one is counted too.

    Args:
        root: The run.
        facts: What else is true of this invocation.
        began: When this invocation began, by the clock.
        clock: Seconds that never go back.
    """

    def __init__(
        self,
        root: RunRoot,
        facts: dict[str, Any],
        began: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock, self._began, self._facts = clock, began, facts
        self._before = root.seconds_spent()
        self._noted = self.here
        self._file = root.start_session({**facts, "seconds": self._noted})

    @property
    def here(self) -> float:
        """Seconds of this invocation."""
        return self._clock() - self._began

    @property
    def total(self) -> float:
        """Seconds of all invocations."""
        return self._before + self.here

    def end(self, status: str) -> None:
        """Write down what was taken in all, and how the invocation ended."""
        self._facts = {**self._facts, "ended": status}
        self.note(now=True)

    def note(self, *, now: bool = False) -> None:
        """Write down what was taken; unless `now`, only if the last note is five seconds old."""
        if now or self.here - self._noted >= SECONDS_BETWEEN_NOTES:
            self._noted = self.here
            write_json(self._file, {**self._facts, "seconds": self._noted})
