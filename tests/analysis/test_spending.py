"""Thresholds that spend an error over the looks, checked by another way of integrating."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hpsearch.analysis.spending import look_thresholds


def test_a_single_look_may_spend_everything() -> None:
    """There is nothing to save it for."""
    assert look_thresholds((12,), 0.025) == pytest.approx((0.025,))


@pytest.mark.parametrize("error", [0.05, 0.01])
def test_the_error_spent_by_each_look_is_that_of_the_schedule(error: float) -> None:
    """P(any crossing so far) = error·t², by scipy's multivariate normal distribution."""
    looks = np.array([4, 8, 12])
    bounds = stats.norm.isf(look_thresholds(tuple(looks.tolist()), error))
    correlation = np.sqrt(np.minimum.outer(looks, looks) / np.maximum.outer(looks, looks))
    for count in (2, 3):
        within = stats.multivariate_normal.cdf(
            bounds[:count], cov=correlation[:count, :count], abseps=1e-7, maxpts=500_000
        )
        spent = error * (looks[count - 1] / 12) ** 2
        assert 1 - within == pytest.approx(spent, rel=0.01)


def test_later_looks_have_more_to_spend_than_an_even_division_gives() -> None:
    """Six looks: the last has more than half of the error, not a sixth."""
    thresholds = look_thresholds((3, 4, 6, 8, 10, 12), 0.0029)
    assert list(thresholds) == sorted(thresholds)
    assert thresholds[-1] > 0.0029 / 2
