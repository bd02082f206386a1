"""The winner of a confirmation, and the words for how sure it is."""

from __future__ import annotations

from pathlib import Path

from hpsearch.stages.judging import choose_winner
from hpsearch.storage import RunDirectory, StudyView, TrialRecord


def view(sizes: list[int], direction: str = "maximize") -> StudyView:
    """A study whose candidates have models of these sizes."""
    trials = tuple(
        TrialRecord(n, "complete", value=0.5, candidate=n, num_parameters=size)
        for n, size in enumerate(sizes)
    )
    facts = {"identity": {"objective": "val_accuracy", "direction": direction}}
    return StudyView(RunDirectory(Path("none")), facts, {}, trials)


GOOD, ALSO_GOOD, BAD = [0.90, 0.92, 0.91, 0.93], [0.91, 0.92, 0.90, 0.94], [0.5, 0.51, 0.49, 0.52]


def test_a_shown_difference_makes_the_better_one_the_winner() -> None:
    """However large its model is."""
    winner, verdict = choose_winner([BAD, GOOD], {}, view([10, 1000]))
    assert winner == 1
    assert "better than every other one" in verdict


def test_of_configurations_that_cannot_be_told_apart_the_smaller_model_wins() -> None:
    """The means differ by less than their scatter: the tie goes to the fewer weights."""
    winner, verdict = choose_winner([GOOD, ALSO_GOOD, BAD], {}, view([10, 1000, 1]))
    assert winner == 0
    assert "not distinguishable from 1" in verdict
    assert "2" not in verdict.partition("from")[2], "the clearly worse one is no rival"


def test_for_a_loss_the_smaller_mean_is_the_better() -> None:
    """The same numbers turned round."""
    assert choose_winner([GOOD, BAD], {}, view([1, 1], "minimize"))[0] == 1


def test_who_was_given_up_cannot_win() -> None:
    """The race decided already, on more evidence than the last look."""
    assert choose_winner([GOOD, ALSO_GOOD], {0: 3}, view([1, 1000]))[0] == 1


def test_a_single_configuration_needs_no_comparison() -> None:
    """It wins, and the words do not claim more."""
    assert choose_winner([GOOD], {}, view([5])) == (0, "configuration 0 is the only one")


def test_configurations_without_a_completed_trial_are_left_out() -> None:
    """A candidate that always diverged has no mean."""
    assert choose_winner([[], GOOD], {}, view([5, 5]))[0] == 1


def test_with_one_seed_the_better_score_wins_however_small_the_other_model() -> None:
    """No evidence is no tie: 0.94 against 0.14 on one seed each."""
    winner, verdict = choose_winner([[0.94], [0.14]], {}, view([1000, 1]))
    assert winner == 0
    assert "too few seeds to tell it from 1" in verdict


def test_a_smaller_model_with_a_clearly_lower_mean_is_no_tie() -> None:
    """Not shown to be worse is not the same as as good."""
    wide, lower = [0.90, 0.91, 0.92, 0.91], [0.70, 0.95, 0.60, 0.90]
    assert choose_winner([wide, lower], {}, view([1000, 1]))[0] == 0
