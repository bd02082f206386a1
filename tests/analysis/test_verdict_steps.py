"""What a verdict advises can be done: hyperparameters of the space, flags that exist."""

from __future__ import annotations

import shlex

import pytest

from hpsearch.analysis.verdicts import SENTENCES, NextSearch, levers
from hpsearch.analysis.verdicts.remedies import REMEDIES, next_steps
from hpsearch.spaces import Choice, Fixed, Float, Int, Overrides, Space
from hpsearch.spaces.choices import Boolean

SPACE = Space(
    (
        Float("learning_rate", 1e-5, 1e-1, sampling="log", default=1e-3),
        Float("dropout", 0.0, 0.6, default=0.1),
        Choice("filters", (6, 12, 24, 48), ordered=True, default=6),
        Int("num_conv_layers", 2, 4, default=2),
        Boolean("batch_norm", default=False),
        Fixed("l2", 1e-5),
    )
)
PARAMS = {
    "learning_rate": 1e-3,
    "dropout": 0.1,
    "filters": 6,
    "num_conv_layers": 2,
    "batch_norm": False,
    "l2": 1e-5,
}
COMMAND = "hpsearch fine --from results/coarse"
CONFIRM, CURVES = (f"hpsearch {verb} --from results/coarse" for verb in ("confirm", "curves"))
WHOLE = NextSearch(COMMAND, SPACE, SPACE, CONFIRM, CURVES)


def test_every_kind_of_verdict_has_words_and_remedies() -> None:
    assert set(SENTENCES) == set(REMEDIES)


def test_next_steps_name_the_hyperparameters_and_their_values() -> None:
    steps = next_steps("learning_rate_too_high", {"learning_rate": 0.03}, ("batch_size",))
    assert steps[:2] == ("Lower `learning_rate` from 0.03 to about 0.003.", "Raise `batch_size`.")


def test_next_steps_keep_whole_numbers_whole() -> None:
    steps = next_steps("high_bias", {"num_conv_layers": 2, "filters": 12}, ())
    assert steps[:2] == (
        "Raise `filters` from 12 to about 24.",
        "Raise `num_conv_layers` from 2 to about 3.",
    )


def test_next_steps_say_what_the_space_lacks() -> None:
    assert "Add augmentation to the space." in next_steps("high_variance", {}, ())


def test_next_steps_leave_out_a_move_that_changes_nothing() -> None:
    steps = next_steps("high_bias", {"dropout_rate": 0.0}, ())
    assert not any("dropout_rate" in step for step in steps)
    on = next_steps("learning_rate_too_low", {"batch_norm": True}, ())
    assert not any("batch_norm" in step for step in on)


@pytest.mark.parametrize(
    ("kind", "flags"),
    [
        (
            "high_variance",
            "--range dropout=0.17:0.33",
        ),  # .25, and half of the step from .1 on both sides
        ("learning_rate_too_high", "--range learning_rate=3.2e-05:0.00032"),  # 1e-4 times √10
        ("high_bias", "--fix filters=12"),
        ("high_bias", "--fix num_conv_layers=3"),
        ("learning_rate_too_low", "--fix batch_norm=true"),
        ("high_variance", "--fix l2=0.0001"),
        ("stopped_too_early", "--epochs 40"),
    ],
)
def test_a_step_comes_with_its_command(kind: str, flags: str) -> None:
    steps = next_steps(kind, PARAMS, SPACE.names, WHOLE, 20)  # type: ignore[arg-type]
    assert any(step.endswith(f"`{COMMAND} {flags}`.") for step in steps), steps


@pytest.mark.parametrize("kind", REMEDIES)
def test_the_space_takes_every_command(kind: str) -> None:
    """Also where narrowing has fixed what is to be moved: it is then kept whole first."""
    narrowed = Space(
        tuple(Fixed(name, value) for name, value in PARAMS.items())  # type: ignore[arg-type]
    )
    for left in (SPACE, narrowed):
        search = WHOLE._replace(narrowed=left)
        for step in next_steps(kind, PARAMS, SPACE.names, search, 20):  # type: ignore[arg-type]
            apply(step, left)


def apply(step: str, left: Space) -> None:
    """Do to the space what a step's command does; raises if that is refused."""
    command = next((part for part in step.split("`") if part.startswith(COMMAND)), "")
    words = shlex.split(command)
    flags = dict(zip(words[4::2], words[5::2], strict=True))
    if "--keep" in flags:
        left = left.replaced((own, own) for own in SPACE.named(flags["--keep"]))
    fixed, ranges = ([flags[name]] if name in flags else [] for name in ("--fix", "--range"))
    Overrides.parse(fixed, ranges).apply(left)


def test_what_narrowing_fixed_is_kept_before_it_is_moved() -> None:
    narrowed = SPACE.replaced([(SPACE.named("dropout")[0], Fixed("dropout", 0.1))])
    search = WHOLE._replace(narrowed=narrowed)
    assert search.moving("dropout", 0.1, 0.25) == (
        f"{COMMAND} --keep dropout --range dropout=0.17:0.33"
    )


def test_no_command_moves_a_choice_beyond_the_space() -> None:
    assert WHOLE.moving("filters", 48, 96) == ""


def test_a_curve_shows_whether_images_are_missing() -> None:
    steps = next_steps("high_variance", PARAMS, SPACE.names, WHOLE, 20)
    assert any(
        step.endswith("`hpsearch curves --from results/coarse --sizes 5`.") for step in steps
    )


def test_a_range_is_not_too_narrow_to_search() -> None:
    """Dropout stops at .5; a fifth of that is searched on both sides."""
    assert WHOLE.moving("dropout", 0.45, 0.5).endswith("--range dropout=0.4:0.6")


def test_a_good_fit_is_to_be_confirmed_unless_it_is() -> None:
    first = next_steps("good_fit", PARAMS, SPACE.names, WHOLE, 20)[0]
    assert first.endswith("`hpsearch confirm --from results/coarse`.")
    confirmed = next_steps("good_fit", PARAMS, SPACE.names, WHOLE._replace(confirm=""), 20)
    assert not any("Confirm" in step for step in confirmed)


LEVERS = [own for own in vars(levers).values() if isinstance(own, levers.Lever) and own.change]


@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: f"{lever.text} {lever.pattern}")
@pytest.mark.parametrize("value", [0.0, 1e-6, 0.003, 0.1, 0.45, 0.5, 0.6, 1, 8, 1024])
def test_no_step_lowers_what_it_says_to_raise(lever: levers.Lever, value: float) -> None:
    """A dropout rate of 0.6 is not raised to the 0.5 that is usual."""
    assert lever.change is not None
    target = lever.change(value)
    assert not (lever.text.startswith("Raise") and target < value)
    assert not (lever.text.startswith("Lower") and target > value)
