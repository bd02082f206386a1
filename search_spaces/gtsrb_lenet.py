"""LeNet-style convnets on German traffic signs (GTSRB, 43 classes, 32×32).

The defaults are network 1 of the course's case study, 56,195 parameters; `filters=12` with
`dense_units=240` is network 2, 213,147.

`hpsearch lint` warns of `normal_0.01`: where it fails is worth seeing, and the search leaves it.
"""

from __future__ import annotations

from typing import Any

from hpsearch.data import Gtsrb
from hpsearch.models import lenet
from hpsearch.spaces import Budget, SearchSpace

CONV_INITIALIZERS = ["he_normal", "glorot_uniform", "lecun_normal", "orthogonal", "normal_0.01"]
DENSE_INITIALIZERS = ["glorot_uniform", "he_normal", "lecun_normal", "orthogonal", "normal_0.01"]


class GtsrbLenet(SearchSpace):
    """LeNet-style convnets on German traffic signs."""

    dataset = Gtsrb(image_size=32)
    coarse = Budget(trials=60, epochs=5)
    fine = Budget(trials=30, epochs=40, patience=6)
    confirm = Budget(top=3, seeds=12, epochs=60, patience=10)
    limits = {
        "num_conv_layers": (1, 6),
        "dropout": (0.0, 0.9),
        "l2": (1e-8, 1.0),
        "learning_rate": (1e-6, 1.0),
        "momentum": (0.0, 0.999),
    }

    def build(self, hp: Any) -> Any:
        optimizer = hp.Choice("optimizer", ["adam", "sgd", "rmsprop"])
        with hp.conditional_scope("optimizer", ["sgd"]):
            momentum = hp.Float("momentum", 0.0, 0.98, default=0.9)
        # Read by the trainer, which fits in batches of this size. Under a stock Keras Tuner
        # tuner it is recorded, but the batch size given to `tuner.search` is the one used.
        hp.Choice("batch_size", [32, 64, 128, 256])
        return lenet(
            self.dataset,
            num_conv_layers=hp.Int("num_conv_layers", 2, 4),
            filters=hp.Choice("filters", [6, 12, 24, 48]),
            kernel_size=hp.Choice("kernel_size", [3, 5, 7], default=5),
            dense_units=hp.Choice("dense_units", [60, 120, 240, 480], default=120),
            activation=hp.Choice("activation", ["relu", "tanh", "elu", "leaky_relu"]),
            batch_norm=hp.Boolean("batch_norm"),
            dropout=hp.Float("dropout", 0.0, 0.6),
            # A logarithmic scale has no 0. The low end stands for it: on network 1 as
            # initialized 1e-6 adds about 0.0001 to a loss that starts near 3.8.
            l2=hp.Float("l2", 1e-6, 1e-2, sampling="log"),
            conv_initializer=hp.Choice("conv_initializer", CONV_INITIALIZERS),
            dense_initializer=hp.Choice("dense_initializer", DENSE_INITIALIZERS),
            optimizer=optimizer,
            learning_rate=hp.Float("learning_rate", 1e-5, 1e-1, sampling="log", default=1e-3),
            momentum=momentum,
        )
