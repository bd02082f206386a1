"""Numeric hyperparameters: their ends, steps and scales."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.errors import SpaceError
from hpsearch.spaces import Float, Int, Parameter

SAMPLINGS = st.sampled_from(["linear", "log", "reverse_log"])
UNITS = st.floats(0, 1)


@st.composite
def floats(draw: st.DrawFn) -> Float:
    """Real ranges of every sampling, with and without steps."""
    sampling = draw(SAMPLINGS)
    low = draw(st.floats(1e-6, 100) if sampling != "linear" else st.floats(-100, 100))
    if sampling == "linear":
        high = low + draw(st.floats(1e-3, 1000))
        step = draw(st.none() | st.floats(0.01, 0.9).map(lambda share: share * (high - low)))
    else:
        high = low * draw(st.floats(1.5, 1e5))
        step = draw(st.none() | st.floats(1.1, 20))
    return Float("x", low, high, step=step, sampling=sampling)


@st.composite
def ints(draw: st.DrawFn) -> Int:
    """Whole ranges of every sampling, with and without steps."""
    sampling = draw(SAMPLINGS)
    low = draw(st.integers(1, 50) if sampling != "linear" else st.integers(-50, 50))
    high = low + draw(st.integers(0, 300))
    step = draw(st.none() | st.integers(1 if sampling == "linear" else 2, 7))
    return Int("x", low, high, step=step, sampling=sampling)


RANGES = floats() | ints()


def all_values(parameter: Parameter) -> list[Any]:
    assert parameter.num_values is not None
    return [parameter.value_at(i) for i in range(parameter.num_values)]


# --- laws of every range ---------------------------------------------------------


@given(RANGES, UNITS)
def test_unit_transforms_are_inverse(parameter: Float | Int, unit: float) -> None:
    """Going to the unit scale and back gives the same value, every one inside the range."""
    value = parameter.from_unit(unit)
    assert parameter.contains(value)
    assert parameter.low <= float(value) <= parameter.high
    assert parameter.from_unit(parameter.to_unit(value)) == pytest.approx(value, rel=1e-9)
    assert 0 <= parameter.to_unit(value) <= 1


@given(RANGES, UNITS, UNITS)
def test_unit_transforms_are_monotone(parameter: Float | Int, a: float, b: float) -> None:
    """A larger place on the scale never gives a smaller value, on whatever scale."""
    first, last = sorted((a, b))
    assert parameter.from_unit(first) <= parameter.from_unit(last)  # type: ignore[operator]


@given(floats().filter(lambda p: p.step is None), UNITS)
def test_the_place_of_a_continuous_value_is_the_place_it_came_from(p: Float, unit: float) -> None:
    assert p.to_unit(p.from_unit(unit)) == pytest.approx(unit, abs=1e-5)


@given(RANGES)
def test_ends_are_exact(parameter: Float | Int) -> None:
    """0 is the lowest and 1 the highest value, to the last bit, and outside counts as the end."""
    count = parameter.num_values
    low = parameter.low if count is None else parameter.value_at(0)
    high = parameter.high if count is None else parameter.value_at(count - 1)
    assert parameter.from_unit(0.0) == parameter.from_unit(-0.3) == low
    assert parameter.from_unit(1.0) == parameter.from_unit(1.7) == high
    if parameter.step is None:
        assert (low, high) == (parameter.low, parameter.high)
    if parameter.sampling == "reverse_log":  # its steps begin at the upper end
        assert high == parameter.high
    else:
        assert low == parameter.low


@given(RANGES.filter(lambda p: p.num_values is not None and p.num_values < 400))
def test_positions_count_every_value_once_in_rising_order(parameter: Float | Int) -> None:
    values = all_values(parameter)
    assert values == sorted(set(values))
    assert [parameter.index_of(value) for value in values] == list(range(len(values)))
    assert all(parameter.contains(value) for value in values)


@given(RANGES, st.integers(1, 12))
def test_grid_values_are_few_sorted_and_include_both_ends(p: Float | Int, points: int) -> None:
    values = p.grid_values(points)
    assert len(values) <= points
    assert list(values) == sorted(set(values))
    assert all(p.contains(value) for value in values)
    if points >= 2:
        assert (values[0], values[-1]) == (p.from_unit(0), p.from_unit(1))


@given(RANGES)
def test_the_default_is_a_value_it_can_take(parameter: Float | Int) -> None:
    assert parameter.contains(parameter.default_value)


# --- steps -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "values"),
    [
        (Float("x", 0, 0.5, step=0.1), [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        (Float("x", 0.1, 0.7, step=0.2), [0.1, 0.3, 0.5, 0.7]),
        (Float("x", 0, 1, step=0.4), [0.0, 0.4, 0.8]),
        (Float("x", 1e-4, 1e-1, step=10, sampling="log"), [1e-4, 1e-3, 1e-2, 1e-1]),
        (Float("x", 1 / 3, 1, step=1 / 3), [1 / 3, 0.666666666667, 1.0]),
        (Float("x", 1e-5, 1e-5), [1e-5]),
        (Int("x", 6, 13, step=3), [6, 9, 12]),
        (Int("x", 2, 32, step=2, sampling="log"), [2, 4, 8, 16, 32]),
        (Int("x", -1, 2), [-1, 0, 1, 2]),
        (Int("x", 4, 4), [4]),
        # 17 + 1 - 1·2^i, from Keras Tuner's definition: 17, 16, 14, 10, 2
        (Int("x", 1, 17, step=2, sampling="reverse_log"), [2, 10, 14, 16, 17]),
        (Float("x", 1, 8, step=2, sampling="reverse_log"), [1.0, 5.0, 7.0, 8.0]),
    ],
)
def test_stepped_values(parameter: Parameter, values: list[float]) -> None:
    """Every step up to and including the upper end, free of floating-point dust."""
    found = all_values(parameter)
    assert found == values
    assert [type(value) for value in found] == [type(value) for value in values]


def test_a_stepped_value_reached_by_arithmetic_belongs_to_the_range() -> None:
    """3 × 0.1 is 0.30000000000000004, which means 0.3."""
    parameter = Float("x", 0, 0.3, step=0.1)
    assert parameter.contains(3 * 0.1)
    assert not parameter.contains(0.25)
    assert not parameter.contains(0.4)


def test_tiny_steps_are_told_apart() -> None:
    """Tolerance goes by the distance of the steps, not by an absolute number."""
    parameter = Float("x", 0, 1e-12, step=1e-13)
    assert parameter.num_values == 11
    assert parameter.contains(3e-13)
    assert not parameter.contains(3.5e-13)


def test_a_default_between_steps_goes_to_the_nearest() -> None:
    assert Float("x", 0, 0.5, step=0.1, default=0.27).default_value == 0.3
    assert Int("x", 6, 13, step=3, default=8).default_value == 9
    assert Int("x", 1, 9).default_value == 1


# --- scales ----------------------------------------------------------------------


def test_the_middle_of_each_scale() -> None:
    """Arithmetic mean, geometric mean, and Keras Tuner's reverse_log by its formula.

    high - low·((high / low)^(1 - 1/2) - 1) = 100 - 1·(10 - 1) = 91.
    """
    assert Float("x", 1, 100).from_unit(0.5) == pytest.approx(50.5)
    assert Float("x", 1, 100, sampling="log").from_unit(0.5) == pytest.approx(10)
    assert Float("x", 1, 100, sampling="reverse_log").from_unit(0.5) == pytest.approx(91)


@given(UNITS)
def test_reverse_log_is_log_seen_from_the_other_end(unit: float) -> None:
    """Distances to the upper end are spread as a log scale spreads distances to the lower."""
    log = Float("x", 0.01, 10, sampling="log")
    reverse = Float("x", 0.01, 10, sampling="reverse_log")
    mirrored = 10.01 - float(log.from_unit(1 - unit))
    assert reverse.from_unit(unit) == pytest.approx(mirrored, rel=1e-9, abs=1e-9)


def test_whole_numbers_on_a_log_scale_get_shares_by_their_ratio() -> None:
    """1, 2, 4, 8 … are about equally likely octaves: 64 to 128 as often as 8 to 16."""
    parameter = Int("x", 1, 256, sampling="log")
    values = [int(parameter.from_unit((i + 0.5) / 10000)) for i in range(10000)]
    octave = [sum(2**k <= value < 2 ** (k + 1) for value in values) for k in range(3, 8)]
    assert max(octave) / min(octave) < 1.1
    assert {1, 2, 3, 255, 256} <= set(values)


def test_the_ends_of_whole_numbers_on_a_log_scale_are_no_rarer_than_their_neighbours() -> None:
    """Every number owns what rounds to it: of 1 to 4 the 4 owns ln(4.5 / 3.5) of ln(4.5 / 0.5)."""
    parameter = Int("x", 1, 4, sampling="log")
    values = [parameter.from_unit((i + 0.5) / 10000) for i in range(10000)]
    total = math.log(4.5 / 0.5)
    for number in (1, 2, 3, 4):
        share = math.log((number + 0.5) / (number - 0.5)) / total
        assert values.count(number) / 10000 == pytest.approx(share, abs=0.01)


def test_a_log_grid_of_whole_numbers_is_spread_by_ratio() -> None:
    values = Int("x", 1, 1000, sampling="log").grid_values(4)
    assert values[0] == 1
    assert values[-1] == 1000
    assert 6 <= values[1] <= 12
    assert 80 <= values[2] <= 120


# --- membership ------------------------------------------------------------------


@pytest.mark.parametrize("value", [True, "2", math.nan, math.inf, -math.inf, 0.999, 5.0001, -2])
@pytest.mark.parametrize(
    "parameter",
    [Float("x", 1, 5), Float("x", 1, 5, sampling="log"), Int("x", 1, 5), Int("x", 1, 5, step=2)],
)
def test_what_no_range_from_1_to_5_contains(parameter: Parameter, value: Any) -> None:
    assert not parameter.contains(value)


def test_whole_ranges_contain_whole_numbers_only() -> None:
    assert Int("x", 1, 5).contains(3)
    assert Int("x", 1, 5).contains(3.0)
    assert not Int("x", 1, 5).contains(3.5)
    assert not Int("x", 1, 5, step=2).contains(2)
    assert not Int("x", 1, 50, sampling="log").contains(3.5)


def test_ranges_given_in_other_number_types_are_the_same_range() -> None:
    """Int from 1.0 is Int from 1, also in JSON, where 1.0 and 1 differ."""
    assert repr(Int("x", 1.0, 4.0)) == repr(Int("x", 1, 4))
    assert repr(Float("x", 0, 1)) == repr(Float("x", 0.0, 1.0))


# --- impossible ranges -----------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "low", "high", "extra"),
    [
        (Float, 2, 1, {}),
        (Float, 0, math.inf, {}),
        (Float, math.nan, 1, {}),
        (Float, 0, 1, {"sampling": "log"}),
        (Float, -1, 1, {"sampling": "reverse_log"}),
        (Float, 0, 1, {"sampling": "cubic"}),
        (Float, 0, 1, {"step": 0}),
        (Float, 0, 1, {"step": -0.1}),
        (Float, 0, 1, {"step": math.nan}),
        (Float, 1, 10, {"step": 1, "sampling": "log"}),
        (Float, 1, 10, {"step": 0.5, "sampling": "reverse_log"}),
        (Float, 0, 1, {"default": 2}),
        (Float, 0, 1, {"default": math.nan}),
        (Int, 1.5, 3, {}),
        (Int, 1, 3.5, {}),
        (Int, 1, 9, {"step": 1.5}),
        (Int, 1, 9, {"default": 0}),
    ],
)
def test_an_impossible_range_is_refused_by_name(
    kind: type[Float | Int], low: float, high: float, extra: dict[str, Any]
) -> None:
    with pytest.raises(SpaceError, match="'learning_rate'") as caught:
        kind("learning_rate", low, high, **extra)
    assert caught.value.hint
