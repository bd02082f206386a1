"""In which order a worker takes proposals that do not depend on what other trials showed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hpsearch.search import Kind, Kinds, Sampler
from hpsearch.spaces import Space, Value
from hpsearch.storage import TrialRecord

AHEAD = 16
"""Proposals among which a worker chooses; none is passed over for longer than that."""
ROUNDS_LEFT = 2
"""Trials for each worker: when no more are left, the longest are begun first."""


@dataclass
class TrialOrder:
    """Which proposal the worker of this process takes next.

    A worker goes on with the kinds of model whose graphs it has traced. Where several workers
    share the last few trials, the longest come first, so that none waits long for another.
    """

    _taken: set[int] = field(default_factory=set)
    _lowest: int = 0
    _traced: set[Kind] = field(default_factory=set)
    _seconds: dict[Kind, tuple[int, float]] = field(default_factory=dict)
    _all_seconds: tuple[int, float] = (0, 0.0)
    _kinds: Kinds = field(default_factory=lambda: Kinds(Space()))

    def enter(self, record: TrialRecord, space: Space) -> None:
        """Take a trial into account that is new or has changed."""
        if record.retry_of is None and record.index >= self._lowest:
            self._taken.add(record.index)
        if record.state == "complete" and record.seconds:
            kind = self._kind(record.params, space)
            self._seconds[kind] = _with(self._seconds.get(kind, (0, 0.0)), record.seconds)
            self._all_seconds = _with(self._all_seconds, record.seconds)

    def next_index(self, sampler: Sampler, left: int = 1, others: int = 0) -> int:
        """The index of the proposal to take: the lowest that is free, where they have an order.

        Args:
            sampler: Makes the proposals.
            left: How many new trials may still be begun.
            others: How many trials are running.
        """
        while self._lowest in self._taken:
            self._taken.remove(self._lowest)
            self._lowest += 1
        free = self._free(sampler, left)
        if len(free) < 2 or not sampler.in_any_order:
            return self._lowest
        kinds = {index: self._kind(sampler.foreseen(index), sampler.space) for index in free}
        if others and left <= ROUNDS_LEFT * (others + 1):
            return max(free, key=lambda index: self._expected(kinds[index]))
        return next((index for index in free if kinds[index] in self._traced), self._lowest)

    def took(self, params: Mapping[str, Value], space: Space) -> None:
        """The worker trains these values now."""
        self._traced.add(self._kind(params, space))

    def _free(self, sampler: Sampler, left: int) -> list[int]:
        """Indices to choose from; what shall be tried first comes before all others."""
        end = self._lowest + AHEAD
        if self._lowest < len(sampler.first):
            end = min(end, len(sampler.first))
        return [i for i in range(self._lowest, end) if i not in self._taken][:left]

    def _kind(self, params: Mapping[str, Value], space: Space) -> Kind:
        if space is not self._kinds.space:
            self._kinds = Kinds(space)
        return self._kinds.of(params)

    def _expected(self, kind: Kind) -> float:
        """Mean seconds of the trials of a kind, or of all where none has ended."""
        number, seconds = self._seconds.get(kind, self._all_seconds)
        return seconds / number if number else 0.0


def _with(known: tuple[int, float], seconds: float) -> tuple[int, float]:
    return known[0] + 1, known[1] + seconds
