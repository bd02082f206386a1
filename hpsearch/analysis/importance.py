"""Importance: which hyperparameters decide whether a trial is among the good ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hpsearch.analysis.comparable import comparable
from hpsearch.search.memory import memory_study
from hpsearch.search.observation import Observation, most_telling
from hpsearch.spaces import Space
from hpsearch.storage import StudyView, TrialRecord

FEWEST_TRIALS = 10
GOOD_SHARE = 0.2


def importance_of(view: StudyView) -> dict[str, float]:
    """Importance of every searched hyperparameter of a study.

    Returns:
        Key of the hyperparameter → share of the importance, together 1, largest first. Empty
        with fewer than 10 completed trials, where nothing can be said.
    """
    return importance(Space.from_json(view.space), view.trials, view.direction)


def importance(space: Space, records: Sequence[TrialRecord], direction: str) -> dict[str, float]:
    """Conditional PED-ANOVA: how much the best 20 % differ from all trials, by hyperparameter.

    Watanabe et al., PED-ANOVA: Efficiently Quantifying Hyperparameter Importance in Arbitrary
    Subspaces, IJCAI 2023, as implemented in Optuna.

    Args:
        space: The space of the study.
        records: Its trials, compared as `comparable` does.
        direction: `maximize` or `minimize`.

    Returns:
        As `importance_of`.
    """
    divergences = _divergences(space, _completed(records), direction)
    total = sum(divergences.values()) or 1.0
    shares = {key: value / total for key, value in divergences.items()}
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def chance_of(
    space: Space, records: Sequence[TrialRecord], direction: str, *, shuffles: int = 39
) -> dict[str, float]:
    """How often pure chance would make each hyperparameter look as important as it does.

    The objectives are shuffled among the trials, which leaves no hyperparameter with an effect,
    and the importance is computed again. The share of the shuffles, the observed order counted
    as one of them, that give a hyperparameter at least its importance is its p-value
    (Phipson & Smyth, Permutation P-values Should Never Be Zero, 2010).

    Args:
        space: The space of the study.
        records: Its trials, compared as `comparable` does.
        direction: `maximize` or `minimize`.
        shuffles: Number of shuffles; the smallest possible result is 1 / (shuffles + 1).

    Returns:
        Key of the hyperparameter → p-value in (0, 1]. Empty where `importance` is.
    """
    completed = _completed(records)
    observed = _divergences(space, completed, direction)
    generator = np.random.default_rng(0)
    exceeded = dict.fromkeys(observed, 1)
    for _ in range(shuffles if observed else 0):
        order = generator.permutation(len(completed))
        shuffled = [
            replace(observation, value=completed[at].value)
            for observation, at in zip(completed, order, strict=True)
        ]
        for key, divergence in _divergences(space, shuffled, direction).items():
            exceeded[key] += divergence >= observed[key]
    return {key: count / (shuffles + 1) for key, count in exceeded.items()}


def _completed(records: Sequence[TrialRecord]) -> list[Observation]:
    return list(comparable(records).observations)


def _divergences(
    space: Space, completed: Sequence[Observation], direction: str
) -> dict[str, float]:
    """The Pearson divergence of the best trials from all, by key; empty if nothing can be said."""
    searched = [space.key(parameter) for parameter in space.searched()]
    if len(completed) < FEWEST_TRIALS or not searched or _all_equal(completed):
        return {}
    from optuna.importance import PedAnovaImportanceEvaluator

    study = memory_study(space, most_telling(completed, direction), direction)
    evaluator = PedAnovaImportanceEvaluator(target_quantile=GOOD_SHARE)
    found = evaluator.evaluate(study)  # not shares of their sum: those hide what all gain
    return {key: found.get(key, 0.0) for key in searched}


def _all_equal(observations: Sequence[Observation]) -> bool:
    return len({observation.value for observation in observations}) <= 1
