"""Importance: what matters is told from what does not."""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from hpsearch.analysis.importance import chance_of, importance
from hpsearch.search import make_sampler
from hpsearch.spaces import Boolean, Choice, Condition, Fixed, Float, Int, Space
from hpsearch.storage import TrialRecord

SPACE = Space(
    (
        Float("c", 0, 1),
        Float("a", 1e-4, 1, sampling="log"),
        Choice("d", ("x", "y", "z")),
        Int("b", 0, 100),
        Fixed("e", 3),
    )
)


def trials(
    space: Space,
    number: int,
    evaluate: Callable[[Mapping[str, Any]], float],
    noise: float = 0.1,
    seed: int = 0,
) -> list[TrialRecord]:
    """Random trials with normal noise."""
    normal = random.Random(seed)
    sampler = make_sampler("random", space, seed=seed)
    records = []
    for index in range(number):
        proposal = sampler.propose(index)
        params = proposal.params if proposal else {}
        value = evaluate(params) + normal.gauss(0, noise)
        records.append(TrialRecord(index, "complete", params=params, value=value))
    return records


def weighted(params: Mapping[str, Any]) -> float:
    """4 times the place of a on its scale, 2 times that of b, nothing of c and d."""
    return 4 * (math.log10(params["a"]) / 4 + 1) + 2 * params["b"] / 100


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_what_matters_ranks_first_and_what_does_not_last(seed: int, direction: str) -> None:
    shares = importance(SPACE, trials(SPACE, 200, weighted, seed=seed), direction)
    assert list(shares)[:2] == ["a", "b"]
    assert shares["a"] > 0.5
    assert shares["c"] + shares["d"] < 0.15
    assert sum(shares.values()) == pytest.approx(1)
    assert "e" not in shares


def test_too_few_trials_or_all_the_same_value_say_nothing() -> None:
    records = trials(SPACE, 40, weighted)
    assert importance(SPACE, records[:9], "maximize") == {}
    assert importance(SPACE, records[:10], "maximize")
    assert importance(SPACE, trials(SPACE, 40, lambda _: 0.5, noise=0), "maximize") == {}
    assert importance(Space((Fixed("e", 3),)), records, "maximize") == {}


def test_only_completed_trials_are_used() -> None:
    records: Sequence[TrialRecord] = trials(SPACE, 60, weighted)
    others = [
        TrialRecord(60 + i, state, params={"a": 1, "b": 0, "c": 1, "d": "x"}, value=value)
        for i, (state, value) in enumerate([("pruned", 99.0), ("failed", None), ("running", None)])
        for state in [state]
    ]
    assert importance(SPACE, [*records, *others], "maximize") == importance(
        SPACE, records, "maximize"
    )


def test_conditional_hyperparameters_have_their_share() -> None:
    """Momentum decides everything where it exists, half of the trials; nothing else matters."""
    sgd = (Condition("optimizer", ("sgd",)),)
    space = Space(
        (
            Choice("optimizer", ("adam", "sgd")),
            Float("momentum", 0, 1, conditions=sgd),
            Boolean("nesterov", conditions=sgd),
            Float("rate", 0, 1),
        )
    )
    records = trials(space, 200, lambda p: 4 * p.get("momentum", 0.5))
    shares = importance(space, records, "maximize")
    assert set(shares) == {"optimizer", "momentum", "nesterov", "rate"}
    assert sum(shares.values()) == pytest.approx(1)
    assert all(share >= 0 for share in shares.values())
    assert shares["momentum"] > max(shares["nesterov"], shares["rate"])


def test_a_hyperparameter_that_can_never_be_active_is_left_out() -> None:
    space = Space((*SPACE, Float("never", 0, 1, conditions=(Condition("d", ("w",)),))))
    shares = importance(space, trials(space, 100, weighted), "maximize")
    assert "never" not in shares
    assert sum(shares.values()) == pytest.approx(1)


def test_trials_before_a_hyperparameter_was_discovered_count_for_the_others() -> None:
    records = [
        TrialRecord(
            r.number,
            "complete",
            params={k: v for k, v in r.params.items() if k != "c" or r.number > 30},
            value=r.value,
        )
        for r in trials(SPACE, 120, weighted)
    ]
    shares = importance(SPACE, records, "maximize")
    assert next(iter(shares)) == "a"
    assert shares["c"] < 0.15


def test_chance_does_not_explain_what_matters_and_does_explain_the_rest() -> None:
    """Over ten studies of 60 trials: a is always beyond chance, c and d about one time in 20."""
    found = [
        chance_of(SPACE, trials(SPACE, 60, weighted, seed=seed), "maximize", shuffles=19)
        for seed in range(10)
    ]
    assert all(chances["a"] == pytest.approx(1 / 20) for chances in found)
    irrelevant = [chances[name] for chances in found for name in ("c", "d")]
    assert sum(chance <= 0.05 for chance in irrelevant) <= 4  # binomial: more in 0.3 % of cases
    assert all(0 < chance <= 1 for chance in irrelevant)


def test_chance_is_empty_where_importance_is_and_the_same_every_time() -> None:
    records = trials(SPACE, 30, weighted)
    assert chance_of(SPACE, records[:9], "maximize") == {}
    once = chance_of(SPACE, records, "maximize", shuffles=9)
    assert once == chance_of(SPACE, records, "maximize", shuffles=9)
    assert set(once) == {"a", "b", "c", "d"}
