"""How long each trial has been running, for the limit on the time of a trial."""

from __future__ import annotations

import time
from collections.abc import Iterable


class TrialClock:
    """Measures by the observer's own clock, which nobody can set.

    A trial counts from when this observer first saw it with that worker, so the limit is kept
    to within the time between two looks.
    """

    def __init__(self) -> None:
        self._since: dict[tuple[str, int], float] = {}

    def over(self, running: Iterable[tuple[str, int]], limit: float | None) -> list[str]:
        """The workers whose trial has been running for longer than the limit.

        Args:
            running: Pairs of worker and trial number, as they are now.
            limit: Seconds; None for no limit.
        """
        now = time.monotonic()
        self._since = {pair: self._since.get(pair, now) for pair in running}
        if limit is None:
            return []
        return [worker for (worker, _), since in self._since.items() if now - since > limit]
