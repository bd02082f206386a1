"""Which configuration is proposed next, by every sampler."""

import itertools
import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hpsearch.errors import InputError
from hpsearch.search import (
    ALGORITHMS,
    Observation,
    Proposal,
    derive_seed,
    draw_value,
    identify,
    make_sampler,
    uniform,
)
from hpsearch.spaces import Boolean, Choice, Condition, Fixed, Float, Int, Space, make_grid

SGD = (Condition("optimizer", ("sgd",)),)
MIXED = Space(
    (
        Float("rate", 1e-5, 1e-1, sampling="log", default=1e-3),
        Choice("optimizer", ("adam", "sgd")),
        Float("momentum", 0, 0.99, conditions=SGD),
        Boolean("nesterov", conditions=SGD),
        Int("filters", 1, 64, sampling="log", default=8),
        Int("layers", 1, 4),
        Float("dropout", 0, 0.5, step=0.1),
        Choice("units", (16, 32, 64)),
        Fixed("epochs", 3),
    )
)
FINITE = Space(
    (
        Choice("optimizer", ("adam", "sgd")),
        Boolean("nesterov", conditions=SGD),
        Int("layers", 1, 3),
        Float("dropout", 0, 0.5, step=0.25),
    )
)

Evaluate = Callable[[Mapping[str, Any]], float | None]


def run(
    algorithm: str, space: Space, trials: int, evaluate: Evaluate, seed: int = 0, **more: Any
) -> list[Observation]:
    """A search one trial after the other; a value of None is a trial that diverged."""
    sampler = make_sampler(algorithm, space, seed=seed, **more)
    observations: list[Observation] = []
    for index in range(trials):
        proposal = sampler.propose(index, observations)
        if proposal is None:
            break
        params = proposal.params
        value = evaluate(params)
        outcome: Any = "avoid" if value is None else "complete"
        observations.append(Observation(params, value, outcome))
    return observations


def params_of(proposal: Proposal | None) -> dict[str, Any]:
    assert proposal is not None
    return proposal.params


def smooth(params: Mapping[str, Any]) -> float:
    """A stand-in for training: any value that depends on everything."""
    return math.sin(sum(i * ord(c) for i, c in enumerate(identify(params))) / 100)


# --- every sampler ---------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_first_proposal_is_the_defaults_except_on_a_grid(algorithm: str) -> None:
    first = params_of(make_sampler(algorithm, MIXED, seed=5).propose(0))
    if algorithm == "grid":
        assert first == next(iter(make_grid(MIXED, 5)))
    else:
        assert first == MIXED.defaults()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_same_seed_gives_the_same_trials(algorithm: str) -> None:
    """Also from a new sampler that only knows the observations, as after a resume."""
    seen = run(algorithm, MIXED, 16, smooth, seed=3)
    for index in (0, 1, 9, 10, 15):
        resumed = make_sampler(algorithm, MIXED, seed=3)
        assert params_of(resumed.propose(index, seen[:index])) == seen[index].params
    others = run(algorithm, MIXED, 16, smooth, seed=4)
    differ = [a.params != b.params for a, b in zip(seen, others, strict=True)]
    assert any(differ) == (algorithm != "grid")


@pytest.mark.parametrize("algorithm", ["random", "sobol", "bayesian", "cmaes"])
def test_proposals_lie_in_the_space_and_use_all_of_it(algorithm: str) -> None:
    """Conditional hyperparameters have values exactly when they are active."""
    seen = run(algorithm, MIXED, 30, smooth)
    assert all(MIXED.contains(observation.params) for observation in seen)
    assert {("momentum" in o.params, o.params["optimizer"]) for o in seen} == {
        (True, "sgd"),
        (False, "adam"),
    }
    assert len({observation.identity for observation in seen}) == 30


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_finite_space_is_searched_without_repeats_until_it_is_exhausted(algorithm: str) -> None:
    """Adam: 3 · 3, sgd: 2 · 3 · 3 configurations; then there is nothing to propose."""
    seen = run(algorithm, FINITE, 40, smooth, replicates=False)
    assert len(seen) == len({observation.identity for observation in seen}) == 27 == FINITE.size()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_running_and_failed_configurations_are_not_proposed_again(algorithm: str) -> None:
    outcomes: list[Any] = ["running", "avoid", "unknown", "pruned", "complete"]
    points = list(make_grid(FINITE, 9))[:-1]
    seen = [
        Observation(point, 0.1 * i if outcomes[i % 5] in ("pruned", "complete") else None, outcome)
        for i, point in enumerate(points)
        for outcome in [outcomes[i % 5]]
    ]
    sampler = make_sampler(algorithm, FINITE, replicates=False)
    left = sampler.propose(len(seen), seen)
    assert params_of(left) == list(make_grid(FINITE, 9))[-1]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_space_with_nothing_to_vary_has_one_trial(algorithm: str) -> None:
    for space in (Space(), Space((Fixed("x", 1), Int("y", 2, 2)))):
        assert [o.params for o in run(algorithm, space, 5, smooth)] == [space.defaults()]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_the_model_did_not_ask_for_makes_no_new_configuration(algorithm: str) -> None:
    """The usual loop over layers: with one layer, the units of the second say nothing.

    A finished trial names only what was used, so of 2 · 3 points with one layer or two only
    1 + 3 are different; none may be repeated for ever.
    """
    space = Space((Int("layers", 1, 2), Choice("units_2", (16, 32, 64))))
    sampler = make_sampler(algorithm, space)
    seen: list[Observation] = []
    while (proposal := sampler.propose(len(seen), seen)) is not None and len(seen) < 10:
        params = proposal.params
        used = params if params["layers"] == 2 else {"layers": 1}
        seen.append(Observation(used, 0.5, "complete"))
    assert Counter(o.params["layers"] for o in seen) == {1: 1, 2: 3}


def test_a_grid_has_those_together_that_differ_only_in_fractions() -> None:
    """They share a traced model; all points are there, and the first one comes first."""
    space = Space((Float("rate", 0.0, 0.5), Int("layers", 1, 2), Choice("kind", ("a", "b"))))
    grid = make_grid(space, 3)
    sampler, seen = make_sampler("grid", space, grid=grid), []
    for index in range(len(grid)):
        seen.append(Observation(params_of(sampler.propose(index, seen)), 0.5, "complete"))
    found = [dict(own.params) for own in seen]
    assert found[0] == next(iter(grid))
    assert [(p["layers"], p["kind"]) for p in found] == [
        (layers, kind) for layers in (1, 2) for kind in "ab" for _ in range(3)
    ]
    assert [p["rate"] for p in found[:3]] == [0.0, 0.25, 0.5]


def test_a_grid_goes_on_when_trials_met_hyperparameters_it_does_not_vary() -> None:
    """Discovered ones get a value in their trial and a default in later grids."""
    space = Space((Int("layers", 1, 3), Fixed("head", "a"), Float("found", 0, 1)))
    grid = make_grid(space, 9)
    grid = type(grid)(space, {**grid.values, "found": (0.0,)})
    seen = [Observation({"layers": 1, "head": "a", "found": 0.77}, 0.5, "complete")]
    point = make_sampler("grid", space, grid=grid).propose(1, seen)
    assert params_of(point) == {"layers": 2, "head": "a", "found": 0.0}


def test_a_trial_that_failed_before_it_knew_any_parameter_blocks_nothing() -> None:
    failed = Observation({}, None, "unknown")
    assert make_sampler("random", FINITE).propose(1, [failed]) is not None


def test_an_unknown_algorithm_is_refused() -> None:
    with pytest.raises(InputError, match=r"No algorithm 'magic'.*random, sobol, grid, bayes"):
        make_sampler("magic", MIXED)


# --- random ----------------------------------------------------------------------


@given(st.integers(0, 2**40), st.integers(1, 10**6))
@settings(max_examples=30)
def test_random_proposals_depend_on_seed_and_index_alone(seed: int, index: int) -> None:
    sampler = make_sampler("random", MIXED, seed=seed)
    seen = [Observation(MIXED.defaults(), 0.5, "complete")] * 3
    proposal = sampler.propose(index)
    assert proposal == sampler.propose(index, seen)
    assert proposal == make_sampler("random", MIXED, seed=seed).propose(index)
    assert proposal != sampler.propose(index + 1)
    assert proposal != make_sampler("random", MIXED, seed=seed + 1).propose(index)


def test_a_draw_does_not_depend_on_what_else_is_in_the_space() -> None:
    """A worker that meets a hyperparameter first draws what the sampler draws when it knows it."""
    smaller = Space(MIXED.parameters[:4])
    for index in range(1, 20):
        small = params_of(make_sampler("random", smaller, seed=1).propose(index))
        full = params_of(make_sampler("random", MIXED, seed=1).propose(index))
        assert small.items() <= full.items()
        for parameter in smaller.active(small):
            met = draw_value(parameter, parameter.label, 1, index)
            assert met == small[parameter.name]


@pytest.mark.parametrize(
    ("parameter", "place"),
    [
        (Float("x", -3, 5), lambda v: (v + 3) / 8),
        (Float("x", 1e-5, 1e-1, sampling="log"), lambda v: (math.log10(v) + 5) / 4),
        (
            Float("x", 1, 100, sampling="reverse_log"),
            lambda v: 1 - math.log10(101 - v) / 2,
        ),
    ],
)
def test_draws_are_uniform_on_the_scale(parameter: Float, place: Callable[[Any], float]) -> None:
    """Kolmogorov and Smirnov's test on 2,000 draws; the places are worked out by hand."""
    draws = [place(draw_value(parameter, "x", 11, index)) for index in range(2000)]
    assert stats.kstest(draws, "uniform").pvalue > 0.01


@pytest.mark.parametrize(
    "parameter",
    [
        Choice("x", ("a", "b", "c")),
        Boolean("x"),
        Int("x", 1, 7),
        Float("x", 0, 0.5, step=0.1),
        Int("x", 1, 64, step=2, sampling="log"),
    ],
)
def test_draws_of_values_are_equally_frequent(parameter: Any) -> None:
    counts = Counter(draw_value(parameter, "x", 5, index) for index in range(2000))
    assert len(counts) == parameter.num_values
    assert stats.chisquare(list(counts.values())).pvalue > 0.01


def test_draws_of_two_hyperparameters_are_independent() -> None:
    pairs = [(uniform(0, i, "ask", "a", 0), uniform(0, i, "ask", "b", 0)) for i in range(2000)]
    assert abs(stats.spearmanr(pairs).statistic) < 0.06  # 2.7 standard errors
    following = list(itertools.pairwise(a for a, _ in pairs))
    assert abs(stats.spearmanr(following).statistic) < 0.06


def test_seeds_are_the_same_on_every_machine() -> None:
    """First 31 bits of BLAKE2b (8 bytes) over the parts joined by U+001F, by b2sum."""
    assert derive_seed(0, 3, "ask") == 0x82428EC77D70E242 >> 33
    seeds = {derive_seed(seed, index) for seed in range(30) for index in range(30)}
    assert len(seeds) == 900
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert derive_seed(1, 23) != derive_seed(12, 3)
    assert 0 <= uniform(0) < 1


# --- bayesian --------------------------------------------------------------------

RATE = Space(
    (
        Float("rate", 1e-6, 1.0, sampling="log"),
        Float("dropout", 0, 0.8),
        Float("irrelevant", 0, 1),
    )
)


def quadratic(params: Mapping[str, Any]) -> float:
    """Best, 0, at a learning rate of 10^-2.5 and a dropout rate of 0.3."""
    return -((math.log10(params["rate"]) + 2.5) ** 2) - (4 * (params["dropout"] - 0.3)) ** 2


@pytest.mark.slow
def test_bayesian_search_beats_random_search_on_a_quadratic() -> None:
    """The regret after 40 trials, over 20 seeds: smaller on average and for most seeds."""

    def regret(algorithm: str, seed: int) -> float:
        seen = run(algorithm, RATE, 40, quadratic, seed=seed)
        return -max(o.value for o in seen if o.value is not None)

    random = [regret("random", seed) for seed in range(20)]
    bayesian = [regret("bayesian", seed) for seed in range(20)]
    assert sum(bayesian) < 0.5 * sum(random)
    assert stats.wilcoxon(bayesian, random, alternative="less").pvalue < 0.01


def test_the_direction_is_that_of_the_study() -> None:
    """Minimizing 10 - f proposes near the maximum of f, and not where f is small."""
    seen = run("bayesian", RATE, 40, lambda p: 10 - quadratic(p), direction="minimize")
    late = [math.log10(o.params["rate"]) for o in seen[25:]]
    assert sum(abs(rate + 2.5) < 1.5 for rate in late) > len(late) / 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("evaluate", "most"),
    [
        (lambda p: -((p["x"] - 0.25) ** 2) - (p["y"] - 0.5) ** 2, 0.2),
        (lambda p: math.sin(1000 * p["y"]), 0.3),
        (lambda p: p["x"] - p["y"], 0.5),
    ],
    ids=["optimum inside", "no optimum", "optimum at the border"],
)
def test_bayesian_search_keeps_away_from_where_trials_diverge(
    evaluate: Evaluate, most: float
) -> None:
    """Everything above x = 0.5 diverges: of late proposals clearly fewer than half lie there.

    The hard case is an optimum at the border itself: there they would all lie beyond it if
    diverged trials were invisible.
    """
    space = Space((Float("x", 0, 1), Float("y", 0, 1)))
    late = []
    for seed in range(6):
        seen = run(
            "bayesian", space, 50, lambda p: None if p["x"] > 0.5 else evaluate(p), seed=seed
        )
        late += [o.params["x"] > 0.5 for o in seen[25:]]
    assert sum(late) < most * len(late)


def test_when_everything_diverged_there_are_still_proposals() -> None:
    seen = run("bayesian", MIXED, 15, lambda _: None)
    assert len({o.identity for o in seen}) == 15


def test_running_trials_keep_others_away() -> None:
    """Eight workers asking at the same time are not all sent to one spot."""
    seen = run("bayesian", RATE, 20, quadratic)
    sampler = make_sampler("bayesian", RATE)
    proposals = []
    for index in range(20, 28):
        proposal = sampler.propose(index, seen)
        proposals.append(proposal)
        seen.append(Observation(params_of(proposal), None, "running"))
    new = [p.params for p in proposals if p is not None and p.replicate_of is None]
    assert len(new) >= 6
    asked = [(math.log10(p["rate"]) / 6, p["dropout"] / 0.8, p["irrelevant"]) for p in new]
    apart = [math.dist(a, b) for a, b in itertools.combinations(asked, 2)]
    assert min(apart) > 0.001


def test_observations_of_another_range_or_space_do_no_harm() -> None:
    """Values outside a narrowed range, removed hyperparameters, and others not there yet."""
    narrow = Space((Float("rate", 1e-3, 1e-2, sampling="log"), Boolean("new")))
    seen = [Observation(o.params, o.value, o.outcome) for o in run("random", RATE, 20, quadratic)]
    params = params_of(make_sampler("bayesian", narrow).propose(20, seen))
    assert narrow.contains(params)


def test_with_an_earlier_stage_the_search_begins_where_that_was_good() -> None:
    """No trial of its own yet, and the first proposals lie near the best of thirty earlier ones.

    Earlier objectives are lower by a constant: only their differences count.
    """
    earlier = run("random", RATE, 40, lambda p: quadratic(p) - 5)
    sampler = make_sampler("bayesian", RATE, prior=earlier)
    first = params_of(sampler.propose(0))
    assert first == RATE.defaults()
    seen = [Observation(first, quadratic(first), "complete")]
    for index in range(1, 6):
        params = params_of(sampler.propose(index, seen))
        seen.append(Observation(params, quadratic(params), "complete"))
    values = [o.value for o in seen[1:] if o.value is not None]
    assert max(values) > -0.5
    assert sum(values) / len(values) > -2


def test_an_earlier_stage_that_misleads_is_outweighed() -> None:
    """Coarse said the opposite: after twenty trials of its own fine has found the better side."""
    space = Space((Float("x", 0, 1),))
    earlier = run("random", space, 30, lambda p: -p["x"])
    sampler = make_sampler("bayesian", space, prior=earlier)
    seen: list[Observation] = []
    for index in range(20):
        params = params_of(sampler.propose(index, seen))
        seen.append(Observation(params, params["x"], "complete"))
    assert max(o.params["x"] for o in seen) > 0.95
