"""What another round of fine can be expected to gain, against what seeds alone change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hpsearch.search import Observation
from hpsearch.search.belief import Belief
from hpsearch.search.believer import Believer
from hpsearch.search.codes import Codes, stack
from hpsearch.search.knowledge import Knowledge
from hpsearch.search.threads import one_thread
from hpsearch.spaces import Space

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

FEWEST = 10  # completed trials below which a model of the objective says nothing
CANDIDATES = 200  # from all over the space, and as many near the leaders
LEADERS = 8
DRAWS = 400
MOST_AT_ONCE = 100


class Prospect(NamedTuple):
    """What a study lets expect of another one over a narrowed space.

    Args:
        gain: Expected improvement of the best configuration of another round over the best
            estimated mean, in the unit of the objective; never negative.
        noise: Standard deviation between repetitions of one configuration, in the same unit.
    """

    gain: float
    noise: float

    @property
    def pays(self) -> bool:
        """Whether the gain exceeds the noise."""
        return self.gain > self.noise


def prospect_of(
    space: Space,
    observations: Sequence[Observation],
    direction: str,
    narrowed: Space,
    trials: int,
) -> Prospect | None:
    """What another round is expected to gain, told by a Gaussian process over the last one.

    The expected improvement of the best of as many configurations as a round has trials, over
    the best estimated mean (not the best value, which was lucky). What came before the last
    round is left out on purpose: decision 0024.

    Args:
        space: What varied in the last round.
        observations: Its trials.
        direction: `maximize` or `minimize`.
        narrowed: What the next round would search.
        trials: How many trials it would have.

    Returns:
        The prospect; None if too few trials were completed to tell.
    """
    knowledge = Knowledge(space, direction)
    knowledge.update(observations)
    complete = [n for n in knowledge.numbers("complete") if not math.isnan(knowledge.scores[n])]
    if len(complete) < FEWEST or not knowledge.codes.searched.any():
        return None
    with one_thread():
        belief = Believer(knowledge, direction).belief()
        if belief is None or belief.warp is None:
            return None
        gain = _gain_of_a_round(belief, Codes(narrowed), trials) if narrowed.searched() else 0.0
        noise = math.sqrt(belief.noise)
        best = belief.best
        at_best, with_gain, with_noise = belief.warp.inverse(
            np.array([best, best + gain, best + noise])
        )
    return Prospect(float(with_gain - at_best), float(with_noise - at_best))


def _gain_of_a_round(belief: Belief, narrowed: Codes, trials: int) -> float:
    """The expected improvement of the most promising configurations, on the model's scale."""
    generator = np.random.default_rng(0)
    near = _near_leaders(belief, narrowed, generator)
    rows = _as_known(belief, narrowed, np.vstack([narrowed.random(CANDIDATES, generator), near]))
    promising = np.argsort(-belief.improvement(rows), kind="stable")[: min(trials, MOST_AT_ONCE)]
    return belief.joint_improvement(rows[promising], DRAWS, generator)


def _near_leaders(belief: Belief, narrowed: Codes, generator: np.random.Generator) -> Matrix:
    """The leaders and variations of them, inside the narrowed space."""
    knowledge = belief.knowledge
    leaders = [knowledge.observations[n].params for n in belief.leading_trials(LEADERS)]
    encoded = stack([narrowed.encode(params) for params in leaders], len(narrowed))
    rows = narrowed.inside(encoded, generator)
    copies = np.repeat(rows, CANDIDATES // max(len(rows), 1), 0)
    return np.vstack([rows, narrowed.mutated(copies, generator)])


def _as_known(belief: Belief, narrowed: Codes, rows: Matrix) -> Matrix:
    """Rows of the narrowed space as the model of the wider one knows them."""
    codes = belief.knowledge.codes
    return stack([codes.encode(narrowed.decode(row)) for row in rows], len(codes))
