"""Near the best: which hyperparameters decide whether a trial is among the best fifth."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hpsearch.search.memory import memory_study, memory_trials
from hpsearch.search.observation import observe
from hpsearch.spaces import Space
from hpsearch.storage import TrialRecord

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

FEWEST_TRIALS = 10
MOST_TRIALS = 300
GOOD_SHARE = 0.2
RESAMPLES = 20


@dataclass(frozen=True)
class NearBest:
    """How much a hyperparameter decides over being among the best.

    Args:
        share: Its part of what all of them decide together.
        low: Lower end of the 90 % bootstrap interval.
        high: Its upper end.
    """

    share: float
    low: float
    high: float


def near_best(space: Space, records: Sequence[TrialRecord], direction: str) -> dict[str, NearBest]:
    """Conditional PED-ANOVA: how much the best 20 % differ from all trials, by hyperparameter.

    Watanabe et al., PED-ANOVA: Efficiently Quantifying Hyperparameter Importance in Arbitrary
    Subspaces, IJCAI 2023, as implemented in Optuna. It tells what decides among good trials
    where the variance over the whole space is that of the bad ones. The interval comes from 20
    resamples of the trials and is a rough one. At most 300 trials, drawn by lot, are used.

    Args:
        space: The space of the study.
        records: Its trials; only complete ones are used.
        direction: `maximize` or `minimize`.

    Returns:
        By key; empty where nothing can be said.
    """
    generator = np.random.default_rng(0)
    complete = [observe(record) for record in records if record.state == "complete"]
    chosen = generator.permutation(len(complete))[:MOST_TRIALS]
    trials = [complete[at] for at in sorted(chosen)]
    keys = [space.key(parameter) for parameter in space.searched()]
    if len(trials) < FEWEST_TRIALS or not keys or len({trial.value for trial in trials}) == 1:
        return {}
    known = memory_trials(space, trials)
    once = _shares(known, direction, keys)
    again = np.array(
        [
            _shares([known[at] for at in own], direction, keys)
            for own in generator.integers(len(trials), size=(RESAMPLES, len(trials)))
        ]
    )
    low, high = np.quantile(again, [0.05, 0.95], axis=0)
    return {
        key: NearBest(float(share), float(min(share, first)), float(max(share, last)))
        for key, share, first, last in zip(keys, once, low, high, strict=True)
    }


def _shares(trials: Sequence[FrozenTrial], direction: str, keys: Sequence[str]) -> list[float]:
    from optuna.importance import PedAnovaImportanceEvaluator

    evaluator = PedAnovaImportanceEvaluator(target_quantile=GOOD_SHARE)
    with warnings.catch_warnings():
        # A hyperparameter that hardly any trial has says little; its interval shows that.
        warnings.filterwarnings("ignore", "Some regimes for parameter")
        found = evaluator.evaluate(memory_study(trials, direction))
    total = sum(found.values()) or 1.0
    return [found.get(key, 0.0) / total for key in keys]
