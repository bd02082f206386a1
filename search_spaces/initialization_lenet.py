"""Initializers of the convolutions of a LeNet on MNIST, with activation and L2.

The course initializes the convolutional layers only (train / test): 0.01·rand .89/.91,
rand .75/.80, Xavier (Glorot) .99/.97, He .99/.99. `initialization` shows the same on points in the
plane, which needs no download.

`hpsearch lint` warns of `zeros` and `normal_0.01`: failing with them is the lesson here.
"""

from __future__ import annotations

from typing import Any

from hpsearch.data import Mnist
from hpsearch.models import lenet
from hpsearch.spaces import Budget, SearchSpace

INITIALIZERS = ["zeros", "normal_0.01", "normal_1", "glorot_normal", "he_normal"]


class InitializationLenet(SearchSpace):
    """Initializer × activation × L2 in the convolutions of a LeNet."""

    dataset = Mnist(scaling="standardize")
    coarse = Budget(trials=60, epochs=2)
    fine = Budget(trials=30, epochs=10, patience=3)
    confirm = Budget(top=4, seeds=8, epochs=20, patience=5)
    limits = {"l2": (1e-8, 1.0), "learning_rate": (1e-5, 1.0)}

    def build(self, hp: Any) -> Any:
        hp.Choice("batch_size", [32, 64, 128], default=64)
        return lenet(
            self.dataset,
            dense_units=(120, 84),
            activation=hp.Choice("activation", ["relu", "tanh", "sigmoid"]),
            conv_initializer=hp.Choice("conv_initializer", INITIALIZERS, default="he_normal"),
            l2=hp.Float("l2", 1e-6, 1e-1, sampling="log"),
            optimizer=hp.Choice("optimizer", ["adam", "sgd"]),
            learning_rate=hp.Float("learning_rate", 1e-4, 1e-1, sampling="log", default=1e-3),
        )
