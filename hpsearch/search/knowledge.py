"""`Knowledge`: what earlier trials showed, kept so that one trial more costs little."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpsearch.search.codes import Codes, stack
from hpsearch.search.observation import Observation, Tried
from hpsearch.spaces import Space, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Vector = NDArray[np.float64]

MOST_TELLING = 200
BEST_KEPT = 100
AVOIDED_KEPT = 30
EQUAL_REPETITIONS = 2


class Knowledge:
    """The observations of a study, as a sampler needs them.

    Updating costs a comparison for each known observation and real work only for those that
    are new or have changed.

    Args:
        space: What may vary.
        direction: `maximize` or `minimize`.
    """

    def __init__(self, space: Space, direction: str = "maximize") -> None:
        self.codes = Codes(space)
        self.observations: list[Observation] = []
        self._names = frozenset(space.names)
        self._sign = 1.0 if direction == "maximize" else -1.0
        self._rows: list[Matrix | None] = []
        self._scores: list[float] = []
        self._tried = Tried((), self._names)
        self._shown: dict[frozenset[tuple[str, Value]], list[float]] = {}
        self._score_array: Vector | None = None
        self._by_outcome: dict[str, dict[int, None]] = {}

    def update(self, observations: Sequence[Observation]) -> None:
        """Take over what is known now, in order of trial number."""
        known = self.observations
        if len(observations) < len(known):
            self._forget()
        stale = False
        for number, (own, now) in enumerate(zip(known, observations, strict=False)):
            if own is not now and own != now:
                stale = stale or own.params != now.params
                self._set(number, now)
        for now in observations[len(known) :]:
            self._append(now)
        if stale:
            self._tried = Tried(known, self._names)

    def _forget(self) -> None:
        self.observations.clear()
        self._rows.clear()
        self._scores.clear()
        self._shown.clear()
        self._by_outcome.clear()
        self._score_array = None
        self._tried = Tried((), self._names)

    def _append(self, observation: Observation) -> None:
        self.observations.append(observation)
        self._rows.append(None)
        self._scores.append(math.nan)
        self._tried.add(observation)
        self._enter_score(len(self.observations) - 1)

    def _set(self, number: int, observation: Observation) -> None:
        if self.observations[number].params != observation.params:
            self._rows[number] = None
        del self._by_outcome[self.observations[number].outcome][number]
        self.observations[number] = observation
        self._enter_score(number)

    def _enter_score(self, number: int) -> None:
        observation = self.observations[number]
        self._by_outcome.setdefault(observation.outcome, {})[number] = None
        self._score_array = None
        score = self._scores[number] = self._score(observation)
        if observation.outcome == "complete" and not math.isnan(score):
            self._shown.setdefault(frozenset(observation.params.items()), []).append(score)

    def _score(self, observation: Observation) -> float:
        """The objective, larger is better; NaN if there is none."""
        if observation.outcome not in ("complete", "pruned") or observation.value is None:
            return math.nan
        return self._sign * observation.value if math.isfinite(observation.value) else math.nan

    def is_tried(self, params: Mapping[str, Value]) -> bool:
        """Whether a configuration was tried or is running."""
        return params in self._tried

    def may_repeat(self) -> bool:
        """Whether a repetition can show something new.

        Not if the first two repetitions showed the same objective again; and while nothing is
        known of that, no more than two at a time.
        """
        repeated = [values for values in self._shown.values() if len(values) > 1]
        if any(len(set(values)) > 1 for values in repeated):
            return True
        return len(repeated) + self._pending_repetitions() < EQUAL_REPETITIONS

    def _pending_repetitions(self) -> int:
        running = (self.observations[number].params for number in self.numbers("running"))
        return sum(frozenset(params.items()) in self._shown for params in running)

    @property
    def tried(self) -> Tried:
        """The configurations tried or running."""
        return self._tried

    @property
    def scores(self) -> Vector:
        """The objective of every observation, larger is better; NaN if there is none."""
        if self._score_array is None:
            self._score_array = np.array(self._scores, float)
        return self._score_array

    def numbers(self, *outcomes: str) -> list[int]:
        """The observations with one of these outcomes, in order."""
        found = [number for outcome in outcomes for number in self._by_outcome.get(outcome, ())]
        return sorted(found)

    def rows(self, numbers: Sequence[int]) -> Matrix:
        """The codes of some observations, a row each."""
        return stack([self._row(number) for number in numbers], len(self.codes))

    def _row(self, number: int) -> Matrix:
        row = self._rows[number]
        if row is None:
            row = self._rows[number] = self.codes.encode(self.observations[number].params)
        return row

    def telling(self, most: int = MOST_TELLING) -> list[int]:
        """At most so many observations that have a value or are to be avoided.

        The best, the newest to avoid, and the rest spread evenly over the others: what a
        proposal costs grows with their number, what it gains hardly does.
        """
        scores = self.scores
        valued = np.flatnonzero(~np.isnan(scores))
        avoided = self.numbers("avoid")
        if len(valued) + len(avoided) <= most:
            return sorted([*valued.tolist(), *avoided])
        kept_avoided = avoided[-AVOIDED_KEPT:]
        ranked = valued[np.argsort(-scores[valued], kind="stable")]
        best, others = ranked[:BEST_KEPT], np.sort(ranked[BEST_KEPT:])
        room = most - len(best) - len(kept_avoided)
        spread = others[np.unique(np.linspace(0, len(others) - 1, room).astype(int))]
        return sorted([*best.tolist(), *spread.tolist(), *kept_avoided])
