"""Listed values, and hyperparameters as JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.errors import SpaceError
from hpsearch.spaces import Boolean, Choice, Condition, Fixed, Float, Int, Parameter, fixed_at
from hpsearch.spaces.parameter_json import parameter_from_json, parameter_to_json

LISTED = [
    Choice("x", ("relu", "elu", "tanh")),
    Choice("x", (6, 12, 24, 48)),
    Choice("x", (0.1, 0.5)),
    Choice("x", (True, False)),
    Choice("x", ("only",)),
    Boolean("x"),
    Fixed("x", 3),
]


@pytest.mark.parametrize("parameter", LISTED)
def test_every_value_has_its_place_on_the_scale(parameter: Parameter) -> None:
    """Equal shares of [0, 1] in order; a value's place lies in the middle of its share."""
    count = parameter.num_values
    assert count is not None
    values = [parameter.value_at(i) for i in range(count)]
    for index, value in enumerate(values):
        assert parameter.index_of(value) == index
        assert parameter.to_unit(value) == pytest.approx((index + 0.5) / count)
        assert parameter.from_unit(parameter.to_unit(value)) == value
        assert parameter.contains(value)
    assert parameter.from_unit(0.0) == parameter.from_unit(-0.9) == values[0]
    assert parameter.from_unit(1.0) == parameter.from_unit(1.9) == values[-1]
    assert parameter.contains(parameter.default_value)


def test_true_is_not_one() -> None:
    """Python says True == 1; a hyperparameter does not."""
    assert not Choice("x", (True, False)).contains(1)
    assert not Choice("x", (0, 1)).contains(True)
    assert not Fixed("x", 1).contains(True)
    assert not Boolean("x").contains(1)
    assert Choice("x", (1, 2)).contains(1.0)
    assert not Choice("x", ("1", "2")).contains(1)


def test_order_of_choices() -> None:
    """Numbers have an order unless told otherwise; text has one only when told."""
    assert Choice("x", (6, 12)).is_ordered
    assert not Choice("x", (6, 12), ordered=False).is_ordered
    assert not Choice("x", ("a", "b")).is_ordered
    assert Choice("x", ("small", "large"), ordered=True).is_ordered
    assert not Choice("x", (True, False)).is_ordered
    assert not Boolean("x").is_ordered


def test_grid_values_of_choices() -> None:
    """Ordered choices are thinned with both ends kept; unordered ones are all taken."""
    assert Choice("x", (1, 2, 3, 4, 5)).grid_values(3) == (1, 3, 5)
    assert Choice("x", (1, 2, 3, 4, 5)).grid_values(9) == (1, 2, 3, 4, 5)
    assert Choice("x", tuple("abcde")).grid_values(2) == tuple("abcde")
    assert Boolean("x").grid_values(1) == (False, True)
    assert Fixed("x", 7).grid_values(3) == (7,)


def test_the_default_has_the_type_of_the_choices() -> None:
    default = Choice("x", (1, 2), default=2.0).default_value
    assert (default, type(default)) == (2, int)


@pytest.mark.parametrize(
    ("kind", "argument", "extra"),
    [
        (Choice, (), {}),
        (Choice, (1, "a"), {}),
        (Choice, (0, True), {}),
        (Choice, (1, 2, 1), {}),
        (Choice, (1, None), {}),
        (Choice, ([1], [2]), {}),
        (Choice, ("a", "b"), {"default": "c"}),
        (Choice, (0, 1), {"default": True}),
        (Boolean, "yes", {}),
        (Boolean, 1, {}),
        (Fixed, None, {}),
        (Fixed, [1], {}),
    ],
)
def test_impossible_choices_are_refused_by_name(
    kind: Any, argument: Any, extra: dict[str, Any]
) -> None:
    with pytest.raises(SpaceError, match="'activation'"):
        kind("activation", argument, **extra)


def test_fixing_keeps_name_and_conditions() -> None:
    condition = Condition("optimizer", ("sgd",))
    momentum = Float("momentum", 0, 0.99, conditions=(condition,))
    assert fixed_at(momentum, 0.9) == Fixed("momentum", 0.9, conditions=(condition,))


def test_labels_name_the_conditions() -> None:
    conditions = (Condition("optimizer", ("sgd", "rmsprop")), Condition("deep", (True,)))
    assert Int("x", 1, 2).label == "x"
    assert Int("x", 1, 2, conditions=conditions).label == "x (optimizer=sgd|rmsprop, deep=True)"


# --- JSON ------------------------------------------------------------------------

CONDITIONS = (Condition("a", (1, 2)), Condition("b", ("x",)), Condition("c", (False,)))
EVERY_KIND = [
    *LISTED,
    Choice("x", ("a", "b"), ordered=True, default="b"),
    Boolean("x", default=True),
    Fixed("x", "text"),
    Fixed("x", False),
    Float("x", 1e-5, 1e-1, sampling="log", default=1e-3),
    Float("x", 0, 0.5, step=0.1),
    Float("x", 1, 8, sampling="reverse_log"),
    Int("x", 1, 9, conditions=CONDITIONS),
    Int("x", 2, 32, step=2, sampling="log", default=16),
]


@pytest.mark.parametrize("parameter", EVERY_KIND)
def test_json_round_trip(parameter: Parameter) -> None:
    """Through a file and back: the same values, scale and conditions, and the same JSON again."""
    data = json.loads(json.dumps(parameter_to_json(parameter), allow_nan=False))
    back = parameter_from_json(data)
    assert parameter_to_json(back) == data
    assert type(back) is type(parameter)
    assert back.conditions == parameter.conditions
    assert repr(back.default_value) == repr(parameter.default_value)
    assert back.is_ordered == parameter.is_ordered
    assert back.num_values == parameter.num_values
    units = [0, 0.2, 0.5, 0.77, 1]
    assert [back.from_unit(u) for u in units] == [parameter.from_unit(u) for u in units]
    assert parameter_from_json(parameter_to_json(back)) == back


@given(
    st.floats(1e-9, 1e9),
    st.floats(0, 1e9),
    st.sampled_from(["linear", "log", "reverse_log"]),
)
def test_json_keeps_every_bit_of_a_number(low: float, width: float, sampling: Any) -> None:
    parameter = Float("x", low, low + width, sampling=sampling)
    back = parameter_from_json(json.loads(json.dumps(parameter_to_json(parameter))))
    assert (back.low, back.high) == (parameter.low, parameter.high)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "integer"}, "kind 'integer'"),
        ({"kind": ["int"]}, "kind"),
        ({"kind": None}, "kind None"),
        ({"low": "1e-5"}, "cannot be read"),
        ({"low": None}, "cannot be read"),
        ({"lowest": 1}, "lowest"),
        ({"low": 9}, "The range"),
        ({"default": "a"}, "cannot be read"),
        ({"conditions": [{"values": [1]}]}, "condition"),
        ({"conditions": [{"name": "a", "values": 1}]}, "condition"),
        ({"conditions": 5}, "cannot be read"),
        ({"kind": "choice", "values": "adam"}, "expected a list"),
        ({"kind": "choice", "values": ["adam"]}, "cannot be read"),
    ],
)
def test_a_badly_edited_entry_is_refused_by_name(change: dict[str, Any], words: str) -> None:
    data = {"name": "learning_rate", "kind": "int", "low": 1, "high": 5, **change}
    with pytest.raises(SpaceError, match="'learning_rate'") as caught:
        parameter_from_json(data)
    assert words in caught.value.message


@pytest.mark.parametrize("data", [{"kind": "int", "low": 1, "high": 5}, "x", None, [], {"name": 3}])
def test_an_entry_without_a_name_is_refused(data: Any) -> None:
    with pytest.raises(SpaceError, match="without a name"):
        parameter_from_json(data)
