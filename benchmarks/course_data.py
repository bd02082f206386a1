"""The data of the course's comparisons: real images from array files, and what is built in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from hpsearch.data import Gtsrb, Spirals
from hpsearch.training.arrays import TrainingArrays, make_arrays


class Images(NamedTuple):
    """What a builder must know of arrays."""

    image_shape: tuple[int, int, int]
    num_classes: int
    scaling: str = "unit"
    mirror_safe: bool = False


class Folder:
    """The real images, read once: `mnist10k.npz` and `fashion_mnist.npz` with `x` and `y`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, Any] = {}

    def images(self, name: str) -> tuple[Any, Any]:
        """All images in 0 to 1 and labels, in an order that is always the same."""
        if name not in self._read:
            with np.load(self.folder / f"{name}.npz", allow_pickle=False) as file:
                order = np.random.default_rng(0).permutation(len(file["y"]))
                images = file["x"][order, :, :, None].astype(np.float32) / 255
                self._read[name] = images, file["y"][order].astype(np.int64)
        return self._read[name]  # type: ignore[no-any-return]

    def parts(self, name: str, train: int, test: int) -> Callable[[int], TrainingArrays]:
        """The first images to train on, the next ones to test on, standardized; for any seed."""

        def load(_seed: int) -> TrainingArrays:
            x, y = self.images(name)
            mean, deviation = x[:train].mean(), x[:train].std()
            return arrays_of((x[: train + test] - mean) / deviation, y, train, train + test)

        return load

    def four_classes(self, name: str, each: int, test: int) -> Callable[[int], TrainingArrays]:
        """So many images of classes 0 to 3, drawn by the seed, and the first of the others."""

        def load(seed: int) -> TrainingArrays:
            x, y = self.images(name)
            random = np.random.default_rng([seed, each])
            places = [random.permutation(np.flatnonzero(y == label)) for label in range(4)]
            chosen = np.concatenate([p[:each] for p in places] + [p[each:] for p in places])
            rest = random.permutation(chosen[4 * each :])[:test]
            order = np.concatenate([chosen[: 4 * each], rest])
            return arrays_of(x[order], y[order], 4 * each, len(order))

        return load


def arrays_of(x: Any, y: Any, train: int, end: int) -> TrainingArrays:
    """Prepared arrays: to train on up to `train`, to test on up to `end`."""
    import tensorflow as tf

    images, labels = tf.constant(x[:end], tf.float32), tf.constant(y[:end], tf.int32)
    return TrainingArrays(images[:train], labels[:train], images[train:], labels[train:])


def spirals(_seed: int) -> TrainingArrays:
    """The points in the plane: 1,000 to train on, the test part to judge by."""
    data = Spirals().load()
    x = np.concatenate([part.images for part in (data.train, data.validation, data.test)])
    y = np.concatenate([part.labels for part in (data.train, data.validation, data.test)])
    return arrays_of(data.preprocessing.apply(x), y, 1000, len(y))


def signs(seed: int) -> TrainingArrays:
    """The built-in signs, split by track."""
    return make_arrays(Gtsrb().load(seed=seed))
