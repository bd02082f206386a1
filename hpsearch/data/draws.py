"""Drawing from the training images: nested shares of them, and bootstrap samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Draw:
    """Which of the training images a trial sees.

    Shares of the same seed are nested: what a smaller one has, a larger one has, too. Each class
    keeps its share, and at least one image. A draw is repeated until it is as long as the whole:
    an epoch has as many steps with few images as with all, and so has a training.

    Args:
        share: Of the images, in (0, 1].
        seed: Another seed draws other images.
        replacement: Whether the images are drawn with replacement, as many as there are: a
            bootstrap sample (Efron & Tibshirani, *An Introduction to the Bootstrap*, 1993).
    """

    share: float = 1.0
    seed: int = 0
    replacement: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise ValueError(f"the share is {self.share}; it must lie in (0, 1]")

    def positions(self, whole: NDArray[np.int64], labels: Any) -> NDArray[np.int64]:
        """The images drawn, as many as in the whole, some or all of them several times.

        Args:
            whole: (n,) positions of the training images.
            labels: Labels of all images, of which `whole` are positions.

        Returns:
            (n,) positions.
        """
        random = np.random.default_rng([self.seed, len(whole)])
        if self.replacement:
            return random.choice(whole, len(whole), replace=True)
        if self.share == 1:
            return whole
        parts = _by_class(whole, labels)
        few = [random.permutation(own)[: max(1, round(self.share * len(own)))] for own in parts]
        return np.resize(np.concatenate(few), len(whole))

    def to_json(self) -> dict[str, Any]:
        """The draw as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return cls(**data)


def _by_class(whole: NDArray[np.int64], labels: Any) -> list[NDArray[np.int64]]:
    """The positions of each class; all together where the labels are no classes."""
    values = np.asarray(labels)
    if values.ndim != 1 or values.dtype.kind not in "iu":
        return [whole]
    classes = values[whole]
    return [whole[classes == label] for label in np.unique(classes)]
