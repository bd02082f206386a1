"""`SobolPoints`: a space-filling sequence that grows in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpsearch.search.seeding import derive_seed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bits = NDArray[np.int64]

BITS = 30


class SobolPoints:
    """Points of a scrambled Sobol' sequence.

    Each dimension is scrambled by a random linear map of its binary digits and a digital shift
    (Matoušek, On the L2-Discrepancy for Anchored Boxes, 1998), drawn from the seed and the
    dimension's label alone: a hyperparameter met in the middle of a study does not move the
    points in the dimensions before it.

    Args:
        labels: A name for each dimension.
        seed: Seed of the scrambling.
    """

    def __init__(self, labels: Sequence[str], seed: int) -> None:
        self._scramblings = [_scrambling(derive_seed(seed, "sobol", label)) for label in labels]
        self._points = np.empty((0, len(labels)))

    def __getitem__(self, index: int) -> NDArray[np.float64]:
        """The point of an index from 0, each coordinate in [0, 1)."""
        if index >= len(self._points):
            self._points = self._first(max(64, 1 << index.bit_length()))
        point: NDArray[np.float64] = self._points[index]
        return point

    def _first(self, count: int) -> NDArray[np.float64]:
        from scipy.stats import qmc

        plain = qmc.Sobol(len(self._scramblings), scramble=False, bits=BITS).random(count)
        whole = (plain * 2**BITS).astype(np.int64)
        columns = [
            _scrambled(column, *scrambling)
            for column, scrambling in zip(whole.T, self._scramblings, strict=True)
        ]
        return np.stack(columns, axis=1) / 2.0**BITS


def _scrambling(seed: int) -> tuple[Bits, Bits]:
    """A lower triangular binary matrix with ones on its diagonal, and a shift."""
    generator = np.random.default_rng(seed)
    matrix = np.tril(generator.integers(2, size=(BITS, BITS)), -1) + np.eye(BITS, dtype=np.int64)
    return matrix, generator.integers(2, size=BITS)


def _scrambled(whole: Bits, matrix: Bits, shift: Bits) -> Bits:
    """Whole numbers with their binary digits, the most significant first, mapped and shifted."""
    places = np.arange(BITS - 1, -1, -1)
    digits = (whole[:, None] >> places) & 1
    mixed = (digits @ matrix.T + shift) & 1
    numbers: Bits = mixed @ (1 << places)
    return numbers
