"""Narrowing: what is kept, shrunk, widened, dropped and fixed, and on how much evidence."""

from __future__ import annotations

import json
import math
import random
import statistics
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.narrowing_quality import CLOSE, simulate, volume
from hpsearch.errors import InputError, SpaceError
from hpsearch.search import make_sampler
from hpsearch.spaces import Boolean, Choice, Condition, Fixed, Float, Int, Overrides, Space
from hpsearch.stages.narrow import narrow, narrow_space
from hpsearch.stages.narrow_settings import NarrowSettings
from hpsearch.stages.narrowing import NarrowedSpace
from hpsearch.storage import RunDirectory, StudyView, TrialRecord

SPACE = Space(
    (
        Float("learning_rate", 1e-5, 1e-1, sampling="log"),
        Int("layers", 1, 8),
        Choice("activation", ("relu", "tanh", "sigmoid")),
        Boolean("batch_norm"),
        Float("nothing", 0.0, 1.0),
    )
)


def study(
    space: Space, score: Callable[[Mapping[str, Any]], float], num_trials: int, seed: int = 1
) -> StudyView:
    """A study of random trials with these scores."""
    sampler = make_sampler("random", space, seed=seed)
    trials = []
    for index in range(num_trials):
        proposal = sampler.propose(index)
        params = proposal.params if proposal else {}
        trials.append(TrialRecord(index, "complete", params=params, value=score(params)))
    facts = {"stage": "coarse", "identity": {"objective": "val_accuracy", "direction": "maximize"}}
    return StudyView(RunDirectory(Path("none")), facts, space.to_json(), tuple(trials))


def score(params: Mapping[str, Any]) -> float:
    """Best at learning rate 10⁻³ with ReLU; nothing else matters."""
    distance = math.log10(params["learning_rate"]) + 3
    return -(distance**2) - 3.0 * (params["activation"] != "relu")


def decisions(narrowed: NarrowedSpace) -> dict[str, str]:
    """Decision by hyperparameter."""
    return {decision.name: decision.decision for decision in narrowed.decisions}


def test_under_15_trials_everything_is_kept_and_the_missing_number_said() -> None:
    """Fourteen trials are no evidence; one more would allow to shrink."""
    narrowed = narrow(study(SPACE, score, 14))
    assert set(decisions(narrowed).values()) == {"keep"}
    assert "1 more would allow to shrink" in narrowed.note
    assert "36 more to drop" in narrowed.note
    assert "86 more to fix" in narrowed.note


def test_under_50_trials_nothing_is_fixed_or_dropped() -> None:
    """Forty-nine trials may shrink and widen only."""
    narrowed = narrow(study(SPACE, score, 49))
    assert set(decisions(narrowed).values()) <= {"keep", "shrink", "widen"}
    assert "1 more would allow to drop" in narrowed.note


def test_with_enough_trials_the_range_shrinks_round_the_optimum() -> None:
    """The learning rate is cut on both sides, and 10⁻³ stays inside."""
    narrowed = narrow(study(SPACE, score, 120))
    rate = narrowed.space.named("learning_rate")[0]
    assert isinstance(rate, Float)
    assert 1e-5 < rate.low < 1e-3 < rate.high < 1e-1
    assert decisions(narrowed)["learning_rate"] == "shrink"


def test_choices_that_are_never_good_are_dropped() -> None:
    """Only ReLU is left of the activations; a single choice is fixed."""
    narrowed = narrow(study(SPACE, score, 120))
    assert narrowed.space.named("activation")[0] == Fixed("activation", "relu")


def noisy(params: Mapping[str, Any], noise: float = 0.5) -> float:
    """The score with normal noise, the same for the same configuration."""
    text = json.dumps(dict(params), sort_keys=True)
    return score(params) + random.Random(text).gauss(0, noise)


def test_what_matters_is_never_fixed_and_what_is_fixed_was_not_shown_to_matter() -> None:
    """Of nine idle hyperparameters some are fixed, each at a value it had, with its price."""
    fixed = 0
    for seed in range(3):
        narrowed = narrow(study(SPACE, noisy, 120, seed))
        assert decisions(narrowed)["learning_rate"] == "shrink"
        for decision in narrowed.decisions:
            if decision.decision == "fix" and decision.name != "activation":
                fixed += 1
                assert "not shown to matter" in decision.reason
                assert decision.evidence["price_of_fixing"] <= decision.evidence["noise"] / 2
    assert fixed >= 1


def test_what_is_not_shown_to_matter_on_few_trials_is_kept_whole() -> None:
    """At 30 trials nothing says where an idle hyperparameter is good; so it stays."""
    narrowed = narrow(study(SPACE, noisy, 30))
    for decision in narrowed.decisions:
        if decision.importance is not None and not decision.importance.is_shown:
            assert decision.decision == "keep"
            assert decision.before == decision.after


def test_the_optimum_is_contained_and_most_of_the_space_is_not() -> None:
    """Six cones at 60 noisy trials: five must be contained (at 90 % each, p > 0.88)."""
    outcomes = [simulate("cone", 0.3, seed) for seed in range(6)]
    assert sum(outcome.loss <= CLOSE for outcome in outcomes) >= 5
    assert statistics.median(outcome.shrinkage for outcome in outcomes) >= 6


def test_a_larger_risk_cuts_more() -> None:
    """The volume left falls with the risk allowed."""
    view = study(SPACE, lambda params: noisy(params, 1.5), 60)
    shares = [
        volume(SPACE, narrow(view, settings=NarrowSettings(risk=risk)).space)
        for risk in (0.01, 0.2)
    ]
    assert shares[1] < shares[0]


def test_what_a_user_keeps_or_fixes_is_kept_and_fixed() -> None:
    """Whatever the trials say; what is fixed need not be the best."""
    settings = NarrowSettings(keep=("learning_rate",), fix=Overrides(fixed={"activation": "tanh"}))
    narrowed = narrow(study(SPACE, score, 60), settings=settings)
    rate, activation = (narrowed.space.named(n)[0] for n in ("learning_rate", "activation"))
    assert (rate.low, rate.high) == (1e-5, 1e-1)  # type: ignore[attr-defined]
    assert activation == Fixed("activation", "tanh")
    reasons = {decision.name: decision.reason for decision in narrowed.decisions}
    assert reasons["learning_rate"] == "asked for with --keep"
    assert reasons["activation"] == "asked for with --fix"
    assert narrowed.to_json()["settings"]["keep"] == ["learning_rate"]


def test_a_name_that_is_not_there_is_refused() -> None:
    with pytest.raises(SpaceError, match="No hyperparameter 'learning'"):
        narrow(study(SPACE, score, 20), settings=NarrowSettings(keep=("learning",)))
    with pytest.raises(InputError, match="both --keep and --fix"):
        NarrowSettings(keep=("x",), fix=Overrides(fixed={"x": "1"}))
    with pytest.raises(InputError, match="--risk is 2"):
        NarrowSettings(risk=2)


def test_protection_against_overfitting_is_kept_after_short_trials_only() -> None:
    """Five epochs reward little dropout, whatever forty will; trials of unknown length do not."""
    space = Space((Float("dropout", 0.0, 0.8), Float("rate", 0.0, 1.0)))
    view = study(space, lambda p: -5 * p["dropout"] - (p["rate"] - 0.5) ** 2, 60)
    assert decisions(narrow_space(space, view.trials, "maximize"))["dropout"] == "shrink"
    kept = narrow_space(space, view.trials, "maximize", short_epochs=5)
    reason = next(d.reason for d in kept.decisions if d.name == "dropout")
    assert decisions(kept)["dropout"] == "keep"
    assert "trials of 5 epochs show too little" in reason


def test_what_a_narrowed_parent_leaves_unreachable_is_said() -> None:
    """Momentum belongs to sgd, which is far worse and dropped."""
    sgd = (Condition("optimizer", ("sgd",)),)
    space = Space((Choice("optimizer", ("adam", "sgd")), Float("momentum", 0, 1, conditions=sgd)))
    narrowed = narrow(study(space, lambda p: -float(p["optimizer"] == "sgd"), 60))
    assert narrowed.space.named("optimizer")[0] == Fixed("optimizer", "adam")
    assert "Not searched any more" in narrowed.note
    assert "momentum" in narrowed.note


def test_hyperparameters_that_interact_are_said_to_be_taken_jointly() -> None:
    """A ridge along the diagonal: both are cut together, or not at all."""
    space = Space(tuple(Float(f"x{i}", 0, 1) for i in range(3)))
    view = study(space, lambda p: -20 * (p["x0"] + p["x1"] - 0.6) ** 2 - 2 * p["x0"], 80)
    narrowed = narrow(view)
    importance = {d.name: d.importance for d in narrowed.decisions}
    assert importance["x0"] is not None
    assert "x1" in importance["x0"].interacts
    assert any("taken jointly with" in decision.reason for decision in narrowed.decisions)


def edge(params: Mapping[str, Any]) -> float:
    """The larger the learning rate the better."""
    return math.log10(float(params["learning_rate"]))


def test_a_best_at_the_edge_widens_the_range_within_the_limits() -> None:
    """Beyond the declared end, never beyond the limit the space states."""
    view = study(SPACE, edge, 60)
    narrowed = narrow(view, {"learning_rate": (1e-6, 0.2)})
    rate = narrowed.space.named("learning_rate")[0]
    assert isinstance(rate, Float)
    assert "the lower end was cut to" in narrowed.decisions[0].reason
    assert rate.high == pytest.approx(0.2)
    assert rate.low > 1e-4


def test_without_a_limit_a_range_is_never_widened() -> None:
    """A space that states no limit means its range."""
    rate = narrow(study(SPACE, edge, 60)).space.named("learning_rate")[0]
    assert isinstance(rate, Float)
    assert rate.high <= 1e-1


def test_the_best_trial_becomes_the_default() -> None:
    """The next stage starts from the winner."""
    view = study(SPACE, score, 40)
    best = view.best
    assert best is not None
    narrowed = narrow(view).space
    assert narrowed.named("learning_rate")[0].default_value == best.params["learning_rate"]


@settings(deadline=None, max_examples=8)
@given(
    st.integers(15, 80),
    st.floats(-5, -1),
    st.floats(1, 8),
    st.sampled_from(["relu", "tanh", "sigmoid"]),
)
def test_narrowing_keeps_the_best_trial_inside_and_never_leaves_the_space(
    num_trials: int, rate: float, layers: float, activation: str
) -> None:
    """Whatever the response: the best trial stays reachable, and no new value appears."""

    def response(params: Mapping[str, Any]) -> float:
        return -(
            (math.log10(params["learning_rate"]) - rate) ** 2
            + 0.1 * (params["layers"] - layers) ** 2
            + (params["activation"] != activation)
        )

    view = study(SPACE, response, num_trials)
    best = view.best
    assert best is not None
    narrowed = narrow_space(SPACE, view.trials, "maximize").space
    for old, new in zip(SPACE, narrowed, strict=True):
        if isinstance(old, Float | Int) and isinstance(new, Float | Int):
            assert old.low <= new.low <= new.high <= old.high
        assert new.contains(best.params[new.name])
