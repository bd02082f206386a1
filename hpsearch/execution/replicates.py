"""Which configuration is trained next when a few are compared over many seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from hpsearch.analysis.confirmation import Drop, Race
from hpsearch.data.draws import Draw
from hpsearch.spaces import Value
from hpsearch.storage import TrialRecord, counted


@dataclass(frozen=True)
class Replicates:
    """A few configurations, each to be trained with several seeds.

    Args:
        candidates: The configurations.
        num_seeds: Most seeds each.
        race: Whether one that is clearly worse is given up early.
        added_defaults: Which of them is there only because it is the defaults of the space.
        draws: Of the training images for each candidate; none where all train on all of them.
        axis: What the candidates of a curve differ in, in words; empty where it is none.
        places: Where each of them lies on that axis.
    """

    candidates: tuple[Mapping[str, Any], ...]
    num_seeds: int
    race: bool = True
    added_defaults: int | None = None
    draws: tuple[Draw, ...] = ()
    axis: str = ""
    places: tuple[Value, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """From the fields as JSON has them."""
        draws = tuple(Draw.from_json(own) for own in data.get("draws", ()))
        whole = {name: tuple(data.get(name, ())) for name in ("candidates", "places")}
        return cls(**{**data, **whole, "draws": draws})

    def draw_of(self, candidate: int | None) -> Draw | None:
        """What a candidate is trained on; None for all images once."""
        return self.draws[candidate] if self.draws and candidate is not None else None

    def next_candidate(self, records: Sequence[TrialRecord], direction: str) -> int | None:
        """The candidate with the fewest trials among those still in the race.

        Returns:
            Its position; None if every one has all its seeds or is given up.
        """
        started = [0] * len(self.candidates)
        for record in records:
            if record.candidate is not None and record.retry_of is None:
                started[record.candidate] += 1
        dropped = self.drops(records, direction)
        open_ones = [
            candidate
            for candidate, count in enumerate(started)
            if candidate not in dropped and count < self.num_seeds
        ]
        return min(open_ones, key=lambda c: (started[c], c), default=None)

    def drops(self, records: Sequence[TrialRecord], direction: str) -> dict[int, Drop]:
        """The candidates shown to be worse, or that failed whenever they were tried."""
        outcomes = [self.outcomes(records, c) for c in range(len(self.candidates))]
        return self.rules(direction).drops(outcomes)

    def rules(self, direction: str) -> Race:
        """What decides when a candidate is shown to be worse."""
        maximize = direction == "maximize"
        return Race(len(self.candidates), self.num_seeds, maximize=maximize, early=self.race)

    @staticmethod
    def outcomes(records: Sequence[TrialRecord], candidate: int) -> list[float | None]:
        """The objectives of a candidate in order of its seeds, None where its trial failed.

        They end before the first seed that is not finished: whoever looks, and whenever, sees
        the same first, second and third seed, and so the same race.
        """
        finished = {record.index: record for record in counted(records)}
        indices = sorted({r.index for r in records if r.candidate == candidate})
        outcomes: list[float | None] = []
        for index in indices:
            if index not in finished:
                break
            outcomes.append(finished[index].value if finished[index].state == "complete" else None)
        return outcomes

    def values(self, records: Sequence[TrialRecord]) -> list[list[float]]:
        """For each candidate the objectives of its completed trials, in order of their seeds."""
        complete = [r for r in counted(records) if r.state == "complete"]
        in_order = sorted(complete, key=lambda record: record.index)
        return [
            [r.value for r in in_order if r.candidate == candidate and r.value is not None]
            for candidate in range(len(self.candidates))
        ]
