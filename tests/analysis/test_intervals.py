"""Intervals: values known from tables, and none beyond what is possible."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from hpsearch.analysis.intervals import (
    bootstrap_interval,
    difference_interval,
    mean_interval,
    range_of,
    wilson_interval,
)
from hpsearch.training.class_scores import accuracy, balanced_accuracy, macro_f1


def test_the_interval_of_a_mean_is_students() -> None:
    """1, 2, 3: mean 2, error 1/√3, t(0.975; 2) = 4.303 from the table."""
    interval = mean_interval([1.0, 2.0, 3.0])
    assert interval.mean == 2.0
    assert interval.high == pytest.approx(2 + 4.3027 / np.sqrt(3), rel=1e-4)
    assert interval.low == pytest.approx(2 - 4.3027 / np.sqrt(3), rel=1e-4)


def test_a_single_value_has_no_interval() -> None:
    """One seed says nothing of the scatter."""
    assert mean_interval([0.5]) == (0.5, None, None)


def test_wilson_interval_is_that_of_the_textbook() -> None:
    """81 of 263: 0.255 to 0.366 (Newcombe, Statistics in Medicine 17, 1998, table I)."""
    interval = wilson_interval(81, 263)
    assert interval.low == pytest.approx(0.2553, abs=1e-4)
    assert interval.high == pytest.approx(0.3662, abs=1e-4)
    all_right = wilson_interval(10, 10)
    assert all_right.high == pytest.approx(1.0)
    assert all_right.low == pytest.approx(0.7225, abs=1e-4)


def test_an_interval_of_accuracies_does_not_leave_the_possible() -> None:
    """0.99, 1, 1: Student's t would reach 1.01."""
    values = [0.99, 1.0, 1.0]
    assert (mean_interval(values).high or 0) > 1
    assert mean_interval(values, range_of("val_accuracy", values)).high == 1.0
    assert mean_interval(values, range_of("val_loss", values)).high == mean_interval(values).high


def test_only_what_is_a_share_is_held_within_0_and_1() -> None:
    """A number called accuracy that is none is not cut."""
    assert range_of("val_macro_f1", [0.2, 1.0]) == (0.0, 1.0)
    assert range_of("val_balanced_accuracy", [0.5]) == (0.0, 1.0)
    assert range_of("val_loss", [0.5]) == (-math.inf, math.inf)
    assert range_of("val_accuracy", [0.5, 3.0]) == (-math.inf, math.inf)


def test_the_interval_of_a_difference_is_welchs() -> None:
    """By hand: error² = s₁²/n₁ + s₂²/n₂, degrees of freedom by Welch and Satterthwaite."""
    first, second = [1.0, 2.0, 3.0, 4.0], [0.0, 4.0, 8.0]
    errors = np.var(first, ddof=1) / 4, np.var(second, ddof=1) / 3
    freedom = sum(errors) ** 2 / (errors[0] ** 2 / 3 + errors[1] ** 2 / 2)
    reach = stats.t.ppf(0.975, freedom) * np.sqrt(sum(errors))
    interval = difference_interval(first, second)
    assert interval == pytest.approx((-1.5, -1.5 - reach, -1.5 + reach))
    assert difference_interval([0.9, 0.1], [0.1, 0.9], (0.0, 1.0)) == pytest.approx((0, -1, 1))
    assert difference_interval([1.0], [0.5]) == (0.5, None, None)
    assert difference_interval([1.0, 1.0], [0.5, 0.5]) == (0.5, 0.5, 0.5)


def test_a_side_whose_values_are_all_equal_adds_no_scatter_and_no_warning() -> None:
    """The error is that of the other side, 0.5, with its one degree of freedom: t = 12.706."""
    interval = difference_interval([3.0, 3.0], [0.0, 1.0])
    assert interval == pytest.approx((2.5, 2.5 - 12.7062 / 2, 2.5 + 12.7062 / 2), rel=1e-4)


def test_the_bootstrap_of_balanced_accuracy_has_the_scatter_of_its_formula() -> None:
    """Its variance is the mean of the classes' p(1-p)/n, divided by their number."""
    confusion = np.array([[180, 20], [15, 35]])
    deviation = math.sqrt((0.9 * 0.1 / 200 + 0.7 * 0.3 / 50) / 4)
    interval = bootstrap_interval(confusion, balanced_accuracy)
    assert interval.mean == pytest.approx(0.8)
    assert interval.low == pytest.approx(0.8 - 1.96 * deviation, abs=0.01)
    assert interval.high == pytest.approx(0.8 + 1.96 * deviation, abs=0.01)


def test_bootstraps_stay_within_0_and_1_and_stand_classes_without_images() -> None:
    """Nearly all right; the third class does not occur."""
    confusion = np.array([[19, 1, 0], [0, 20, 0], [0, 0, 0]])
    for score in (macro_f1, balanced_accuracy, accuracy):
        _, low, high = bootstrap_interval(confusion, score)
        assert 0.8 < (low or 0) < (high or 0) <= 1
