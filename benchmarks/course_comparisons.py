"""The course's comparisons as cells to train: data, network, and the course's own figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from course_data import Folder, Images, signs, spirals

from hpsearch.data import Gtsrb, Spirals
from hpsearch.models import Block, cnn, lenet, lenet_bn, mlp
from hpsearch.preparation import Augmentation, Preparation
from hpsearch.training.arrays import TrainingArrays

DROPOUT = {
    "standard": ("standard", 0.2, None),
    "spatial": ("spatial", 0.1, None),
    "feature-wise max-drop": ("feature_max", 0.2, None),
    "channel-wise max-drop": ("channel_max", 0.5, None),
    "stochastic normal": ("stochastic_normal", 0.2, 0.05),
    "stochastic uniform": ("stochastic_uniform", 0.2, 0.1),
}
CIFAR_RATES = {
    "standard": (0.1, None),
    "spatial": (0.05, None),
    "feature-wise max-drop": (0.2, None),
    "channel-wise max-drop": (0.7, None),
    "stochastic normal": (0.0, 0.2),
    "stochastic uniform": (0.2, 0.2),
}
MNIST_ERRORS = (0.604, 0.430, 0.504, 0.488, 0.502, 0.410, 0.448)
CIFAR_ERRORS = (16.84, 12.22, 13.78, 12.55, 12.00, 11.79, 12.86)
NETWORKS = {"first": (20,), "second": (20, 20, 20, 20)}
INITIALIZERS = {
    "zeros": "zeros", "0.01·rand": "normal_0.01", "rand": "normal_1",
    "Xavier": "glorot_normal", "He": "he_normal",
}  # fmt: skip
TOY = {
    ("first", "sigmoid", "zeros"): (0.61, 0.56), ("first", "sigmoid", "0.01·rand"): (0.74, 0.61),
    ("first", "tanh", "zeros"): (0.28, 0.19), ("first", "tanh", "rand"): (0.64, 0.61),
    ("first", "tanh", "0.01·rand"): (0.89, 0.89), ("second", "tanh", "0.01·rand"): (0.22, 0.22),
    ("second", "tanh", "rand"): (0.75, 0.75), ("second", "tanh", "Xavier"): (0.93, 0.89),
    ("first", "relu", "zeros"): (0.26, 0.21), ("first", "relu", "0.01·rand"): (0.66, 0.65),
    ("first", "relu", "rand"): (0.80, 0.78), ("first", "relu", "Xavier"): (0.74, 0.75),
    ("first", "relu", "He"): (0.74, 0.69), ("second", "relu", "zeros"): (0.25, 0.23),
    ("second", "relu", "0.01·rand"): (0.26, 0.23), ("second", "relu", "rand"): (0.26, 0.23),
    ("second", "relu", "Xavier"): (0.78, 0.75), ("second", "relu", "He"): (0.70, 0.69),
}  # fmt: skip


class Cell(NamedTuple):
    """One network to train, with every seed.

    Args:
        comparison: Which comparison it belongs to.
        setting: What is special about it.
        course: The course's figure; None where the course has none.
        arrays: The data for a seed.
        build: Makes the compiled model.
        epochs: To train for.
        batch_size: Images a step.
        recipe: All of this in words: what is kept counts only for the same recipe.
        judged_each: Whether the test part is looked at after every epoch.
    """

    comparison: str
    setting: str
    course: float | None
    arrays: Callable[[int], TrainingArrays]
    build: Callable[[], Any]
    epochs: int
    batch_size: int
    recipe: str
    judged_each: bool = False

    def key(self, seed: int) -> str:
        """Its place among the results."""
        return f"{self.comparison} | {self.setting} | {seed}"


def cells(folder: Folder) -> Iterator[Cell]:
    """Every comparison, the quick ones first."""
    yield from toy_initialization()
    yield from toy_l2()
    yield from batch_normalization(folder)
    yield from lenet_initialization(folder)
    yield from augmentation(folder)
    yield from doubled()
    yield from mnist_dropout(folder)
    yield from fashion_dropout(folder)


def toy_initialization() -> Iterator[Cell]:
    for network, units in NETWORKS.items():
        for activation in ("sigmoid", "tanh", "relu"):
            for name, initializer in INITIALIZERS.items():
                known = TOY.get((network, activation, name))

                def build(u: Any = units, a: str = activation, i: str = initializer) -> Any:
                    rate = {"optimizer": "sgd", "learning_rate": 0.05, "momentum": 0.9}
                    return mlp(Spirals(), u, activation=a, dense_initializer=i, **rate)

                yield Cell(
                    "toy initialization", f"{network} network, {activation}, {name}",
                    known and known[1], spirals, build, 80, 32, f"sgd 0.05, {units}, 80 epochs",
                )  # fmt: skip


def toy_l2() -> Iterator[Cell]:
    for rank, factor in enumerate((0.001, 0.01, 0.1)):

        def build(f: float = factor) -> Any:
            options = {"activation": "tanh", "learning_rate": 0.01, "l2": f}
            return mlp(Spirals(), (20, 20), dense_initializer="glorot_normal", **options)

        yield Cell(
            "toy L2", f"λ = {factor:g}", -float(rank), spirals, build, 120, 32,
            "adam 0.01, tanh (20, 20), 120 epochs",
        )  # fmt: skip


def batch_normalization(folder: Folder) -> Iterator[Cell]:
    load = folder.parts("mnist10k", 5000, 5000)
    for name, on, course in (("LeNet", False, 0.98), ("LeNet with batch norm", True, 0.99)):

        def build(norm: bool = on) -> Any:
            return lenet_bn(Images((28, 28, 1), 10), batch_norm=norm)

        recipe = "adam 0.001, 10 epochs, training accuracy of each"
        yield Cell("batch normalization", name, course, load, build, 10, 64, recipe, True)


def lenet_initialization(folder: Folder) -> Iterator[Cell]:
    load = folder.parts("mnist10k", 5000, 5000)
    course = {"He": 0.99, "0.01·rand": 0.91, "rand": 0.80, "Xavier": 0.97}
    for name, figure in course.items():

        def build(i: str = INITIALIZERS[name]) -> Any:
            options = {"optimizer": "sgd", "learning_rate": 0.01, "momentum": 0.9}
            data = Images((28, 28, 1), 10)
            return lenet(data, dense_units=(120, 84), conv_initializer=i, **options)

        recipe = "sgd 0.01, momentum 0.9, 6 epochs"
        yield Cell("LeNet initialization", name, figure, load, build, 6, 32, recipe)


def augmentation(folder: Folder) -> Iterator[Cell]:
    for source, title in (("mnist10k", "digits"), ("fashion_mnist", "clothes")):
        load = folder.four_classes(source, 80, 2000)
        for name, course in (("without augmentation", 0.79), ("with augmentation", 0.82)):

            def build(on: bool = name.startswith("with ")) -> Any:
                images = Images((28, 28, 1), 4)
                changes = Augmentation(rotation=20, shift=5 / 28) if on else Augmentation()
                before = Preparation(images, normalization="none", augmentation=changes)
                return lenet(images, preparation=before)

            recipe = "adam 0.001, 80 epochs, rotation 20, shift 5 of 28 pixels"
            yield Cell(f"augmentation, {title}", name, course, load, build, 80, 32, recipe)


def doubled() -> Iterator[Cell]:
    for name, width, course in (("network 1", 1, 0.925), ("network 2", 2, 0.954)):

        def build(w: int = width) -> Any:
            return lenet(Gtsrb(), width=w)

        yield Cell("doubled LeNet", name, course, signs, build, 5, 64, "adam 0.001, 5 epochs", True)


def mnist_dropout(folder: Folder) -> Iterator[Cell]:
    load = folder.parts("mnist10k", 5000, 5000)
    settings = {"none": ("standard", None, None), **DROPOUT}
    for (name, (kind, rate, spread)), error in zip(settings.items(), MNIST_ERRORS, strict=True):

        def build(k: str = kind, r: Any = rate, s: Any = spread) -> Any:
            options = {"dropout": r, "conv_dropout": r, "dropout_kind": k, "dropout_spread": s}
            return lenet(Images((28, 28, 1), 10), dense_units=(120, 84), width=2, **options)

        recipe = f"width 2, adam 0.001, 10 epochs, {kind} {rate} {spread}"
        yield Cell("dropout, MNIST", name, -error, load, build, 10, 64, recipe)


def fashion_dropout(folder: Folder) -> Iterator[Cell]:
    load = folder.parts("fashion_mnist", 5000, 10000)
    rates = {"none": (None, None), **CIFAR_RATES}
    for (name, (rate, spread)), error in zip(rates.items(), CIFAR_ERRORS, strict=True):

        def build(
            k: str = DROPOUT.get(name, ("standard",))[0], r: Any = rate, s: Any = spread
        ) -> Any:
            options = {"dropout": r, "conv_dropout": r, "dropout_kind": k, "dropout_spread": s}
            blocks = [Block(16), Block(32), Block(32, pooling="none")]
            return cnn(Images((28, 28, 1), 10), blocks, dense_units=(64,), **options)

        recipe = f"16-32-32, dense 64, adam 0.001, 8 epochs, {rate} {spread}"
        yield Cell("dropout, clothes", name, -error, load, build, 8, 64, recipe)
