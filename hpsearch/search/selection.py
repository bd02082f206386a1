"""Which of the tried configurations is best, told by estimated means instead of lucky values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from hpsearch.search.believer import Believer
from hpsearch.search.knowledge import Knowledge
from hpsearch.search.observation import Observation
from hpsearch.search.threads import one_thread
from hpsearch.spaces import Space

FEWEST = 8  # completed trials below which the best value decides


class Estimate(NamedTuple):
    """A tried configuration with the mean to be expected of it.

    Args:
        number: Position of the first completed trial with it.
        mean: Estimated mean of the objective, in its own unit.
    """

    number: int
    mean: float


def estimated_best(
    space: Space, observations: Sequence[Observation], direction: str, count: int = 1
) -> list[Estimate]:
    """The configurations of the best estimated means, best first.

    The estimate is that of a Gaussian process over all trials: it draws a value towards those
    of similar configurations and of repetitions, the more the noisier trials are.

    Args:
        space: What varied.
        observations: The trials; only completed ones can be best.
        direction: `maximize` or `minimize`.
        count: How many configurations.
    """
    knowledge = Knowledge(space, direction)
    knowledge.update(observations)
    sign = 1.0 if direction == "maximize" else -1.0
    complete = [n for n in knowledge.numbers("complete") if not np.isnan(knowledge.scores[n])]
    belief = None
    if len(complete) >= FEWEST and knowledge.codes.searched.any():
        with one_thread():
            belief = Believer(knowledge, direction).belief()
    if belief is None or belief.warp is None:
        ranked = sorted(complete, key=lambda n: -knowledge.scores[n])[:count]
        return [Estimate(n, sign * float(knowledge.scores[n])) for n in ranked]
    with one_thread():
        numbers = belief.leading_trials(count)
        means = belief.warp.inverse(np.array([belief.means[number] for number in numbers]))
    return [Estimate(n, sign * float(mean)) for n, mean in zip(numbers, means, strict=True)]
