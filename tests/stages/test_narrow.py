"""Narrowing: what is kept, shrunk, widened, dropped and fixed, and on how much evidence."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpsearch.search import make_sampler
from hpsearch.spaces import Boolean, Choice, Fixed, Float, Int, Space
from hpsearch.stages.narrow import NarrowedSpace, narrow
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
    assert "36 more to fix" in narrowed.note


def test_under_50_trials_nothing_is_fixed_or_dropped() -> None:
    """Forty-nine trials may shrink and widen only."""
    narrowed = narrow(study(SPACE, score, 49))
    assert set(decisions(narrowed).values()) <= {"keep", "shrink", "widen"}
    assert "1 more would allow it" in narrowed.note


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


def test_what_does_not_matter_is_mostly_fixed_and_what_matters_never_so() -> None:
    """Over five studies at least half of the idle hyperparameters end as one possible value."""
    idle = ("layers", "batch_norm", "nothing")
    fixed = 0
    for seed in range(5):
        narrowed = narrow(study(SPACE, score, 120, seed))
        assert decisions(narrowed)["learning_rate"] == "shrink"
        for name in idle:
            (old,), (new,) = SPACE.named(name), narrowed.space.named(name)
            if isinstance(new, Fixed):
                fixed += 1
                assert old.contains(new.value)
                reason = next(d.reason for d in narrowed.decisions if d.name == name)
                assert "not shown to matter" in reason
    assert fixed >= 8


def edge(params: Mapping[str, Any]) -> float:
    """The larger the learning rate the better."""
    return math.log10(float(params["learning_rate"]))


def test_a_best_at_the_edge_widens_the_range_within_the_limits() -> None:
    """Beyond the declared end, never beyond the limit the space states."""
    view = study(SPACE, edge, 60)
    rate = narrow(view, {"learning_rate": (1e-6, 0.2)}).space.named("learning_rate")[0]
    assert isinstance(rate, Float)
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


@settings(deadline=None, max_examples=15)
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
    narrowed = narrow(view).space
    for old, new in zip(SPACE, narrowed, strict=True):
        if isinstance(old, Float | Int) and isinstance(new, Float | Int):
            assert old.low <= new.low <= new.high <= old.high
        assert new.contains(best.params[new.name])
