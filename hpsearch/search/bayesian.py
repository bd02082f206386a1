"""Bayesian search: the tree-structured Parzen estimator over what earlier trials showed.

Bergstra et al., Algorithms for Hyper-Parameter Optimization, NIPS 2011; multivariate form of
Falkner et al., BOHB, ICML 2018, as implemented in Optuna.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpsearch.search.encoding import decode, suggest
from hpsearch.search.memory import memory_study
from hpsearch.search.observation import Observation, most_telling
from hpsearch.search.samplers import RandomSampler, Sampler
from hpsearch.search.seeding import derive_seed
from hpsearch.spaces import Parameter, Space, Value

if TYPE_CHECKING:
    from optuna.samplers import TPESampler

STARTUP_TRIALS = 10


class BayesianSampler(Sampler):
    """Proposes where good trials are dense and bad ones are not; the first ten are random."""

    def __init__(self, space: Space, *, seed: int = 0, direction: str = "maximize") -> None:
        super().__init__(space, seed=seed, direction=direction)
        self._random = RandomSampler(space, seed=seed, direction=direction)

    def draw(
        self, index: int, observations: Sequence[Observation], attempt: int
    ) -> dict[str, Value]:
        ended = [o for o in observations if o.outcome in ("complete", "pruned", "avoid")]
        if len(ended) < STARTUP_TRIALS or attempt > 2 or not self.space.searched():
            return self._random.draw(index, observations, attempt)
        return self._draw_by_model(index, observations, attempt)

    def _draw_by_model(
        self, index: int, observations: Sequence[Observation], attempt: int
    ) -> dict[str, Value]:
        seed = derive_seed(self.seed, index, "model", attempt)
        sampler = _parzen_estimator(seed, any(parameter.conditions for parameter in self.space))
        telling = most_telling(observations, self.direction)
        study = memory_study(self.space, telling, self.direction, sampler)
        trial = study.ask()

        def pick(parameter: Parameter) -> Value:
            if parameter.num_values == 1:
                return parameter.value_at(0)
            key = self.space.key(parameter)
            return decode(parameter, suggest(trial, key, parameter))

        return self.space.choose(pick)


def _parzen_estimator(seed: int, conditional: bool) -> TPESampler:
    from optuna.exceptions import ExperimentalWarning
    from optuna.samplers import TPESampler

    with warnings.catch_warnings():
        # What is active together is modelled together: `group` is said to be experimental.
        warnings.simplefilter("ignore", ExperimentalWarning)
        return TPESampler(
            n_startup_trials=STARTUP_TRIALS,
            multivariate=True,
            group=conditional,
            constant_liar=True,
            seed=seed,
        )
