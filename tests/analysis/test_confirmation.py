"""Intervals and the race: error rates that hold, values known from tables."""

from __future__ import annotations

import numpy as np
import pytest

from hpsearch.analysis.confirmation import (
    Race,
    mean_interval,
    probability_of_chance,
    wilson_interval,
)


def test_the_interval_of_a_mean_is_students() -> None:
    """1, 2, 3: mean 2, error 1/√3, t(0.975; 2) = 4.303 from the table."""
    interval = mean_interval([1.0, 2.0, 3.0])
    assert interval.mean == 2.0
    assert interval.high == pytest.approx(2 + 4.3027 / np.sqrt(3), rel=1e-4)
    assert interval.low == pytest.approx(2 - 4.3027 / np.sqrt(3), rel=1e-4)


def test_a_single_value_has_no_interval() -> None:
    """One seed says nothing of the scatter."""
    assert mean_interval([0.5]) == (0.5, None, None)


def test_wilson_interval_is_that_of_the_textbook() -> None:
    """81 of 263: 0.255 to 0.366 (Newcombe, Statistics in Medicine 17, 1998, table I)."""
    interval = wilson_interval(81, 263)
    assert interval.low == pytest.approx(0.2553, abs=1e-4)
    assert interval.high == pytest.approx(0.3662, abs=1e-4)
    all_right = wilson_interval(10, 10)
    assert all_right.high == pytest.approx(1.0)
    assert all_right.low == pytest.approx(0.7225, abs=1e-4)


def test_equal_samples_are_chance_and_far_ones_are_not() -> None:
    """The same numbers give one half; samples without scatter are told apart for sure."""
    assert probability_of_chance([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]) == pytest.approx(0.5)
    assert probability_of_chance([1.0, 1.0], [0.9, 0.9]) == 0.0
    assert probability_of_chance([0.9, 0.9], [1.0, 1.0]) == 1.0
    assert probability_of_chance([1.0], [0.0]) == 1.0


def simulate(gaps: list[float], repetitions: int, seed: int) -> np.ndarray:
    """How often each of the candidates is dropped; gaps are in standard deviations."""
    generator = np.random.default_rng(seed)
    race = Race(len(gaps), 12)
    drops = np.zeros(len(gaps))
    any_of_the_best = 0
    for _ in range(repetitions):
        values = [list(generator.normal(-gap, 1.0, 12)) for gap in gaps]
        out = race.dropped(values)
        drops += [candidate in out for candidate in range(len(gaps))]
        any_of_the_best += any(gaps[candidate] == 0 for candidate in out)
    return np.array([*drops, any_of_the_best]) / repetitions


def test_equally_good_candidates_are_dropped_in_at_most_one_of_twenty_races() -> None:
    """Four equals, 400 races: the family-wise rate stays within the binomial bound of 5 %."""
    assert simulate([0.0, 0.0, 0.0, 0.0], 400, seed=1)[-1] <= 0.05 + 2 * 0.011


def test_a_clearly_worse_candidate_is_dropped_and_the_best_is_not() -> None:
    """Three standard deviations behind: out in nine of ten races; the best never by much."""
    rates = simulate([0.0, 3.0, 0.0], 200, seed=2)
    assert rates[1] > 0.9
    assert rates[-1] <= 0.05


def test_the_race_can_be_run_downwards() -> None:
    """For a loss the smaller value is better."""
    values = [[0.1, 0.11, 0.1, 0.105], [0.9, 0.91, 0.9, 0.905]]
    assert Race(2, 4, maximize=False).dropped(values) == {1: 3}
    assert Race(2, 4, maximize=True).dropped(values) == {0: 3}


def test_nothing_is_dropped_before_three_seeds_and_only_on_full_rounds() -> None:
    """An unfinished round is no look."""
    assert Race(2, 12).dropped([[1.0, 1.0], [0.0, 0.0]]) == {}
    assert Race(2, 12).dropped([[1.0, 1.0, 1.0], [0.0, 0.0]]) == {}
