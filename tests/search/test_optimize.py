"""`optimize` on functions whose answers are known."""

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest

import hpsearch
from hpsearch import Choice, Condition, Float, Infeasible, Int, Space, optimize
from hpsearch.errors import InputError
from hpsearch.search import ALGORITHMS

PLANE = Space((Float("x", -1, 1), Float("rate", 1e-4, 1.0, sampling="log")))
EVERY = ["coarse-to-fine", *ALGORITHMS]


def bowl(params: Any) -> float:
    """Best, 1, at x = 0.3 and a rate of 10^-2."""
    return 1 - (params["x"] - 0.3) ** 2 - 0.1 * (math.log10(params["rate"]) + 2) ** 2


@pytest.mark.parametrize("algorithm", EVERY)
def test_every_algorithm_comes_near_the_best_of_a_bowl(algorithm: str) -> None:
    result = optimize(bowl, PLANE, trials=40, algorithm=algorithm)
    assert result.best_params is not None
    assert bowl(result.best_params) > 0.9
    assert result.best_value == pytest.approx(bowl(result.best_params), abs=0.05)
    assert [trial.number for trial in result.trials] == list(range(len(result.trials)))


@pytest.mark.parametrize("algorithm", EVERY)
def test_the_same_seed_gives_the_same_trials(algorithm: str) -> None:
    first, again = (optimize(bowl, PLANE, trials=15, algorithm=algorithm, seed=3) for _ in range(2))
    assert [t.params for t in first.trials] == [t.params for t in again.trials]


def test_minimizing_a_loss_finds_the_same_as_maximizing_its_opposite() -> None:
    low = optimize(lambda p: -bowl(p), PLANE, trials=30, direction="minimize")
    high = optimize(bowl, PLANE, trials=30)
    assert low.best_params == high.best_params
    assert low.best_value == pytest.approx(-(high.best_value or 0))


def test_on_a_noisy_function_leaders_are_repeated_and_the_mean_decides() -> None:
    """The winner is the one of the best mean, not of the luckiest value."""
    generator = np.random.default_rng(0)
    space = Space((Int("x", 0, 10), Choice("c", ("a", "b"))))

    def truth(params: Any) -> float:
        return -abs(params["x"] - 6) / 10 - 0.2 * (params["c"] == "b")

    result = optimize(lambda p: truth(p) + 0.15 * generator.normal(), space, trials=80)
    repeats = [trial for trial in result.trials if trial.replicate_of is not None]
    assert len(repeats) >= 12
    for trial in repeats:
        assert trial.replicate_of is not None
        assert result.trials[trial.replicate_of].params == trial.params
    assert result.best_params is not None
    assert truth(result.best_params) >= -0.1
    lucky = max(t.value for t in result.trials if t.value is not None)
    assert result.best_value is not None
    assert result.best_value < lucky


def test_a_function_without_noise_is_not_repeated_for_long() -> None:
    """Two pairs of equal values show that there is no noise."""
    result = optimize(lambda p: math.sin(20 * p["x"]), Space((Float("x", 0, 1),)), trials=60)
    counts = Counter(t.params["x"] for t in result.trials)
    assert sum(count - 1 for count in counts.values()) <= 2


def test_a_small_space_ends_when_everything_was_tried() -> None:
    space = Space((Int("x", 0, 4),))
    result = optimize(lambda p: p["x"] % 3, space, trials=50, algorithm="random")
    assert result.exhausted
    assert sorted(t.params["x"] for t in result.trials) == [0, 1, 2, 3, 4]
    assert result.best_params == {"x": 2}


def test_points_to_try_come_first_then_the_defaults() -> None:
    space = Space((Float("x", 0, 1, default=0.25), Choice("c", ("a", "b"))))
    result = optimize(lambda p: p["x"], space, trials=4, tries=[{"x": 0.75}, {"c": "b"}])
    first = [dict(trial.params) for trial in result.trials[:3]]
    assert first == [{"x": 0.75, "c": "a"}, {"x": 0.25, "c": "b"}, {"x": 0.25, "c": "a"}]


def test_what_cannot_be_evaluated_is_avoided_and_does_not_end_the_search() -> None:
    def evaluate(params: Any) -> float:
        if params["x"] > 0.5:
            raise Infeasible("too large")
        return math.nan if params["x"] < -0.9 else params["x"]

    result = optimize(evaluate, PLANE, trials=40)
    assert result.best_params is not None
    assert 0.3 < result.best_params["x"] <= 0.5
    failed = [trial for trial in result.trials if trial.state == "failed"]
    assert 0 < len(failed) < 15
    assert all(trial.value is None for trial in failed)


def test_nothing_succeeds() -> None:
    result = optimize(lambda _: math.inf, PLANE, trials=15)
    assert (result.best_params, result.best_value, len(result.trials)) == (None, None, 15)


def test_another_exception_is_the_callers() -> None:
    with pytest.raises(ZeroDivisionError):
        optimize(lambda _: 1 / 0, PLANE, trials=3)


def test_conditional_hyperparameters_have_values_only_while_active() -> None:
    sgd = (Condition("optimizer", ("sgd",)),)
    space = Space((Choice("optimizer", ("adam", "sgd")), Float("momentum", 0, 1, conditions=sgd)))

    def evaluate(params: Any) -> float:
        assert ("momentum" in params) == (params["optimizer"] == "sgd")
        return params.get("momentum", 0.2)

    best = optimize(evaluate, space, trials=30).best_params
    assert best is not None
    assert best["momentum"] > 0.9


def test_the_function_gets_a_read_only_mapping_that_also_reads_like_keras_tuner() -> None:
    def evaluate(params: Any) -> float:
        assert params.get("x") == params["x"] == params.values["x"]
        assert list(params.values()) == [params[name] for name in params]
        with pytest.raises(TypeError):
            params["x"] = 1
        return 0.0

    optimize(evaluate, PLANE, trials=2)


@pytest.mark.slow
def test_keras_tuners_hyperparameters_are_a_space() -> None:
    import keras_tuner

    hyperparameters = keras_tuner.HyperParameters()
    hyperparameters.Float("x", -1, 1)
    hyperparameters.Float("rate", 1e-4, 1.0, sampling="log")
    result = optimize(bowl, hyperparameters, trials=20)
    assert set(result.trials[0].params) == {"x", "rate"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trials": 0}, "trials is 0"),
        ({"direction": "up"}, "direction is 'up'"),
        ({"algorithm": "magic"}, r"'magic'.*coarse-to-fine, random"),
        ({"space": {"x": 1}}, "space is a dict"),
    ],
)
def test_bad_arguments_are_refused(changes: dict[str, Any], message: str) -> None:
    arguments = {"space": PLANE, "trials": 3} | changes
    with pytest.raises(InputError, match=message):
        optimize(bowl, arguments.pop("space"), **arguments)


def test_optimize_is_part_of_the_package() -> None:
    assert hpsearch.optimize is optimize
