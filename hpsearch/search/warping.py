"""`Warp`: objectives on a scale on which a model can learn from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]


FARTHEST = 1e20  # spreads from the median; the square of what is farther may overflow


@dataclass(frozen=True)
class Warp:
    """A monotone map of objectives (larger is better) to zero mean and unit variance.

    Below the median distances grow only with the logarithm: how bad a hopeless learning rate
    is must not hide the differences among good ones.

    Args:
        median: The median of the objectives.
        spread: The distance from there to their 90 % quantile.
        mean: Mean and
        deviation: deviation after compressing.
    """

    median: float
    spread: float
    mean: float
    deviation: float

    @classmethod
    def of(cls, scores: Vector) -> Warp:
        """The map for these objectives."""
        median = float(np.median(scores))
        spread = float(np.quantile(scores, 0.9)) - median
        if spread <= 1e-12 * max(1.0, abs(median)):
            spread = float(np.ptp(scores)) or 1.0
        compressed = _compress((scores - median) / spread)
        return cls(median, spread, float(compressed.mean()), float(compressed.std()) or 1.0)

    def __call__(self, scores: Vector) -> Vector:
        return (_compress((scores - self.median) / self.spread) - self.mean) / self.deviation

    def inverse(self, warped: Vector) -> Vector:
        """The objectives behind values of the map."""
        places = np.asarray(warped) * self.deviation + self.mean
        stretched = np.where(places < 0, -np.expm1(-np.minimum(places, 0)), places)
        return stretched * self.spread + self.median


def _compress(places: Vector) -> Vector:
    places = np.clip(places, -FARTHEST, FARTHEST)
    return np.where(places < 0, -np.log1p(-np.minimum(places, 0)), places)
