"""VGG16 on 320 photos of four flowers: a linear classifier on top, or a little more.

With so few photos like ImageNet's the course's table says: a linear classifier on the frozen
base. The search may find that a hidden layer or block5 pays all the same.
"""

from __future__ import annotations

from typing import Any

from hpsearch.data import Flowers
from hpsearch.models import transfer
from hpsearch.spaces import Budget, SearchSpace

HEADS = {"linear": (), "small": (64,), "large": (256,), "deep": (256, 64)}


class FlowersVgg16(SearchSpace):
    """VGG16 with none or one of its blocks trained, on very little data."""

    dataset = Flowers(image_size=128, scaling="unit")
    weights = "imagenet"
    coarse = Budget(trials=40, epochs=15)
    fine = Budget(trials=20, epochs=50, patience=10)
    confirm = Budget(top=3, seeds=12, epochs=60, patience=12)
    limits = {"dropout": (0.0, 0.9), "l2": (1e-8, 1.0), "learning_rate": (1e-6, 1e-1)}

    def build(self, hp: Any) -> Any:
        hp.Choice("batch_size", [8, 16, 32], default=16)
        unfreeze_blocks = hp.Int("unfreeze_blocks", 0, 1)
        with hp.conditional_scope("unfreeze_blocks", [1]):
            head_epochs = hp.Int("head_epochs", 3, 20, default=8)
            fine_tuning_rate = hp.Float(
                "fine_tuning_rate", 1e-6, 1e-4, sampling="log", default=1e-5
            )
        return transfer(
            self.dataset,
            weights=self.weights,
            unfreeze_blocks=unfreeze_blocks,
            use_blocks=hp.Choice("use_blocks", [3, 4, 5], default=5),
            pooling=hp.Choice("pooling", ["average", "max", "flatten"]),
            dense_units=HEADS[hp.Choice("head", list(HEADS))],
            head_epochs=head_epochs,
            fine_tuning_rate=fine_tuning_rate,
            dropout=hp.Float("dropout", 0.0, 0.7, default=0.25),
            l2=hp.Float("l2", 1e-6, 1e-1, sampling="log"),
            optimizer=hp.Choice("optimizer", ["rmsprop", "adam"]),
            learning_rate=hp.Float("learning_rate", 1e-5, 1e-2, sampling="log", default=1e-3),
        )
