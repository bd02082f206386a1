"""Importance: what matters is told from what does not, and what is not known is said."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from hpsearch.analysis.effects import Effect
from hpsearch.analysis.importance import Importance, importance
from hpsearch.analysis.near_best import near_best
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


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_shares_are_those_of_the_variance(direction: str) -> None:
    """The variances of 4u and 2u are 16 : 4, so the shares are 0.8 and 0.2, and nothing else."""
    found = importance(SPACE, trials(SPACE, 200, weighted), direction)
    assert list(found)[:2] == ["a", "b"]
    assert found["a"].share == pytest.approx(0.8, abs=0.08)
    assert found["b"].share == pytest.approx(0.2, abs=0.05)
    assert found["c"].share < 0.01
    assert "e" not in found
    assert found["a"].is_shown
    assert found["b"].is_shown


def test_the_interval_holds_the_share_and_chance_is_below_what_is_shown() -> None:
    """The share lies in its interval, and is_shown means that chance lies outside of it."""
    for own in importance(SPACE, trials(SPACE, 60, weighted, noise=1.0), "maximize").values():
        assert 0 <= own.low <= own.share <= own.high <= 1
        assert own.is_shown == (own.low > own.chance or bool(own.interacts))


def test_what_has_no_effect_is_seldom_called_important() -> None:
    """Of 80 hyperparameters that do nothing at most 9 (5 % expected, binomial p < 0.02)."""
    space = Space(tuple(Float(f"x{i}", 0, 1) for i in range(5)))
    called = 0
    for seed in range(20):
        records = trials(space, 60, lambda p: 3 * p["x0"], noise=0.3, seed=seed)
        found = importance(space, records, "maximize")
        assert found["x0"].is_shown
        called += sum(found[f"x{i}"].is_shown for i in range(1, 5))
    assert called <= 9


def test_too_few_trials_or_all_the_same_value_say_nothing() -> None:
    records = trials(SPACE, 40, weighted)
    assert importance(SPACE, records[:9], "maximize") == {}
    assert importance(SPACE, records[:10], "maximize")
    assert importance(SPACE, trials(SPACE, 40, lambda _: 0.5, noise=0), "maximize") == {}
    assert importance(Space((Fixed("e", 3),)), records, "maximize") == {}


def test_pruned_running_and_broken_trials_say_nothing() -> None:
    records = trials(SPACE, 60, weighted)
    params = {"a": 1, "b": 0, "c": 1, "d": "x"}
    others = [
        TrialRecord(60, "pruned", params=params, value=99.0),
        TrialRecord(61, "failed", params=params, failure="error"),
        TrialRecord(62, "running", params=params),
    ]
    assert importance(SPACE, [*records, *others], "maximize") == importance(
        SPACE, records, "maximize"
    )


def test_diverged_trials_count_like_the_worst() -> None:
    """A hyperparameter that decides over divergence only is seen to matter."""
    space = Space((Float("rate", 0, 1), Float("idle", 0, 1)))
    records = trials(space, 60, lambda _: 0.5)
    records = [
        TrialRecord(r.number, "failed", params=r.params, failure="diverged")
        if r.params["rate"] > 0.7
        else r
        for r in records
    ]
    found = importance(space, records, "maximize")
    assert found["rate"].is_shown
    assert found["rate"].share > 0.2


def test_a_conditional_hyperparameter_is_judged_where_it_is_in_use() -> None:
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
    records = trials(space, 120, lambda p: 4 * p.get("momentum", 0.5))
    found = importance(space, records, "maximize")
    assert next(iter(found)) == "momentum"
    assert found["momentum"].share > 0.8
    used = sum("momentum" in record.params for record in records)
    assert found["momentum"].num_trials == found["nesterov"].num_trials == used
    assert not found["rate"].is_shown


def test_an_interaction_is_found_where_neither_has_an_effect_alone() -> None:
    """The product of two centred hyperparameters has no main effects at all."""
    space = Space(tuple(Float(f"x{i}", 0, 1) for i in range(4)))
    records = trials(space, 80, lambda p: 10 * (p["x0"] - 0.5) * (p["x1"] - 0.5))
    found = importance(space, records, "maximize")
    assert set(found["x0"].interacts) == {"x1"}
    assert set(found["x1"].interacts) == {"x0"}
    assert found["x0"].is_shown
    assert "together with x1" in found["x0"].words


def test_without_an_interaction_none_is_reported() -> None:
    found = importance(SPACE, trials(SPACE, 60, weighted), "maximize")
    assert not any(own.interacts for own in found.values())


def test_a_hyperparameter_that_can_never_be_active_is_left_out() -> None:
    space = Space((*SPACE, Float("never", 0, 1, conditions=(Condition("d", ("w",)),))))
    assert "never" not in importance(space, trials(space, 60, weighted), "maximize")


def test_trials_before_a_hyperparameter_was_discovered_count_for_the_others() -> None:
    records = [
        TrialRecord(
            r.number,
            "complete",
            params={k: v for k, v in r.params.items() if k != "c" or r.number > 30},
            value=r.value,
        )
        for r in trials(SPACE, 80, weighted)
    ]
    found = importance(SPACE, records, "maximize")
    assert next(iter(found)) == "a"
    assert found["c"].num_trials == 49


def test_a_thousand_trials_are_judged_by_a_fair_part_of_them() -> None:
    found = importance(SPACE, trials(SPACE, 1200, weighted), "maximize")
    assert found["a"].share == pytest.approx(0.8, abs=0.06)
    assert not found["c"].is_shown


def test_the_number_of_trials_that_would_tell_puts_the_interval_beyond_chance() -> None:
    """A share of 0.02 that begins at 0, chance 0.06, with 60 trials.

    At 320 trials chance gives 0.06 · 60 / 320 = 0.01125, and the interval begins at
    0.02 - 0.02 · √(60 / 320) = 0.01134; at 310 trials these are 0.0116 and 0.0112.
    """
    assert Effect(0.02, 0, 0.05, 0.06, 0.2).more_trials(60) == 260
    assert Effect(0.0, 0, 0.05, 0.03, 0.2).more_trials(60) == 260, "looked for as 0.01"
    assert Effect(0.0, 0, 0.01, 0.008, 0.2).more_trials(60) == 0


def test_the_words_say_what_is_known_and_what_is_not() -> None:
    shown = Importance("a", 0.41, 0.29, 0.55, 0.05, 0.005, {}, 60, None)
    assert shown.words == "matters (share 0.41, 0.29–0.55)"
    unknown = Importance("b", 0.03, 0.0, 0.08, 0.06, 0.2, {}, 60, 60)
    assert unknown.words == (
        "not shown to matter (share 0.03, chance alone gives up to 0.06); "
        "about 60 more trials would tell"
    )


def test_near_the_best_another_hyperparameter_decides() -> None:
    """PED-ANOVA gives shares of 1 together, with an interval round each."""
    space = Space((Float("a", 0, 1), Float("b", 0, 1)))
    found = near_best(space, trials(space, 60, lambda p: 4 * p["a"]), "maximize")
    assert sum(own.share for own in found.values()) == pytest.approx(1)
    assert found["a"].share > found["b"].share
    assert all(own.low <= own.share <= own.high for own in found.values())
    assert near_best(space, [], "maximize") == {}


def test_near_the_best_a_hyperparameter_that_hardly_any_trial_has_is_no_trouble() -> None:
    """Where resamples hold one trial that has it, or none, Optuna warns; nobody can act on that."""
    kind = Choice("kind", ("x", "y"))
    b = Float("b", 0, 1, conditions=(Condition("kind", ("x",)),))
    whole = Space((Float("a", 0, 1), kind, b))
    records = trials(whole, 40, lambda p: 4 * p["a"])
    few = [r for r in records if "b" not in r.params][:30] + [
        r for r in records if "b" in r.params
    ][:2]
    assert near_best(whole, few, "maximize")["a"].share > 0.5


def test_the_same_trials_give_the_same_importance() -> None:
    records = trials(SPACE, 30, weighted)
    once, again = (importance(SPACE, records, "maximize") for _ in range(2))
    assert once == again
    assert np.isfinite([own.share for own in once.values()]).all()
