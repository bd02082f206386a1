"""Networks that are spoilt on purpose, in one way each, and what the verdict should say of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.course_data import Images, arrays_of, signs
from hpsearch.analysis.verdicts import Kind
from hpsearch.training.arrays import TrainingArrays

FASHION = Images((28, 28, 1), 10)
TWO = Images((28, 28, 1), 2)
SIGNS = Images((32, 32, 3), 43)
VALIDATION = 1000


class Network(NamedTuple):
    """One training with one fault.

    Args:
        cause: What was done, in words.
        expected: What the verdict may be; more than one where the fault has two names.
        images: What the network is built for.
        data: The arrays for a seed.
        epochs: How long it is trained.
        options: Of `hpsearch.models.lenet`; those that are numbers or choices are told the judge.
        batch_size: Images a step.
        augmentation: Largest turn and shift of training images, as shares; 0 for none.
        untold: Options that are no hyperparameters, of which the judge knows nothing.
    """

    cause: str
    expected: tuple[Kind, ...]
    images: Images
    data: Callable[[int], TrainingArrays]
    epochs: int
    options: Mapping[str, Any]
    batch_size: int = 64
    augmentation: float = 0.0
    untold: tuple[str, ...] = ()

    @property
    def params(self) -> dict[str, Any]:
        """The hyperparameters as a study would have them."""
        turned = {"augmentation": self.augmentation} if self.augmentation else {}
        told = {name: v for name, v in self.options.items() if name not in self.untold}
        return {**told, "batch_size": self.batch_size, **turned}


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


ADAM: Mapping[str, Any] = {"optimizer": "adam", "learning_rate": 1e-3}


def networks(file: Path) -> dict[str, Network]:
    """Every network, by name.

    Args:
        file: Where Fashion-MNIST is.
    """
    fashion = Fashion(file)
    some = functools.partial(fashion.part, 2000)
    return {
        "tiny network": Network(
            "one filter and three hidden units",
            ("high_bias",),
            FASHION,
            some,
            30,
            {**ADAM, "learning_rate": 3e-3, "filters": 1, "dense_units": 3},
        ),
        "no regularization, 200 images": Network(
            "200 images, nothing against overfitting",
            ("high_variance",),
            FASHION,
            functools.partial(fashion.part, 200),
            60,
            {**ADAM, "filters": 12},
        ),
        "learning rate × 100": Network(
            "Adam at 0.1",
            ("learning_rate_too_high",),
            FASHION,
            some,
            15,
            {**ADAM, "learning_rate": 0.1},
        ),
        "learning rate × 100, SGD": Network(
            "SGD with momentum 0.9 at 1",
            ("learning_rate_too_high",),
            FASHION,
            some,
            15,
            {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 1.0},
        ),
        "learning rate × 20": Network(
            "Adam at 0.02",
            ("learning_rate_too_high",),
            FASHION,
            some,
            20,
            {**ADAM, "learning_rate": 0.02, "filters": 12},
        ),
        "learning rate ÷ 100": Network(
            "Adam at 1e-5",
            ("learning_rate_too_low",),
            FASHION,
            some,
            15,
            {**ADAM, "learning_rate": 1e-5},
        ),
        "learning rate ÷ 1000": Network(
            "Adam at 1e-6 on the signs",
            ("learning_rate_too_low",),
            SIGNS,
            some_signs,
            8,
            {**ADAM, "learning_rate": 1e-6},
        ),
        "shuffled labels": Network(
            "500 images whose labels were shuffled, trained long",
            ("memorizing",),
            FASHION,
            functools.partial(fashion.shuffled, 500),
            60,
            {**ADAM, "filters": 12},
        ),
        "shuffled labels, small network": Network(
            "3,000 images whose labels were shuffled, one filter",
            ("not_above_chance", "not_learning", "collapsed"),
            FASHION,
            functools.partial(fashion.shuffled, 3000),
            12,
            {**ADAM, "filters": 1, "dense_units": 4},
        ),
        "L2 far too strong": Network(
            "L2 0.3",
            ("regularization_too_strong",),
            FASHION,
            some,
            20,
            {**ADAM, "l2": 0.3},
        ),
        "L2 far too strong, signs": Network(
            "L2 0.3 on the signs",
            ("regularization_too_strong",),
            SIGNS,
            some_signs,
            15,
            {**ADAM, "l2": 0.3},
        ),
        "heavy dropout": Network(
            "dropout 0.9",
            ("regularization_too_strong",),
            FASHION,
            some,
            25,
            {**ADAM, "dropout": 0.9},
        ),
        "heavy augmentation": Network(
            "turned and shifted by up to half",
            ("regularization_too_strong", "high_bias", "validation_easier"),
            FASHION,
            some,
            25,
            {**ADAM},
            augmentation=0.5,
        ),
        "too few epochs": Network(
            "six epochs at 3e-4 on the signs, batches of 128",
            ("stopped_too_early",),
            SIGNS,
            some_signs,
            6,
            {**ADAM, "learning_rate": 3e-4},
            batch_size=128,
        ),
        "far too many epochs": Network(
            "1,000 images, 100 epochs, nothing against overfitting",
            ("high_variance", "trained_too_long"),
            FASHION,
            functools.partial(fashion.part, 1000),
            100,
            ADAM,
        ),
        "duplicates in validation": Network(
            "all validation images are training images; dropout 0.5, no hyperparameter",
            ("validation_easier",),
            FASHION,
            functools.partial(fashion.duplicated, 1000),
            50,
            {**ADAM, "filters": 12, "dropout": 0.5},
            untold=("dropout",),
        ),
        "a rare class": Network(
            "shirts, 5 %, among T-shirts, SGD at 0.001",
            ("collapsed",),
            TWO,
            functools.partial(fashion.rare, 3000),
            12,
            {"optimizer": "sgd", "learning_rate": 1e-3, "l2": 1e-5},
        ),
        "zeros": Network(
            "all initial weights zero",
            ("not_learning",),
            FASHION,
            some,
            8,
            {**ADAM, "conv_initializer": "zeros", "dense_initializer": "zeros"},
        ),
        "small and few images": Network(
            "150 images, one filter, eight hidden units",
            ("high_bias_and_variance",),
            FASHION,
            functools.partial(fashion.part, 150),
            40,
            {**ADAM, "filters": 1, "dense_units": 8},
            batch_size=16,
        ),
        "well tuned": Network(
            "LeNet with 16 filters and dropout 0.4 on the built-in signs, 20 epochs",
            ("good_fit",),
            SIGNS,
            signs,
            20,
            {**ADAM, "filters": 16, "dropout": 0.4},
        ),
    }
