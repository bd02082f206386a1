"""All stages of a search within one budget: explore, refine, confirm.

For functions that cost the same every time, where shorter trials are not to be had; with
training to shorten, the stages are studies of their own (`hpsearch.stages`).
"""

from __future__ import annotations

from typing import Unpack

from hpsearch.search.bayesian import BayesianSampler
from hpsearch.search.samplers import Proposal, SamplerOptions
from hpsearch.search.threads import one_thread
from hpsearch.spaces import Space

CONFIRM_SHARE = 0.15
CONTENDERS = 20


class CoarseToFineSampler(BayesianSampler):
    """Fills the space, then narrows down by a model, then repeats the leaders.

    The last 15 % of the budget go to repetitions of the leaders if the objective is noisy: the
    best of many noisy values is more often lucky than good.

    Args:
        space: What may vary.
        trials: The budget.
        **options: As for every sampler.
    """

    def __init__(self, space: Space, *, trials: int, **options: Unpack[SamplerOptions]) -> None:
        super().__init__(space, **options)
        self._confirm_from = trials - int(CONFIRM_SHARE * trials)

    def next_proposal(self, index: int) -> Proposal | None:
        if index >= self._confirm_from:
            with one_thread():
                belief = self.belief()
                again = self.best_replicate(belief, CONTENDERS) if belief is not None else None
            if again is not None:
                return again[1]
        return super().next_proposal(index)
