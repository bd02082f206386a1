"""The winner of a confirmation, and the words for how sure it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from hpsearch.analysis.confirmation import Drop, Race
from hpsearch.stages.choosing import ChosenWinner, choose_winner

GOOD, ALSO_GOOD, BAD = [0.90, 0.92, 0.91, 0.93], [0.91, 0.92, 0.90, 0.94], [0.5, 0.51, 0.49, 0.52]


def choose(
    values: list[list[float]], weights: Sequence[int], *, maximize: bool = True
) -> ChosenWinner:
    """The winner after a race over all seeds."""
    race = Race(len(values), max(len(own) for own in values), maximize=maximize)
    return choose_winner(values, race.drops(values), race, weights)


def test_a_shown_difference_makes_the_better_one_the_winner() -> None:
    """However large its model is."""
    chosen = choose([BAD, GOOD], [10, 1000])
    assert (chosen.number, chosen.not_distinguishable) == (1, ())
    assert "better than every other one" in chosen.verdict


def test_of_configurations_that_cannot_be_told_apart_the_smaller_model_wins() -> None:
    """The means differ by less than their scatter: the tie goes to the fewer weights."""
    chosen = choose([GOOD, ALSO_GOOD, BAD], [10, 1000, 1])
    assert (chosen.number, chosen.not_distinguishable) == (0, (1,))
    assert chosen.verdict == (
        "configuration 0 is not distinguishable from 1; "
        "it is the cheaper model (10 weights against 1,000). Shown to be worse: 2 than 0"
    )


@pytest.mark.parametrize("seed", range(40))
def test_with_equal_scatter_not_shown_always_means_the_cheaper_one(seed: int) -> None:
    """Twelve seeds, half a deviation apart: better only if shown, else the cheaper model."""
    generator = np.random.default_rng(seed)
    values = [list(generator.normal(mean, 0.01, 12)) for mean in (0.9, 0.895)]
    chosen = choose(values, [1000, 10])
    shown = Race(2, 12).drops(values)
    assert chosen.number == (1 if not shown else 1 - next(iter(shown)))
    assert ("not distinguishable" in chosen.verdict) == (not shown)


def test_equally_large_models_go_by_the_mean() -> None:
    """A learning rate changes no weight."""
    chosen = choose([GOOD, ALSO_GOOD], [10, 10])
    assert chosen.number == 1
    assert "of the equally large ones it has the best mean" in chosen.verdict


def test_for_a_loss_the_smaller_mean_is_the_better() -> None:
    """The same numbers turned round."""
    assert choose([GOOD, BAD], [1, 1], maximize=False).number == 1


def test_who_was_given_up_cannot_win() -> None:
    """The race decided already, on more evidence than the last look."""
    race = Race(2, 4)
    assert choose_winner([GOOD, ALSO_GOOD], {0: Drop(3, 1)}, race, [1, 1000]).number == 1


def test_a_single_configuration_needs_no_comparison() -> None:
    """It wins, and the words do not claim more."""
    assert choose([GOOD], [5]) == (0, "configuration 0 is the only one", ())


def test_configurations_without_a_completed_trial_are_left_out() -> None:
    """A candidate that always diverged has no mean."""
    assert choose([[], GOOD], [0, 5]).number == 1


def test_with_one_seed_the_better_score_wins_however_small_the_other_model() -> None:
    """No evidence is no tie: 0.94 against 0.14 on one seed each."""
    chosen = choose([[0.94], [0.14]], [1000, 1])
    assert chosen.number == 0
    assert "too few seeds to tell it from 1" in chosen.verdict


def test_an_unsteady_smaller_model_with_a_clearly_lower_mean_is_no_tie() -> None:
    """Nothing is shown of it only because it scatters so much: that is no merit."""
    chosen = choose([[0.90, 0.91, 0.92, 0.91], [0.70, 0.95, 0.60, 0.90]], [1000, 1])
    assert (chosen.number, chosen.not_distinguishable) == (0, (1,))
    assert "not distinguishable from 1, but only because" in chosen.verdict
