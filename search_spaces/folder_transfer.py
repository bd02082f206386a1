"""A pretrained network on any folder of photos: which one, how much of it, and what on top.

    hpsearch coarse --space folder_transfer --data PHOTOS

Photos are read at 128 pixels. The weights of every backbone that may be drawn must be there or
be downloaded; with --weights FILE only VGG16 is used, which the file must be of.
"""

from __future__ import annotations

from typing import Any

from hpsearch.data import FolderDataset
from hpsearch.models import transfer
from hpsearch.spaces import Budget, SearchSpace

BACKBONES = ["vgg16", "mobilenet", "resnet50"]
HEADS = {"linear": (), "small": (64,), "large": (256,)}


class FolderTransfer(SearchSpace):
    """Transfer learning for the images given by --data."""

    dataset = FolderDataset(image_size=128)
    weights = "imagenet"
    coarse = Budget(trials=30, epochs=10)
    fine = Budget(trials=15, epochs=30, patience=6)
    confirm = Budget(top=3, seeds=6, epochs=40, patience=8)
    limits = {"dropout": (0.0, 0.9), "l2": (1e-8, 1.0), "learning_rate": (1e-6, 1e-1)}

    def build(self, hp: Any) -> Any:
        names = BACKBONES if self.weights == "imagenet" else BACKBONES[:1]
        hp.Choice("batch_size", [16, 32, 64], default=32)
        unfreeze_blocks = hp.Int("unfreeze_blocks", 0, 2)
        with hp.conditional_scope("unfreeze_blocks", [1, 2]):
            head_epochs = hp.Int("head_epochs", 2, 10, default=5)
            fine_tuning_rate = hp.Float(
                "fine_tuning_rate", 1e-6, 1e-4, sampling="log", default=1e-5
            )
        return transfer(
            self.dataset,
            backbone=hp.Choice("backbone", names),
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
