"""How one budget is divided, against values worked out by hand."""

from __future__ import annotations

import pytest

from hpsearch.runs.division import Division, Share, divide, in_seconds, own_division
from hpsearch.spaces import Budget

OWN = {
    "coarse": Budget(trials=60, epochs=5),
    "fine": Budget(trials=30, epochs=40),
    "confirm": Budget(top=3, seeds=12, epochs=60),
}
BY_TRIALS = {"coarse": 1.0, "fine": 1.0, "confirm": 1.0}
BY_EPOCHS = {"coarse": 5.0, "fine": 40.0, "confirm": 60.0}


def sizes(division: Division) -> tuple[int, int, tuple[int | None, int | None] | None]:
    """Trials of coarse and of a round of fine, configurations and seeds of confirm."""
    confirm = division.confirm
    chosen = None if confirm is None else (confirm.top, confirm.seeds)
    return division.coarse.trials, division.fine.trials, chosen


def test_without_a_budget_the_space_has_its_own() -> None:
    """60 coarse, 30 a round of fine, the best three and the defaults with twelve seeds."""
    division = own_division(OWN, 2)
    assert sizes(division) == (60, 30, (3, 12))
    assert division.trials == 60 + 2 * 30 + 4 * 12
    assert division.notes == ()


@pytest.mark.parametrize(
    ("trials", "rounds", "expected"),
    [
        (138, 1, (60, 30, (3, 12))),  # exactly the space's own
        (60, 1, (27, 13, (3, 5))),  # confirm 60 · 48 / 138 = 20.9: 4 × 5; 40 is left, 2 : 1
        (1000, 1, (635, 317, (3, 12))),  # confirm at most its own 48; 952 is left, 2 : 1
        (24, 1, (16, 8, None)),  # 8.3 is less than the 9 that confirm needs
        (30, 1, (20, 10, None)),  # confirm's 10.4 would leave fewer than 15 + 8
        (138, 2, (52, 25, (3, 9))),  # 60 : 60 : 48; confirm 39.4: 4 × 9; 102 is left, 1 : 1
        (10, 1, (7, 3, None)),  # 2 : 1, and what does not divide goes to coarse
        (2, 1, (1, 1, None)),
    ],
)
def test_trials_are_divided_as_the_space_does(
    trials: int, rounds: int, expected: tuple[object, ...]
) -> None:
    """In proportion to 60 : 30 a round : 48, as far as the least sizes allow."""
    division = divide(trials, OWN, BY_TRIALS, rounds)
    assert sizes(division) == expected
    assert division.trials <= trials
    assert (division.coarse.epochs, division.fine.epochs) == (5, 40)


def test_epochs_are_divided_as_trials_times_epochs_are() -> None:
    """300 : 1200 : 2880 of 4380; with a thousand there is confirm only in its smallest form.

    Confirm's 657 would leave too little for 15 × 5 + 8 × 40 = 395, so it gets 605: 10 trials of
    60, of which 9 are used. 460 is left: 92 to coarse, 368 to fine, 9 trials of 40; the 100 that
    are over make 20 coarse trials.
    """
    division = divide(1000, OWN, BY_EPOCHS, 1, fewer_epochs=True)
    assert division.confirm == Share(9, 60, top=2, seeds=3)
    assert division.fine == Share(9, 40)
    assert division.coarse == Share(20, 5)


def test_few_epochs_make_shorter_trials_rather_than_too_few() -> None:
    """96 epochs: half to coarse, 15 × 3, and half to fine, 8 × 6; none to confirm."""
    division = divide(96, OWN, BY_EPOCHS, 1, fewer_epochs=True)
    assert division.coarse == Share(15, 3)
    assert division.fine == Share(8, 6)
    assert division.confirm is None
    assert "does not reach for confirm" in division.notes[0]


@pytest.mark.parametrize("epochs", range(2, 400, 7))
def test_epochs_are_never_overspent(epochs: int) -> None:
    """Whatever the budget, the parts together cost no more than it."""
    division = divide(epochs, OWN, BY_EPOCHS, 1, fewer_epochs=True)
    parts = [division.coarse, division.fine, *([division.confirm] if division.confirm else [])]
    assert sum(part.trials * part.epochs for part in parts) <= epochs
    assert all(part.trials >= 1 and part.epochs >= 1 for part in parts)


def test_too_few_coarse_trials_to_narrow_are_said() -> None:
    """A person must not wonder why nothing was narrowed."""
    assert "too few to narrow" in divide(12, OWN, BY_TRIALS, 1).notes[0]


def test_seconds_are_divided_as_the_trials_take_them() -> None:
    """An hour at 2, 20 and 30 s a trial: 120 : 600 : 1440 of 2160.

    Confirm's 2400 s exceed its own 1440, which it gets; 2160 s are left: 360 to coarse, 1800 to
    fine, 180 and 90 trials.
    """
    costs = {"coarse": 2.0, "fine": 20.0, "confirm": 30.0}
    division = divide(3600, OWN, costs, 1, fewer_epochs=True)
    assert sizes(division) == (180, 90, (3, 12))
    timed = in_seconds(division, 7200, OWN, costs)
    assert timed.coarse.seconds == pytest.approx(720)
    assert timed.fine.seconds == pytest.approx(3600)
    assert timed.confirm is not None
    assert timed.confirm.seconds == pytest.approx(2880)


def test_little_time_makes_shorter_trials_rather_than_too_few() -> None:
    """100 s at 2 and 20 s a trial: 30 to coarse's 15 trials, 70 to fine, which are 140 epochs.

    Eight trials of 17 epochs cost 68 s; of the 32 that are left coarse gets 16 trials.
    """
    costs = {"coarse": 2.0, "fine": 20.0, "confirm": 30.0}
    division = divide(100, OWN, costs, 1, fewer_epochs=True)
    assert (division.fine, division.coarse) == (Share(8, 17), Share(16, 5))
    timed = in_seconds(division, 110, OWN, costs)
    assert timed.fine.seconds == pytest.approx(74.8)
    assert timed.coarse.seconds == pytest.approx(35.2)


def test_a_division_is_read_as_it_was_written() -> None:
    """What run.json keeps is what a continued run goes by."""
    for division in (divide(24, OWN, BY_TRIALS, 3), own_division(OWN, 1)):
        assert Division.from_json(division.to_json()) == division
