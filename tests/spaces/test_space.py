"""`Space`: counting, conditions, identity; and grids over it."""

import itertools
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.errors import SpaceError
from hpsearch.spaces import (
    Boolean,
    Choice,
    Condition,
    Fixed,
    Float,
    Grid,
    Int,
    Parameter,
    Space,
    finest_grid,
    make_grid,
)
from hpsearch.spaces.describing import describe_range, format_params, format_value


def when(name: str, *values: Any) -> tuple[Condition, ...]:
    return (Condition(name, values),)


OPTIMIZERS = Space(
    (
        Choice("optimizer", ("adam", "sgd", "rmsprop")),
        Boolean("nesterov", conditions=when("optimizer", "sgd")),
        Float("momentum", 0, 0.9, step=0.3, conditions=when("optimizer", "sgd", "rmsprop")),
        Int("num_layers", 1, 3),
    )
)


def enumerate_space(space: Space) -> set[str]:
    """Every configuration, by trying all values of everything and keeping what is active."""
    columns = [[p.value_at(i) for i in range(p.num_values or 0)] for p in space]
    found = set()
    for row in itertools.product(*columns):
        values: dict[str, Any] = {}
        for parameter, value in zip(space, row, strict=True):
            if all(c.name in values and values[c.name] in c.values for c in parameter.conditions):
                values[parameter.name] = value
        found.add(json.dumps(values, sort_keys=True))
    return found


@st.composite
def spaces(draw: st.DrawFn) -> Space:
    """Small finite spaces in which conditions nest and names recur under other conditions."""
    parameters: list[Parameter] = []
    for position in range(draw(st.integers(0, 5))):
        conditions: tuple[Condition, ...] = ()
        name = f"p{position}"
        if parameters and draw(st.booleans()):
            parent = draw(st.sampled_from(parameters))
            values = [parent.value_at(i) for i in range(parent.num_values or 0)]
            some = draw(st.lists(st.sampled_from(values), min_size=1, unique=True))
            conditions = (*parent.conditions, Condition(parent.name, tuple(some)))
        parameters.append(
            draw(
                st.sampled_from(
                    [
                        Int(name, 1, 3, conditions=conditions),
                        Choice(name, ("a", "b"), conditions=conditions),
                        Boolean(name, conditions=conditions),
                        Float(name, 0, 1, step=0.5, conditions=conditions),
                        Fixed(name, 7, conditions=conditions),
                    ]
                )
            )
        )
    return Space(tuple(parameters))


# --- counting --------------------------------------------------------------------


def test_size_by_hand() -> None:
    """Adam: 3; sgd: 2 · 4 · 3; rmsprop: 4 · 3."""
    assert OPTIMIZERS.size() == 3 + 24 + 12


@given(spaces())
def test_size_is_the_number_of_configurations(space: Space) -> None:
    assert space.size() == len(enumerate_space(space))


def test_size_with_one_name_under_two_conditions_that_others_depend_on() -> None:
    """Of kind a: depth 1 or 2; of kind b: depth 3 with an extra of two values, 4 or 5."""
    space = Space(
        (
            Choice("kind", ("a", "b")),
            Int("depth", 1, 2, conditions=when("kind", "a")),
            Int("depth", 3, 5, conditions=when("kind", "b")),
            Boolean("extra", conditions=when("depth", 3)),
        )
    )
    assert len(enumerate_space(space)) == 6
    assert space.size() == 6
    assert len(make_grid(space, 9)) == len(list(make_grid(space, 9))) == 6


def test_a_continuous_range_makes_a_space_infinite_where_it_can_be_active() -> None:
    rate = Float("rate", 0, 1)
    assert Space((Boolean("b"), rate)).size() is None
    assert Space((Choice("x", (1, 2)), Float("rate", 0, 1, conditions=when("x", 3)))).size() == 2
    assert Space((rate, Boolean("b", conditions=when("rate", 0.5)))).size() is None
    assert Space().size() == 1


# --- values ----------------------------------------------------------------------


@given(spaces())
def test_defaults_are_a_configuration_of_the_space(space: Space) -> None:
    assert space.contains(space.defaults())


def test_active_follows_the_parents() -> None:
    def active(values: Mapping[str, Any]) -> list[str]:
        return [parameter.name for parameter in OPTIMIZERS.active(values)]

    assert active({"optimizer": "adam"}) == ["optimizer", "num_layers"]
    assert active({"optimizer": "rmsprop"}) == ["optimizer", "momentum", "num_layers"]
    assert active({"optimizer": "sgd"}) == ["optimizer", "nesterov", "momentum", "num_layers"]
    assert active({}) == ["optimizer", "num_layers"]


def test_contains_wants_all_that_is_active_and_nothing_else() -> None:
    adam = {"optimizer": "adam", "num_layers": 2}
    assert OPTIMIZERS.contains(adam)
    assert not OPTIMIZERS.contains({**adam, "momentum": 0.3})
    assert not OPTIMIZERS.contains({"optimizer": "adam"})
    assert not OPTIMIZERS.contains({**adam, "num_layers": 4})
    assert not OPTIMIZERS.contains({**adam, "optimizer": "sgd"})


# --- identity --------------------------------------------------------------------


def test_keys_are_names_and_labels_where_a_name_recurs() -> None:
    first = Float("rate", 0, 1, conditions=when("kind", "a"))
    second = Float("rate", 5, 9, conditions=when("kind", "b"))
    space = Space((Choice("kind", ("a", "b")), first, second))
    assert [space.key(p) for p in space] == ["kind", "rate", "rate (kind=b)"]
    assert space.names == ("kind", "rate")
    assert space.named("rate") == (first, second)
    assert space.find(Float("rate", 0, 0.5, conditions=when("kind", "b"))) is second
    assert space.find(Float("rate", 5, 9)) is None


CHANGES = [
    Space((Float("y", 1, 9),)),
    Space((Int("x", 1, 9),)),
    Space((Float("x", 2, 9),)),
    Space((Float("x", 1, 8),)),
    Space((Float("x", 1, 9, step=2),)),
    Space((Float("x", 1, 9, sampling="log"),)),
    Space((Float("x", 1, 9, default=3),)),
    Space((Choice("x", (1.0, 9.0)),)),
    Space((Choice("x", (1, 9)),)),
    Space((Choice("x", ("1", "9")),)),
    Space((Choice("x", (9, 1)),)),
    Space((Choice("x", (1, 9), ordered=False),)),
    Space((Choice("x", (1, 9), default=9),)),
    Space((Fixed("x", 1),)),
    Space((Fixed("x", True),)),
    Space((Boolean("x"),)),
    Space((Boolean("x", default=True),)),
    Space((Boolean("a"), Float("x", 1, 9))),
    Space((Boolean("a"), Float("x", 1, 9, conditions=when("a", True)))),
    Space((Boolean("a"), Float("x", 1, 9, conditions=when("a", False)))),
    Space((Float("x", 1, 9), Boolean("a"))),
]


def test_the_hash_changes_with_every_field() -> None:
    hashes = {space.hash() for space in [Space((Float("x", 1, 9),)), *CHANGES]}
    assert len(hashes) == len(CHANGES) + 1


def test_the_hash_is_the_same_for_the_same_space_however_it_is_written() -> None:
    """On every machine and in every version: changing it makes old studies different ones."""
    given_out = Space((Float("x", 1, 9, default=1), Choice("c", (1, 2), ordered=True, default=1)))
    left_out = Space((Float("x", 1.0, 9.0), Choice("c", (1, 2))))
    assert given_out.hash() == left_out.hash()
    # sha256 of the JSON text with sorted keys, by coreutils' sha256sum
    assert Space((Fixed("x", 1),)).hash() == "9901d71e7a9bb31e"


@given(spaces())
def test_json_round_trip(space: Space) -> None:
    data = json.loads(json.dumps(space.to_json()))
    back = Space.from_json(data)
    assert back.to_json() == data
    assert back.hash() == space.hash()
    assert enumerate_space(back) == enumerate_space(space)


@pytest.mark.parametrize("data", [{}, {"parameters": {}}, {"parameters": [3]}])
def test_what_is_no_space_in_json(data: Any) -> None:
    with pytest.raises(SpaceError):
        Space.from_json(data)


def test_impossible_spaces_are_refused() -> None:
    with pytest.raises(SpaceError, match="'x' is declared twice"):
        Space((Int("x", 1, 2), Float("x", 1, 2)))
    with pytest.raises(SpaceError, match="'x' depends on 'a'"):
        Space((Int("x", 1, 2, conditions=when("a", 1)), Int("a", 1, 2)))
    with pytest.raises(SpaceError, match=r"No hyperparameter 'z'.*It has: a, b"):
        Space((Boolean("a"), Boolean("b"))).named("z")


def test_a_space_grows_and_changes_by_identity() -> None:
    conditional = Int("x", 1, 2, conditions=when("a", True))
    space = Space((Boolean("a"),)).with_parameter(conditional)
    assert [p.name for p in space] == ["a", "x"]
    assert space.with_parameter(Int("x", 5, 6, conditions=when("a", True))) is space
    assert len(space.with_parameter(Int("x", 5, 6, conditions=when("a", False)))) == 3
    changed = space.replaced([(conditional, Int("x", 1, 9, conditions=when("a", True)))])
    assert changed.named("x")[0].num_values == 9
    assert changed.named("a") == space.named("a")


# --- grids -----------------------------------------------------------------------


def test_the_last_hyperparameter_varies_fastest() -> None:
    space = Space((Int("a", 1, 2), Choice("b", ("x", "y")), Float("c", 0, 1)))
    points = list(make_grid(space, 2))
    assert [tuple(point.values()) for point in points] == [
        (a, b, c) for a in (1, 2) for b in ("x", "y") for c in (0.0, 1.0)
    ]
    assert make_grid(space, 3).describe() == "a 2 × b 2 × c 3"
    assert make_grid(Space((Fixed("f", 1),)), 3).describe() == "one point"


def test_a_grid_includes_both_ends_of_every_range() -> None:
    space = Space((Float("rate", 1e-5, 1e-1, sampling="log"), Int("units", 10, 500)))
    for points in (2, 3, 5):
        values = make_grid(space, points).values
        assert values["rate"][0] == 1e-5
        assert values["rate"][-1] == 1e-1
        assert values["units"][0] == 10
        assert values["units"][-1] == 500
    assert make_grid(space, 5).values["rate"] == pytest.approx((1e-5, 1e-4, 1e-3, 1e-2, 1e-1))


@given(spaces(), st.integers(1, 4))
def test_a_grid_has_as_many_points_as_it_says_each_once_and_in_the_space(
    space: Space, points: int
) -> None:
    grid = make_grid(space, points)
    listed = [json.dumps(point, sort_keys=True) for point in grid]
    assert len(grid) == len(listed) == len(set(listed))
    assert set(listed) <= enumerate_space(space)
    if points >= 3:  # no ordered hyperparameter of these spaces has more values
        assert set(listed) == enumerate_space(space)


@st.composite
def mixed_spaces(draw: st.DrawFn) -> Space:
    """Ranges of every scale beside choices, some conditional."""
    kinds = [
        Float("rate", 1e-5, 1e-1, sampling="log"),
        Int("filters", 1, 100, sampling="log"),
        Int("units", 1, 7),
        Float("dropout", 0, 0.5, step=0.1),
        Choice("activation", ("relu", "elu", "tanh")),
        Boolean("norm"),
        Float("momentum", 0, 1, conditions=when("norm", True)),
        Float("never", 0, 1, conditions=when("norm", "maybe")),
    ]
    chosen = draw(st.lists(st.sampled_from(kinds), unique=True))
    return Space((Boolean("norm"), *[p for p in chosen if p.name != "norm"]))


@given(mixed_spaces(), st.integers(1, 300))
def test_the_finest_grid_fits_the_budget_and_cannot_be_refined(space: Space, budget: int) -> None:
    """One more value of any hyperparameter would cost more than the budget allows."""
    grid = finest_grid(space, budget)
    if grid is None:
        assert len(make_grid(space, 2)) > budget
        return
    assert len(grid) == len(list(grid)) <= budget
    for parameter in space:
        key = space.key(parameter)
        now = grid.values[key]
        for points in range(len(now) + 1, len(now) + 12):
            more = parameter.grid_values(points)
            if len(more) > len(now):
                finer = len(Grid(space, {**grid.values, key: more}))
                assert finer > budget or finer == len(grid)
                break


def test_the_finest_grid_takes_all_there_is_when_the_budget_is_large() -> None:
    """On a log scale a point more may give no value more: that is not the end."""
    space = Space((Int("filters", 1, 30, sampling="log"), Boolean("norm")))
    grid = finest_grid(space, 10_000)
    assert grid is not None
    assert len(grid) == 60


def test_the_finest_grid_is_even() -> None:
    """27 trials for three ranges: three values each, not 2 × 2 × 6."""
    grid = finest_grid(Space((Float("a", 0, 1), Float("b", 0, 1), Float("c", 0, 1))), 27)
    assert grid is not None
    assert grid.values == dict.fromkeys("abc", (0.0, 0.5, 1.0))


# --- words -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        (Float("x", 1e-5, 0.1, sampling="log"), "1e-05 … 0.1 (log)"),
        (Float("x", 0, 0.5, step=0.1), "0 … 0.5 (step 0.1)"),
        (Int("x", 2, 32, step=2, sampling="log"), "2 … 32 (log, factor 2)"),
        (Int("x", 2, 32, sampling="reverse_log"), "2 … 32 (reverse log)"),
        (Choice("x", ("adam", "sgd")), "adam, sgd"),
        (Choice("x", (True, False)), "true, false"),
        (Boolean("x"), "false, true"),
        (Fixed("x", 0.5), "= 0.5"),
    ],
)
def test_ranges_in_words(parameter: Parameter, text: str) -> None:
    assert describe_range(parameter) == text


def test_values_in_words() -> None:
    assert format_value(1234567) == "1234567"
    assert format_value(0.000123456) == "0.0001235"
    assert format_params({"a": 1, "b": True}) == "a 1, b true"


def test_what_can_no_longer_be_active_is_not_searched() -> None:
    """Momentum needs SGD: with the optimizer fixed to Adam it is out, and what hangs on it too."""
    momentum = Float("momentum", 0.0, 0.9, conditions=(Condition("optimizer", ("sgd",)),))
    nested = Boolean("nesterov", conditions=(Condition("momentum_kind", ("heavy",)),))
    kind = Choice("momentum_kind", ("heavy", "none"), conditions=momentum.conditions)
    free = Space((Choice("optimizer", ("adam", "sgd")), momentum, kind, nested))
    assert [p.name for p in free.searched()] == [
        "optimizer",
        "momentum",
        "momentum_kind",
        "nesterov",
    ]
    fixed = Space((Fixed("optimizer", "adam"), momentum, kind, nested))
    assert fixed.searched() == ()
