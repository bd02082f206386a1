"""Dense networks on scikit-learn's real handwritten digits: a whole search in a few minutes.

Nothing has to be downloaded, and a trial takes seconds: the space for a first try.
"""

from __future__ import annotations

from typing import Any

from hpsearch.data import Digits
from hpsearch.models import mlp
from hpsearch.spaces import Budget, SearchSpace


class DigitsMlp(SearchSpace):
    """Dense networks on 8×8 digits."""

    dataset = Digits(scaling="standardize")
    coarse = Budget(trials=40, epochs=8)
    fine = Budget(trials=20, epochs=40, patience=8)
    confirm = Budget(top=3, seeds=8, epochs=60, patience=10)
    limits = {
        "num_layers": (0, 5),
        "dropout": (0.0, 0.9),
        "l2": (1e-8, 1.0),
        "learning_rate": (1e-6, 1.0),
    }

    def build(self, hp: Any) -> Any:
        hp.Choice("batch_size", [16, 32, 64, 128], default=32)
        # 0 layers is logistic regression, the bar to clear.
        num_layers = hp.Int("num_layers", 0, 3, default=1)
        units = hp.Choice("units", [16, 32, 64, 128, 256], default=64)
        return mlp(
            self.dataset,
            [units] * num_layers,
            activation=hp.Choice("activation", ["relu", "leaky_relu", "tanh", "sigmoid"]),
            batch_norm=hp.Boolean("batch_norm"),
            dropout=hp.Float("dropout", 0.0, 0.6),
            l2=hp.Float("l2", 1e-6, 1e-1, sampling="log"),
            optimizer=hp.Choice("optimizer", ["adam", "sgd", "rmsprop"]),
            learning_rate=hp.Float("learning_rate", 1e-4, 1e-1, sampling="log", default=1e-3),
        )
