"""Bayesian search: a Gaussian process says where an improvement is likely.

The next trial has the largest augmented expected improvement (Huang et al., Global Optimization
of Stochastic Black-Box Systems via Sequential Kriging Meta-Models, 2006): what it promises over
the best estimated mean, less where noise hides what it would show. Where seeds make trials
noisy this can be a configuration already tried: a deliberate repetition.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

import numpy as np

from hpsearch.search.belief import Belief
from hpsearch.search.believer import Believer
from hpsearch.search.observation import Observation
from hpsearch.search.samplers import Proposal, Sampler, SamplerOptions, SobolSampler
from hpsearch.search.seeding import derive_seed
from hpsearch.search.threads import one_thread
from hpsearch.spaces import Space

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Vector = NDArray[np.float64]

STARTUP_TRIALS = 10
CANDIDATES = 200
LEADERS = 8
CLIMBS = 3
CHECKED = 30  # candidates compared with what was tried before giving up
FEWEST_TO_REPLICATE = 15
LEAST_NOISE = 1e-3  # of the variance among trials, below which a repetition shows nothing new


class BayesianSampler(Sampler):
    """Proposes what promises most; the first ten trials fill the space.

    Args:
        space: What may vary.
        replicates: Whether a configuration may be repeated on purpose.
        prior: What an earlier stage showed, with other epochs or data: where to begin, and
            what to expect where nothing has been tried yet.
        **options: As for every sampler.
    """

    in_any_order = False

    def __init__(
        self,
        space: Space,
        *,
        replicates: bool = True,
        prior: Sequence[Observation] = (),
        **options: Unpack[SamplerOptions],
    ) -> None:
        super().__init__(space, **options)
        self.replicates = replicates
        self._start = SobolSampler(space, seed=self.seed)
        self._start.knowledge = self.knowledge
        self._believer = Believer(self.knowledge, self.direction, prior)

    def next_proposal(self, index: int) -> Proposal | None:
        with one_thread():
            return self._next_proposal(index)

    def _next_proposal(self, index: int) -> Proposal | None:
        belief = self.belief()
        if belief is None or belief.num_trials < STARTUP_TRIALS:
            return self._start.next_proposal(index)
        generator = np.random.default_rng(derive_seed(self.seed, index, "model"))
        fresh = self._best_new(belief, generator)
        again = self.best_replicate(belief, LEADERS) if self.replicates else None
        if again is not None and (fresh is None or again[0] > fresh[0]):
            return again[1]
        return super().next_proposal(index) if fresh is None else fresh[1]

    def _best_new(
        self, belief: Belief, generator: np.random.Generator
    ) -> tuple[float, Proposal] | None:
        """The most promising configuration not tried yet, and its promise."""
        rows = self._candidates(belief, generator)
        promises = belief.promise(rows)
        rows, promises = self._climb(belief, rows, promises, generator)
        for at in np.argsort(-promises, kind="stable")[:CHECKED]:
            params = self.knowledge.codes.decode(rows[at])
            if not self.knowledge.is_tried(params):
                return float(promises[at]), Proposal(params)
        return None

    def _candidates(self, belief: Belief, generator: np.random.Generator) -> Matrix:
        """Rows from all over the space, and variations of the leaders."""
        codes = self.knowledge.codes
        leaders = belief.leaders(LEADERS, generator)
        anywhere = codes.random(CANDIDATES // 2, generator)
        if not len(leaders):
            return anywhere
        near = np.repeat(leaders, CANDIDATES // (2 * len(leaders)), 0)
        return np.vstack([anywhere, codes.mutated(near, generator)])

    def _climb(
        self, belief: Belief, rows: Matrix, promises: Vector, generator: np.random.Generator
    ) -> tuple[Matrix, Vector]:
        """The candidates with the neighbours met on the way up from the best one."""
        for _ in range(CLIMBS):
            best = int(np.argmax(promises))
            near = self.knowledge.codes.neighbours(rows[best], generator)
            if not len(near):
                break
            found = belief.promise(near)
            higher = found.max() > promises[best]
            rows, promises = np.vstack([rows, near]), np.r_[promises, found]
            if not higher:
                break
        return rows, promises

    def belief(self) -> Belief | None:
        """What is known now; None if no trial has an objective or nothing is searched."""
        return self._believer.belief() if self.knowledge.codes.searched.any() else None

    def best_replicate(self, belief: Belief, contenders: int) -> tuple[float, Proposal] | None:
        """The leader whose repetition promises most, and its promise.

        Args:
            belief: What is known now.
            contenders: How many leaders are considered.

        Returns:
            None where repetitions show nothing new or too little is known.
        """
        if belief.num_trials < FEWEST_TO_REPLICATE or belief.noise < LEAST_NOISE:
            return None
        if not self.knowledge.may_repeat():
            return None
        numbers = belief.leading_trials(contenders)
        if not numbers:
            return None
        rows = self.knowledge.rows(numbers)
        promises = belief.promise(rows)
        at = int(np.argmax(promises))
        params = self.knowledge.codes.decode(rows[at])
        return float(promises[at]), Proposal(params, replicate_of=numbers[at])
