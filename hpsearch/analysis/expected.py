"""What the response surface expects over two hyperparameters, all others averaged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hpsearch.analysis.axes import Axis, Numbers
from hpsearch.analysis.fitted import Fitted


def expected_over(fitted: Fitted, first: int, second: int) -> Numbers:
    """The expected objective over the grids of two axes.

    The posterior mean at the middle of the settings. The parts along all other axes are 0 on
    average over their grids, so that what is left is the constant, both axes' own parts and that
    of the pair.

    Args:
        fitted: The fit.
        first: Axis number of the one.
        second: Axis number of the other.

    Returns:
        (grid of the first, grid of the second), in units of the objective; NaN where one of the
        two is not in use.
    """
    response, own = fitted.response, fitted.typical
    weights = np.linalg.solve(response.covariance(own), response.values)
    one, other = (
        own.variances[number] * response.seen[number][own.lengths[number]]
        for number in (first, second)
    )
    standard = weights.sum() + (one @ weights)[:, None] + (other @ weights)[None, :]
    standard = standard + own.pairs * (one * weights) @ other.T
    expected = fitted.in_objective(standard)
    expected[~_both_in_use(fitted.axes, first, second)] = np.nan
    return expected


def _both_in_use(axes: tuple[Axis, ...], first: int, second: int) -> NDArray[np.bool_]:
    """(grid of the first, grid of the second), whether the one lets the other be in use."""
    by_first = _allows(axes, first, second)[:, None]
    by_second = _allows(axes, second, first)[None, :]
    return np.asarray(by_first & by_second)


def _allows(axes: tuple[Axis, ...], parent: int, child: int) -> NDArray[np.bool_]:
    """For each code of one axis, whether another can be in use with it."""
    allowed = np.ones(len(axes[parent].grid), dtype=bool)
    for condition in axes[child].parents:
        if all(number == parent for number, _ in condition):
            codes = frozenset().union(*(own for _, own in condition))
            allowed &= np.isin(np.arange(len(allowed)), list(codes))
    return allowed
