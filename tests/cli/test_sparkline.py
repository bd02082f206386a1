"""A curve as letters shows where it rises and falls."""

from __future__ import annotations

import math

from hpsearch.cli.sparkline import sparkline


def test_the_lowest_value_is_the_lowest_letter_and_the_highest_the_highest() -> None:
    assert sparkline([0.0, 1.0, 0.5, 1.0]) == "▁█▅█"


def test_what_was_not_measured_is_a_space() -> None:
    assert sparkline([0.0, None, math.nan, 1.0]) == "▁  █"
    assert sparkline([None, None]) == "  "


def test_a_flat_curve_is_in_the_middle_and_no_curve_is_nothing() -> None:
    assert sparkline([3.0, 3.0]) == "▅▅"
    assert sparkline([]) == ""


def test_a_long_curve_is_drawn_shorter_and_keeps_its_end() -> None:
    """Of 100 epochs in 10 letters the last letter is the last epoch."""
    values = [float(epoch) for epoch in range(99)] + [-1.0]
    drawn = sparkline(values, most=10)
    assert len(drawn) == 10
    assert drawn[-1] == "▁"
