"""The race of a confirmation: error rates that hold, decisions that can be replayed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hpsearch.analysis.confirmation import Drop, Race, is_only_unsteady, probability_of_chance


def test_equal_samples_are_chance_and_far_ones_are_not() -> None:
    """The same numbers give one half; samples without scatter are told apart for sure."""
    assert probability_of_chance([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]) == pytest.approx(0.5)
    assert probability_of_chance([1.0, 1.0], [0.9, 0.9]) == 0.0
    assert probability_of_chance([0.9, 0.9], [1.0, 1.0]) == 1.0
    assert probability_of_chance([1.0], [0.0]) == 1.0


def test_the_probability_is_that_of_scipys_welch_test() -> None:
    """Unequal sizes and scatter."""
    first, second = [0.9, 0.95, 0.93, 0.99], [0.7, 0.91, 0.85, 0.99, 0.6, 0.92]
    expected = stats.ttest_ind(first, second, equal_var=False, alternative="greater").pvalue
    assert probability_of_chance(first, second) == pytest.approx(expected)


def simulate(
    gaps: list[float], repetitions: int, seed: int, scatter: tuple[float, ...] = (1.0,)
) -> np.ndarray:
    """How often each of the candidates is dropped; gaps are in standard deviations."""
    generator = np.random.default_rng(seed)
    race = Race(len(gaps), 12)
    deviations = np.resize(scatter, len(gaps))
    drops = np.zeros(len(gaps))
    any_of_the_best = 0
    for _ in range(repetitions):
        values = generator.normal(size=(len(gaps), 12)) * deviations[:, None]
        out = race.drops((values - np.array(gaps)[:, None]).tolist())
        drops += [candidate in out for candidate in range(len(gaps))]
        any_of_the_best += any(gaps[candidate] == 0 for candidate in out)
    return np.array([*drops, any_of_the_best]) / repetitions


@pytest.mark.parametrize(
    ("gaps", "scatter"),
    [([0.0] * 2, (1.0,)), ([0.0] * 4, (1.0,)), ([0.0, 0.0, 6.0, 6.0], (1.0,)), ([0.0] * 2, (1, 5))],
)
def test_equally_good_candidates_are_dropped_in_at_most_one_of_twenty_races(
    gaps: list[float], scatter: tuple[float, ...]
) -> None:
    """800 races each: the family-wise rate stays within the binomial bound of 5 %."""
    bound = stats.binom.ppf(0.999, 800, 0.05) / 800
    assert simulate(gaps, 800, seed=1, scatter=scatter)[-1] <= bound


def test_a_rival_two_deviations_behind_is_dropped_and_the_best_is_not() -> None:
    """Of three rivals nine in ten are out after twelve seeds (docs/confirm-quality.md)."""
    rates = simulate([0.0, 2.0, 2.0, 2.0], 200, seed=2)
    assert min(rates[1:4]) > 0.9
    assert rates[-1] <= 0.05


def test_those_that_are_out_leave_their_share_of_the_error_to_the_others() -> None:
    """With fewer in the race a smaller difference is enough."""
    race = Race(4, 12)
    assert race.threshold(12, 4) < race.threshold(12, 3) < race.threshold(12, 2) < 0.035 / 2


def test_without_early_looks_all_of_the_error_is_left_for_the_end() -> None:
    """One look, one ordered pair: half of the nominal error."""
    patient = Race(2, 12, early=False)
    assert patient.looks == (12,)
    assert patient.threshold(12, 2) == pytest.approx(0.035 / 2)
    assert patient.drops([[1.0, 1.1, 1.0], [0.0, 0.1, 0.0]]) == {}


def test_the_race_can_be_run_downwards() -> None:
    """For a loss the smaller value is better."""
    values = [[0.1, 0.11, 0.1, 0.105], [0.9, 0.91, 0.9, 0.905]]
    assert Race(2, 4, maximize=False).drops(values) == {1: Drop(3, 0)}
    assert Race(2, 4, maximize=True).drops(values) == {0: Drop(3, 1)}


def test_nothing_is_dropped_before_three_seeds_and_only_on_full_rounds() -> None:
    """An unfinished round is no look."""
    assert Race(2, 12).drops([[1.0, 1.0], [0.0, 0.0]]) == {}
    assert Race(2, 12).drops([[1.0, 1.0, 1.0], [0.0, 0.0]]) == {}


def test_a_candidate_that_always_fails_is_out_at_the_first_look() -> None:
    """It cannot hold up the race; one that fails now and then is compared by the rest."""
    good = [0.9, 0.91, 0.92]
    assert Race(3, 12).drops([good, [None] * 3, [0.9, None, 0.92]]) == {1: Drop(3, None)}
    assert Race(2, 12).drops([[None] * 3, [None] * 3]) == {}


def test_unsteadiness_alone_is_told_from_a_tie() -> None:
    """The same gap: beyond the scatter of the best, or well within it."""
    other = [0.7, 0.9, 0.6, 0.8]
    assert is_only_unsteady([0.90, 0.91, 0.92, 0.91], other, 0.01)
    assert not is_only_unsteady([1.2, 0.6, 1.0, 0.8], other, 0.01)
