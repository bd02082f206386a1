"""Alpha spending: how much of an error each look at accumulating data may use up."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPENDING_POWER = 2.0  # t²: a look after half of the seeds may have spent a quarter of the error
WIDTH, STEP = 8.0, 0.01  # of the grid on which the distribution is followed, in deviations


@functools.cache
def look_thresholds(looks: tuple[int, ...], error: float) -> tuple[float, ...]:
    """The one-sided p-value below which a comparison is decided, look by look.

    With t the share of the seeds seen, the probability of having decided wrongly so far is kept
    at error·t² (Kim & DeMets, Biometrika 74, 1987). Looks at the same growing samples depend on
    each other, which leaves more for each than dividing the error among them: the distribution
    of the statistic among the undecided is followed from look to look by numerical integration
    (Armitage, McPherson & Rowe, JRSS A 132, 1969). It is worked out for a normal statistic and
    applied to p-values, which is close for t-tests too (Jennison & Turnbull, *Group Sequential
    Methods*, 2000, section 4.4).

    Args:
        looks: Numbers of seeds at the looks, ascending; the last is all of them.
        error: Error to spend on this comparison, inside (0, 1).
    """
    from scipy import stats

    times = np.array(looks) / looks[-1]
    spent = np.diff(error * times**SPENDING_POWER, prepend=0.0)
    bounds = [float(stats.norm.isf(spent[0]))]
    density = _normal(_grid(), times[0])
    for before, now, share in zip(times, times[1:], spent[1:], strict=False):
        density[_grid() > bounds[-1] * np.sqrt(before)] = 0.0
        density = np.convolve(density, _normal(_grid(), now - before), mode="same") * STEP
        bounds.append(_upper_quantile(density, float(share)) / float(np.sqrt(now)))
    return tuple(float(stats.norm.sf(bound)) for bound in bounds)


def _grid() -> NDArray[np.float64]:
    return np.arange(-WIDTH, WIDTH + STEP / 2, STEP)


def _normal(at: NDArray[np.float64], variance: float) -> Any:
    from scipy import stats

    return stats.norm.pdf(at, scale=np.sqrt(variance))


def _upper_quantile(density: Sequence[float] | NDArray[np.float64], tail: float) -> float:
    """Where the tail above holds this much, interpolated between points of the grid."""
    above = np.cumsum(np.asarray(density)[::-1])[::-1] * STEP - np.asarray(density) * STEP / 2
    return float(np.interp(-np.log(tail), -np.log(np.maximum(above, 1e-300)), _grid()))
