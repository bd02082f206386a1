"""Which configuration is trained next when a few are compared over many seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpsearch.analysis.confirmation import Race
from hpsearch.storage import TrialRecord, counted


@dataclass(frozen=True)
class Replicates:
    """A few configurations, each to be trained with several seeds.

    Args:
        candidates: The configurations.
        num_seeds: Most seeds each.
        race: Whether one that is clearly worse is given up early.
    """

    candidates: tuple[Mapping[str, Any], ...]
    num_seeds: int
    race: bool = True

    def next_candidate(self, records: Sequence[TrialRecord], direction: str) -> int | None:
        """The candidate with the fewest trials among those still in the race.

        Returns:
            Its position; None if every one has all its seeds or is given up.
        """
        started = [0] * len(self.candidates)
        for record in records:
            if record.candidate is not None and record.retry_of is None:
                started[record.candidate] += 1
        dropped = self.dropped(records, direction)
        open_ones = [
            candidate
            for candidate, count in enumerate(started)
            if candidate not in dropped and count < self.num_seeds
        ]
        return min(open_ones, key=lambda c: (started[c], c), default=None)

    def dropped(self, records: Sequence[TrialRecord], direction: str) -> dict[int, int]:
        """The candidates that are given up → after how many seeds."""
        if not self.race or len(self.candidates) < 2:
            return {}
        race = Race(len(self.candidates), self.num_seeds, maximize=direction == "maximize")
        return race.dropped(self.values(records))

    def values(self, records: Sequence[TrialRecord]) -> list[list[float]]:
        """For each candidate the objectives of its completed trials, in order of their seeds."""
        complete = [r for r in counted(records) if r.state == "complete"]
        in_order = sorted(complete, key=lambda record: record.index)
        return [
            [r.value for r in in_order if r.candidate == candidate and r.value is not None]
            for candidate in range(len(self.candidates))
        ]
