"""Transfer learning on small photos: quick trials, to see what many of them leave in memory."""

from __future__ import annotations

from typing import Any

from hpsearch.data import FolderDataset
from hpsearch.models import transfer
from hpsearch.spaces import Budget, SearchSpace


class SmallTransfer(SearchSpace):
    """Heads of several forms on VGG16, with none or one of its blocks unfrozen."""

    dataset = FolderDataset(image_size=48)
    weights = "imagenet"
    coarse = Budget(trials=100, epochs=2)

    def build(self, hp: Any) -> Any:
        return transfer(
            self.dataset,
            weights=self.weights,
            unfreeze_blocks=hp.Int("unfreeze_blocks", 0, 1),
            pooling=hp.Choice("pooling", ["average", "max", "flatten"]),
            dense_units=hp.Int("dense_units", 16, 256, step=16),
            dropout=hp.Float("dropout", 0.0, 0.7),
            learning_rate=hp.Float("learning_rate", 1e-5, 1e-2, sampling="log"),
        )
