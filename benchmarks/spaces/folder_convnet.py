"""The course's convnet from scratch on any folder of photos, to set transfer learning beside."""

from __future__ import annotations

from typing import Any

from hpsearch.data import FolderDataset
from hpsearch.models import convnet
from hpsearch.preparation import Augmentation, Preparation
from hpsearch.spaces import Budget, SearchSpace


class FolderConvnet(SearchSpace):
    """`dogs_vs_cats_convnet` for the images given by --data."""

    dataset = FolderDataset(image_size=128)
    coarse = Budget(trials=30, epochs=10)
    fine = Budget(trials=15, epochs=30, patience=6)
    confirm = Budget(top=3, seeds=6, epochs=40, patience=8)

    def build(self, hp: Any) -> Any:
        hp.Choice("batch_size", [16, 32, 64], default=32)
        augmentation = Augmentation(
            flip="horizontal",
            rotation=15,
            shift=0.1,
            zoom=0.1,
            strength=hp.Float("augmentation_strength", 0.0, 1.0, default=0.5),
        )
        preparation = Preparation(
            self.dataset,
            image_size=hp.Choice("image_size", [64, 96, 128], default=64),
            normalization="none",
            augmentation=augmentation,
        )
        return convnet(
            self.dataset,
            width=hp.Choice("width", [0.5, 1.0], default=1.0),
            preparation=preparation,
            conv_initializer=hp.Choice("conv_initializer", ["glorot_uniform", "he_normal"]),
            batch_norm=hp.Boolean("batch_norm"),
            dropout=hp.Float("dropout", 0.0, 0.7, default=0.25),
            l2=hp.Float("l2", 1e-6, 1e-1, sampling="log"),
            optimizer=hp.Choice("optimizer", ["rmsprop", "adam"]),
            learning_rate=hp.Float("learning_rate", 1e-5, 1e-2, sampling="log", default=1e-3),
        )
