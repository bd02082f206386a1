"""What is expected over two hyperparameters, of functions that are known."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from hpsearch.analysis.expected import expected_over
from hpsearch.analysis.fitted import Fitted, fit
from hpsearch.search.threads import one_thread
from hpsearch.spaces import Choice, Condition, Float, Space
from hpsearch.storage import TrialRecord

SPACE = Space((Float("a", 0, 1), Float("b", 0, 1), Float("c", 0, 1)))


@functools.cache
def fitted_to(direction: str = "maximize") -> Fitted:
    """The objective is (a - ½)(b - ½) plus c."""
    generator = np.random.default_rng(0)
    records = []
    for number in range(60):
        a, b, c = generator.uniform(size=3)
        value = (a - 0.5) * (b - 0.5) + c
        records.append(
            TrialRecord(
                number,
                "complete",
                {"a": a, "b": b, "c": c},
                value if direction == "maximize" else -value,
            )
        )
    with one_thread():
        found = fit(SPACE, records, direction)
    assert found is not None
    return found


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_the_product_is_found_and_the_third_averaged(direction: str) -> None:
    """Over c, from 0 to 1, the average is a half; the corners are a quarter away from it."""
    fitted = fitted_to(direction)
    expected = expected_over(fitted, 0, 1)
    sign = 1 if direction == "maximize" else -1
    assert expected.shape == (25, 25)
    corners = sign * expected[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners == pytest.approx([0.75, 0.25, 0.25, 0.75], abs=0.12)
    assert sign * expected[12, 12] == pytest.approx(0.5, abs=0.05)


def test_the_order_of_the_two_only_turns_the_table() -> None:
    fitted = fitted_to()
    assert expected_over(fitted, 2, 0) == pytest.approx(expected_over(fitted, 0, 2).T)


def test_nothing_is_expected_where_one_of_them_is_not_in_use() -> None:
    sgd = (Condition("optimizer", ("sgd",)),)
    space = Space((Choice("optimizer", ("adam", "sgd")), Float("momentum", 0, 1, conditions=sgd)))
    generator = np.random.default_rng(1)
    records = []
    for number in range(40):
        momentum = generator.uniform()
        params = {"optimizer": "sgd", "momentum": momentum} if number % 2 else {"optimizer": "adam"}
        records.append(TrialRecord(number, "complete", params, momentum if number % 2 else 0.3))
    with one_thread():
        fitted = fit(space, records, "maximize")
    assert fitted is not None
    for table in (expected_over(fitted, 0, 1), expected_over(fitted, 1, 0).T):
        assert np.isnan(table[0]).all()
        assert np.isfinite(table[1]).all()
