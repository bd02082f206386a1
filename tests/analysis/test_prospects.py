"""What another round is expected to gain, where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from hpsearch.analysis.prospects import FEWEST, Prospect, prospect_of
from hpsearch.search import Observation
from hpsearch.search.believer import Believer
from hpsearch.search.knowledge import Knowledge
from hpsearch.spaces import Choice, Fixed, Float, Space

ONE = Space((Float("x", 0.0, 1.0),))


def seen(xs: np.ndarray, values: np.ndarray) -> list[Observation]:
    """Completed trials of one real number."""
    pairs = zip(xs, values, strict=True)
    return [Observation({"x": float(x)}, float(value), "complete") for x, value in pairs]


def noisy_hill(count: int, noise: float, top: float = 0.5) -> list[Observation]:
    """1 - (x - top)² with normal noise, all over the range."""
    generator = np.random.default_rng(1)
    xs = np.linspace(0, 1, count)
    return seen(xs, 1 - (xs - top) ** 2 + generator.normal(0, noise, count))


def test_a_hill_that_is_well_explored_does_not_pay() -> None:
    """Sixty trials all over a smooth hill leave less to gain than seeds differ by, 0.02."""
    prospect = prospect_of(ONE, noisy_hill(60, 0.02), "maximize", ONE, 10)
    assert prospect is not None
    assert 0.01 < prospect.noise < 0.04
    assert 0 <= prospect.gain < 0.01
    assert not prospect.pays


def test_a_slope_that_leads_out_of_what_was_tried_pays() -> None:
    """Objectives rise by 1 over the tried half with noise of 0.01; the other half is open."""
    xs = np.linspace(0, 0.5, 30)
    values = 2 * xs + np.random.default_rng(2).normal(0, 0.01, 30)
    prospect = prospect_of(ONE, seen(xs, values), "maximize", ONE, 10)
    assert prospect is not None
    assert prospect.gain > 0.1
    assert prospect.pays


def test_only_what_the_next_round_searches_counts() -> None:
    """The same slope, but the next round stays where everything was tried."""
    xs = np.linspace(0, 0.5, 30)
    values = 2 * xs + np.random.default_rng(2).normal(0, 0.01, 30)
    kept = Space((Float("x", 0.0, 0.4),))
    prospect = prospect_of(ONE, seen(xs, values), "maximize", kept, 10)
    assert prospect is not None
    assert not prospect.pays


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_gain_and_noise_are_in_the_unit_of_the_objective(direction: str) -> None:
    """Objectives a hundred times as large have a hundred times the gain and the noise."""
    sign = 1 if direction == "maximize" else -1
    hill = noisy_hill(30, 0.05)
    small, large = (
        prospect_of(
            ONE,
            [Observation(o.params, sign * scale * (o.value or 0.0), o.outcome) for o in hill],
            direction,
            ONE,
            10,
        )
        for scale in (1, 100)
    )
    assert small is not None
    assert large is not None
    assert large.gain == pytest.approx(100 * small.gain, rel=1e-3)
    assert large.noise == pytest.approx(100 * small.noise, rel=1e-3)


def test_a_space_in_which_everything_is_fixed_promises_nothing() -> None:
    """There is nothing left to try."""
    prospect = prospect_of(ONE, noisy_hill(30, 0.02), "maximize", Space((Fixed("x", 0.5),)), 10)
    assert prospect is not None
    assert prospect.gain == 0


def test_too_few_trials_say_nothing() -> None:
    """Failed and pruned trials are not counted as completed ones."""
    few = noisy_hill(FEWEST - 1, 0.02)
    pruned = [Observation({"x": 0.1}, 0.2, "pruned"), Observation({"x": 0.9}, None, "avoid")]
    assert prospect_of(ONE, few + pruned, "maximize", ONE, 10) is None
    assert prospect_of(ONE, noisy_hill(FEWEST, 0.02), "maximize", ONE, 10) is not None


def test_a_narrowed_choice_and_a_fixed_value_are_understood() -> None:
    """The model of the wider space judges points of the narrowed one by their values."""
    space = Space((Float("x", 0.0, 1.0), Choice("kind", ("a", "b", "c"), ordered=False)))
    generator = np.random.default_rng(3)
    trials = [
        Observation(
            {"x": float(x), "kind": "abc"[n % 3]},
            float((1.0 if n % 3 == 2 else 0.0) + x + generator.normal(0, 0.01)),
            "complete",
        )
        for n, x in enumerate(generator.random(45) * 0.5)
    ]
    good = Space((Float("x", 0.0, 1.0), Fixed("kind", "c")))
    bad = Space((Float("x", 0.0, 1.0), Fixed("kind", "a")))
    promising, hopeless = (prospect_of(space, trials, "maximize", kept, 10) for kept in (good, bad))
    assert promising is not None
    assert hopeless is not None
    assert promising.gain > 0.1 > hopeless.gain


def test_expected_improvement_is_the_mean_of_what_is_drawn() -> None:
    """The closed form against a million draws from the model's own normal distribution."""
    knowledge = Knowledge(ONE, "maximize")
    knowledge.update(noisy_hill(12, 0.1))
    belief = Believer(knowledge, "maximize").belief()
    assert belief is not None
    rows = np.array([[0.25], [0.55]])
    mean, deviation = belief.process.predict(belief.knowledge.codes.features(rows))
    drawn = np.random.default_rng(4).normal(mean, deviation, (1_000_000, 2))
    expected = np.maximum(drawn - belief.best, 0).mean(0)
    assert belief.improvement(rows) == pytest.approx(expected, rel=0.02, abs=1e-4)
    assert (belief.promise(rows) <= belief.improvement(rows)).all()


def test_the_best_of_several_is_at_least_as_good_as_one_and_at_most_all_together() -> None:
    """The expected maximum lies between the largest of the expectations and their sum."""
    knowledge = Knowledge(ONE, "maximize")
    knowledge.update(noisy_hill(12, 0.1))
    belief = Believer(knowledge, "maximize").belief()
    assert belief is not None
    rows = np.array([[0.2], [0.4], [0.55], [0.7]])
    alone = belief.improvement(rows)
    together = belief.joint_improvement(rows, 100_000, np.random.default_rng(5))
    assert alone.max() * 0.98 <= together <= alone.sum() * 1.02
    one = belief.joint_improvement(rows[:1], 100_000, np.random.default_rng(6))
    assert one == pytest.approx(alone[0], rel=0.03, abs=1e-4)


def test_more_trials_promise_more() -> None:
    """A round of thirty trials is expected to gain more than one of a single trial."""
    hill = noisy_hill(15, 0.1)
    one, thirty = (prospect_of(ONE, hill, "maximize", ONE, trials) for trials in (1, 30))
    assert one is not None
    assert thirty is not None
    assert one.gain < thirty.gain


def test_it_pays_when_the_gain_is_larger_than_the_noise() -> None:
    """Equal is not larger."""
    assert Prospect(0.012, 0.004).pays
    assert not Prospect(0.004, 0.004).pays
