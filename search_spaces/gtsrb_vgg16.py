"""VGG16 on German traffic signs: data unlike ImageNet, so perhaps only its first blocks.

There is much data, and signs are no photos of animals: the course's table says to adjust more
layers, or to use the first blocks only. Signs are enlarged to 48 pixels, so that five poolings
leave something.
"""

from __future__ import annotations

from typing import Any

from hpsearch.data import Gtsrb
from hpsearch.models import transfer
from hpsearch.preparation import Preparation
from hpsearch.spaces import Budget, SearchSpace


class GtsrbVgg16(SearchSpace):
    """VGG16 cut after one of its blocks, with none to three of them trained."""

    dataset = Gtsrb(image_size=32, scaling="unit")
    weights = "imagenet"
    coarse = Budget(trials=40, epochs=6)
    fine = Budget(trials=20, epochs=20, patience=5)
    confirm = Budget(top=3, seeds=5, epochs=30, patience=6)
    limits = {"dropout": (0.0, 0.9), "l2": (1e-8, 1.0), "learning_rate": (1e-6, 1e-1)}

    def build(self, hp: Any) -> Any:
        hp.Choice("batch_size", [32, 64, 128], default=64)
        unfreeze_blocks = hp.Int("unfreeze_blocks", 0, 3)
        with hp.conditional_scope("unfreeze_blocks", [1, 2, 3]):
            head_epochs = hp.Int("head_epochs", 1, 5, default=2)
            fine_tuning_rate = hp.Float(
                "fine_tuning_rate", 1e-6, 1e-4, sampling="log", default=1e-5
            )
        return transfer(
            self.dataset,
            weights=self.weights,
            unfreeze_blocks=unfreeze_blocks,
            use_blocks=hp.Choice("use_blocks", [3, 4, 5], default=4),
            pooling=hp.Choice("pooling", ["flatten", "average", "max"]),
            dense_units=hp.Choice("dense_units", [128, 256, 512], default=256),
            head_epochs=head_epochs,
            fine_tuning_rate=fine_tuning_rate,
            preparation=Preparation(self.dataset, image_size=48, normalization="none"),
            dropout=hp.Float("dropout", 0.0, 0.6, default=0.3),
            l2=hp.Float("l2", 1e-6, 1e-2, sampling="log"),
            optimizer=hp.Choice("optimizer", ["adam", "rmsprop"]),
            learning_rate=hp.Float("learning_rate", 1e-5, 1e-2, sampling="log", default=1e-3),
        )
