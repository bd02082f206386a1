"""`--fix NAME=VALUE` and `--range NAME=LOW:HIGH`."""

from collections.abc import Sequence
from typing import Any

import pytest

from hpsearch.errors import SpaceError
from hpsearch.spaces import Boolean, Choice, Condition, Fixed, Float, Int, Overrides, Space

SGD = (Condition("optimizer", ("sgd",)),)
SPACE = Space(
    (
        Float("rate", 1e-5, 1e-1, sampling="log", default=1e-3),
        Int("layers", 2, 6, default=5),
        Choice("filters", (6, 12, 24, 48), default=48),
        Choice("optimizer", ("adam", "sgd")),
        Float("momentum", 0, 1, conditions=SGD),
        Boolean("norm"),
        Choice("bias", (True, False)),
        Fixed("epochs", 3),
        Fixed("head", "softmax"),
    )
)


def change(name: str, fix: Sequence[str] = (), limit: Sequence[str] = ()) -> Any:
    """The one hyperparameter of that name after the changes."""
    (parameter,) = Overrides.parse(fix, limit).apply(SPACE).named(name)
    return parameter


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("rate=0.01", 0.01),
        ("rate=1e-3", 0.001),
        ("rate=5", 5.0),  # outside the declared range: the user knows what is wanted
        (" rate = 0.5 ", 0.5),
        ("layers=9", 9),
        ("layers=3.0", 3),
        ("filters=12", 12),
        ("filters=12.0", 12),
        ("optimizer=sgd", "sgd"),
        ("norm=true", True),
        ("norm=OFF", False),
        ("norm=1", True),
        ("bias=false", False),
        ("bias=True", True),
        ("epochs=10", 10),  # what is fixed can be fixed elsewhere
        ("head=a=b", "a=b"),
    ],
)
def test_a_fixed_value_has_the_type_of_the_hyperparameter(text: str, value: Any) -> None:
    fixed = change(text.partition("=")[0].strip(), fix=[text])
    assert isinstance(fixed, Fixed)
    assert (fixed.value, type(fixed.value)) == (value, type(value))


def test_fixing_keeps_the_conditions() -> None:
    assert change("momentum", fix=["momentum=0.9"]) == Fixed("momentum", 0.9, conditions=SGD)


def test_a_range_keeps_scale_and_moves_the_default_inside() -> None:
    assert change("rate", limit=["rate=1e-4:5e-4"]) == Float(
        "rate", 1e-4, 5e-4, sampling="log", default=5e-4
    )
    assert change("rate", limit=["rate=1e-6 : 1"]).default_value == 1e-3
    assert change("layers", limit=["layers=2:3"]) == Int("layers", 2, 3, default=3)
    assert isinstance(change("layers", limit=["layers=2:3"]).default_value, int)


def test_a_range_of_ordered_choices_keeps_those_between() -> None:
    for text in ("filters=12:24", "filters=24:12"):
        kept = change("filters", limit=[text])
        assert kept.values == (12, 24)
        assert kept.default_value == 12
    assert change("filters", limit=["filters=12:48"]).default_value == 48


def test_other_hyperparameters_stay_as_they_are() -> None:
    changed = Overrides.parse(["norm=yes"], ["layers=2:3"]).apply(SPACE)
    for before, after in zip(SPACE, changed, strict=True):
        assert (before is after) == (before.name not in ("norm", "layers"))


@pytest.mark.parametrize(
    ("fix", "words"),
    [
        ("rate", "--fix NAME=VALUE"),
        ("rate=", "--fix NAME=VALUE"),
        ("=3", "--fix NAME=VALUE"),
        (" =3", "--fix NAME=VALUE"),
        ("", "--fix NAME=VALUE"),
        ("rate=fast", "'rate' cannot be 'fast'"),
        ("rate=nan", "'rate' cannot be nan"),
        ("layers=2.5", "'layers' cannot be 2.5. Give a whole number"),
        ("layers=inf", "'layers' cannot be inf"),
        ("layers=nan", "'layers' cannot be nan"),
        ("filters=7", "Give one of: 6, 12, 24, 48"),
        ("optimizer=Adam", "Give one of: adam, sgd"),
        ("norm=maybe", "Give true or false"),
        ("epochs=many", "'epochs' cannot be 'many'"),
        ("speed=3", "No hyperparameter 'speed'"),
    ],
)
def test_what_cannot_be_fixed_is_said(fix: str, words: str) -> None:
    with pytest.raises(SpaceError) as caught:
        Overrides.parse([fix]).apply(SPACE)
    assert words in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("rate", "--range NAME=LOW:HIGH"),
        ("rate=1", "--range NAME=LOW:HIGH"),
        ("rate=1:", "--range NAME=LOW:HIGH"),
        ("rate=:1", "--range NAME=LOW:HIGH"),
        ("=1:2", "--range NAME=LOW:HIGH"),
        ("rate= : ", "--range NAME=LOW:HIGH"),
        ("rate=1:2:3", "'rate' cannot be '2:3'"),
        ("rate=0.1:0.01", "The range of 'rate' is 0.1 to 0.01"),
        ("rate=0:0.01", "'rate' starts at 0"),
        ("rate=1e-3:inf", "'rate' cannot be inf"),
        ("layers=1.5:3", "'layers' cannot be 1.5"),
        ("filters=6:7", "'filters' cannot be '7'"),
        ("optimizer=adam:sgd", "'optimizer' has no order"),
        ("norm=0:1", "'norm' has no order"),
        ("epochs=1:5", "'epochs' is fixed. Give its value with --fix"),
        ("speed=1:2", "No hyperparameter 'speed'"),
    ],
)
def test_what_cannot_be_a_range_is_said(limit: str, words: str) -> None:
    with pytest.raises(SpaceError) as caught:
        Overrides.parse([], [limit]).apply(SPACE)
    assert words in str(caught.value)
    assert caught.value.hint


def test_a_name_with_both_is_refused() -> None:
    with pytest.raises(SpaceError, match="'rate' has both"):
        Overrides.parse(["rate=1"], ["rate=1:2"])


def test_json_round_trip_and_emptiness() -> None:
    overrides = Overrides.parse(["norm=yes", "rate=1"], ["layers=2:3"])
    assert Overrides.from_json(overrides.to_json()) == overrides
    assert Overrides.from_json({}) == Overrides()
    assert overrides
    assert not Overrides()
    assert Overrides().apply(SPACE) == SPACE


def test_a_quantity_on_a_log_scale_cannot_be_fixed_at_zero_or_below() -> None:
    """A learning rate of -1 would train, and win nothing but confusion."""
    space = Space((Float("rate", 1e-5, 1e-1, sampling="log"),))
    with pytest.raises(SpaceError, match="log scale"):
        Overrides.parse(["rate=-1"]).apply(space)


def test_one_name_cannot_be_fixed_at_two_values() -> None:
    """The last one winning in silence helps nobody."""
    with pytest.raises(SpaceError, match="as 6 and as 12"):
        Overrides.parse(["filters=6", "filters=12"])
