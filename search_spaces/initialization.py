"""Initializers and activations, seen: dense networks on made-up points in the plane.

The course's toy: zeros never learn, 0.01·rand works in the shallow network and fails in the deep
one, scaled initializers are safe; and the larger the L2 factor, the smoother the regions. `hpsearch
regions results/coarse` draws what the best network decides. On images: `initialization_lenet`.

`hpsearch lint` warns of `zeros` and `normal_0.01`: failing with them is the lesson here.
"""

from __future__ import annotations

from typing import Any

from hpsearch.data import Spirals
from hpsearch.models import mlp
from hpsearch.spaces import Budget, SearchSpace

INITIALIZERS = ["zeros", "normal_0.01", "normal_1", "glorot_normal", "he_normal"]
NETWORKS = {"first": (20,), "second": (20, 20, 20, 20)}


class Initialization(SearchSpace):
    """Initializer × activation × depth × L2 on four classes in the plane."""

    dataset = Spirals()
    coarse = Budget(trials=80, epochs=20)
    fine = Budget(trials=40, epochs=80, patience=20)
    confirm = Budget(top=3, seeds=10, epochs=100, patience=25)
    limits = {"l2": (1e-6, 10.0), "learning_rate": (1e-5, 1.0)}

    def build(self, hp: Any) -> Any:
        hp.Choice("batch_size", [16, 32, 64], default=32)
        # One hidden layer, or four.
        network = hp.Choice("network", list(NETWORKS))
        return mlp(
            self.dataset,
            NETWORKS[network],
            activation=hp.Choice("activation", ["sigmoid", "tanh", "relu"], default="relu"),
            dense_initializer=hp.Choice("initializer", INITIALIZERS, default="he_normal"),
            l2=hp.Float("l2", 1e-5, 1.0, sampling="log"),
            optimizer=hp.Choice("optimizer", ["adam", "sgd"]),
            learning_rate=hp.Float("learning_rate", 1e-3, 1e-1, sampling="log", default=1e-2),
        )
