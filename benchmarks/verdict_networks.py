"""Networks that are spoilt on purpose, in one way each, and what the verdict should say of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.course_data import Images, signs
from benchmarks.verdict_images import Fashion, digits, some_signs
from hpsearch.analysis.verdicts import Kind
from hpsearch.training.arrays import TrainingArrays

FASHION = Images((28, 28, 1), 10)
TWO = Images((28, 28, 1), 2)
DIGITS = Images((8, 8, 1), 10)
SIGNS = Images((32, 32, 3), 43)


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
        "well tuned, digits": Network(
            "LeNet with 16 filters of 3×3 and dropout 0.3 on scikit-learn's digits",
            ("good_fit",),
            DIGITS,
            digits,
            40,
            {**ADAM, "filters": 16, "kernel_size": 3, "dropout": 0.3},
        ),
        "well tuned, signs": Network(
            "LeNet with 16 filters and dropout 0.3 on the built-in signs, shaken a little",
            ("good_fit",),
            SIGNS,
            signs,
            20,
            {**ADAM, "filters": 16, "dropout": 0.3},
            augmentation=0.06,
        ),
    }
