"""LeNet of 1998 with and without batch normalization on MNIST's handwritten digits.

The course finds .98 without and .99 with it. `hpsearch data fetch mnist` gets the digits.
"""

from __future__ import annotations

from typing import Any

from hpsearch.data import Mnist
from hpsearch.models import lenet_bn
from hpsearch.spaces import Budget, SearchSpace


class MnistLenet(SearchSpace):
    """LeNet against LeNet with batch normalization."""

    dataset = Mnist(scaling="standardize")
    coarse = Budget(trials=40, epochs=3)
    fine = Budget(trials=24, epochs=20, patience=4)
    confirm = Budget(top=4, seeds=8, epochs=30, patience=6)
    limits = {
        "dropout": (0.0, 0.9),
        "l2": (1e-8, 1.0),
        "learning_rate": (1e-6, 1.0),
        "momentum": (0.0, 0.999),
    }

    def build(self, hp: Any) -> Any:
        optimizer = hp.Choice("optimizer", ["adam", "sgd"])
        with hp.conditional_scope("optimizer", ["sgd"]):
            momentum = hp.Float("momentum", 0.0, 0.98, default=0.9)
        hp.Choice("batch_size", [32, 64, 128, 256], default=64)
        return lenet_bn(
            self.dataset,
            # The only difference of the two: False is the plain LeNet, everything else alike.
            batch_norm=hp.Boolean("batch_norm", default=True),
            width=hp.Choice("width", [0.5, 1.0, 2.0], default=1.0),
            activation=hp.Choice("activation", ["relu", "tanh", "leaky_relu"]),
            dropout=hp.Float("dropout", 0.0, 0.6),
            l2=hp.Float("l2", 1e-6, 1e-2, sampling="log"),
            optimizer=optimizer,
            # Batch normalization bears, and often wants, higher rates.
            learning_rate=hp.Float("learning_rate", 1e-5, 1e-1, sampling="log", default=1e-3),
            momentum=momentum,
        )
