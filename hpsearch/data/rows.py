"""Some images of an array in an order of their own, read only when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Rows:
    """What ``images[positions]`` would be, without the copy in memory.

    It has what is needed of an array: ``shape``, ``dtype``, ``nbytes``, length, slices, positions
    in an array, and `numpy.asarray` for everything.

    Args:
        images: (n, height, width, channels), usually a memory map.
        positions: (m,) positions in it.
    """

    def __init__(self, images: NDArray[Any], positions: NDArray[np.int64]) -> None:
        self.images = images
        self.positions = positions

    @property
    def shape(self) -> tuple[int, ...]:
        """(m, height, width, channels)."""
        return (len(self.positions), *self.images.shape[1:])

    @property
    def ndim(self) -> int:
        """4."""
        return self.images.ndim

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the values."""
        return self.images.dtype

    @property
    def size(self) -> int:
        """Number of values."""
        return int(np.prod(self.shape))

    @property
    def nbytes(self) -> int:
        """Bytes these images would take in memory."""
        return self.size * self.dtype.itemsize

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, chosen: Any) -> NDArray[Any]:
        if isinstance(chosen, tuple):
            found: NDArray[Any] = self[chosen[0]]
            return found[(slice(None), *chosen[1:])] if found.ndim == self.ndim else found
        return np.asarray(self.images[self.positions[chosen]])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.asarray(self.images[self.positions], dtype=dtype)


def joined(parts: Sequence[Any]) -> Any:
    """The images of several parts behind each other; no copy where all are rows of one array."""
    first = parts[0]
    if all(isinstance(part, Rows) and part.images is first.images for part in parts):
        return Rows(first.images, np.concatenate([part.positions for part in parts]))
    return np.concatenate([np.asarray(part) for part in parts])
