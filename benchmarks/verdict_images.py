"""The images on which networks are spoilt on purpose."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.course_data import arrays_of, signs
from hpsearch.data import Digits
from hpsearch.training.arrays import TrainingArrays, make_arrays

VALIDATION = 1000


class Fashion:
    """Fashion-MNIST in parts.

    Args:
        file: npz with `x` (n, 28, 28) and `y`.
    """

    def __init__(self, file: Path) -> None:
        with np.load(file, allow_pickle=False) as arrays:
            self.x = arrays["x"] if "x" in arrays else arrays["x_train"]
            self.y = arrays["y"] if "y" in arrays else arrays["y_train"]

    def drawn(self, count: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """So many images, standardized, and their labels."""
        chosen = np.random.default_rng([seed, 7]).permutation(len(self.y))[:count]
        return standardized(self.x[chosen]), self.y[chosen].astype(np.int64)

    def part(self, train: int, seed: int) -> TrainingArrays:
        """So many images to train on and 1,000 to validate on."""
        return arrays_of(*self.drawn(train + VALIDATION, seed), train, train + VALIDATION)

    def shuffled(self, train: int, seed: int) -> TrainingArrays:
        """The same with labels that belong to other images."""
        x, y = self.drawn(train + VALIDATION, seed)
        mixed = np.random.default_rng([seed, 8]).permutation(y)
        return arrays_of(x, mixed, train, train + VALIDATION)

    def duplicated(self, train: int, seed: int) -> TrainingArrays:
        """The validation images are training images."""
        x, y = self.drawn(train, seed)
        both = np.concatenate([x, x[:VALIDATION]])
        return arrays_of(both, np.concatenate([y, y[:VALIDATION]]), train, len(both))

    def rare(self, train: int, seed: int) -> TrainingArrays:
        """Shirts, a twentieth, among T-shirts: two classes that are alike."""
        total, rng = train + 1000, np.random.default_rng([seed, 9])
        few = round(total * 0.05)
        large, small = (rng.permutation(np.flatnonzero(self.y == label)) for label in (0, 6))
        chosen = rng.permutation(np.concatenate([large[: total - few], small[:few]]))
        x = standardized(self.x[chosen])
        return arrays_of(x, (self.y[chosen] == 6).astype(np.int64), train, total)


def standardized(images: Any) -> NDArray[np.float32]:
    """Images of bytes with mean 0 and deviation 1, one channel."""
    x = images.astype(np.float32)[..., None] / 255
    return np.asarray((x - x.mean()) / x.std(), dtype=np.float32)


def some_signs(seed: int) -> TrainingArrays:
    """A third of the built-in signs."""
    whole = signs(seed)
    return replace(whole, x_train=whole.x_train[::3], y_train=whole.y_train[::3])


def digits(seed: int) -> TrainingArrays:
    """Scikit-learn's handwritten digits."""
    return make_arrays(Digits().load(seed=seed))
