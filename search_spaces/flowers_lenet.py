"""A LeNet on 320 photos of four flowers, with and without augmentation.

The course rotates by up to ±20° and shifts by up to ±5 pixels, and comes from .79 to .82. With so
few photos the scores of two seeds differ by more than that: compare by confirm.
"""

from __future__ import annotations

from typing import Any

from hpsearch.data import Flowers
from hpsearch.models import lenet
from hpsearch.preparation import Augmentation, Preparation
from hpsearch.spaces import Budget, SearchSpace

SHIFTED_PIXELS = 5


class FlowersLenet(SearchSpace):
    """LeNets on very little data: augmentation on, off, and how much."""

    dataset = Flowers(image_size=64, scaling="unit")
    coarse = Budget(trials=60, epochs=20)
    fine = Budget(trials=40, epochs=100, patience=15)
    confirm = Budget(top=4, seeds=20, epochs=150, patience=20)
    limits = {
        "augmentation_strength": (0.1, 5.0),
        "dropout": (0.0, 0.9),
        "l2": (1e-8, 1.0),
        "learning_rate": (1e-6, 1.0),
    }

    def build(self, hp: Any) -> Any:
        hp.Choice("batch_size", [8, 16, 32, 64], default=32)
        image_size = hp.Choice("image_size", [32, 48, 64], default=32)
        return lenet(
            self.dataset,
            preparation=Preparation(
                self.dataset,
                image_size=image_size,
                normalization=hp.Choice("normalization", ["standardize", "none", "per_image"]),
                augmentation=_augmentation(hp, image_size),
            ),
            dense_units=hp.Choice("dense_units", [60, 120, 240], default=120),
            width=hp.Choice("width", [0.5, 1.0, 2.0], default=1.0),
            batch_norm=hp.Boolean("batch_norm"),
            dropout=hp.Float("dropout", 0.0, 0.6),
            l2=hp.Float("l2", 1e-6, 1e-1, sampling="log"),
            learning_rate=hp.Float("learning_rate", 1e-4, 1e-2, sampling="log", default=1e-3),
        )


def _augmentation(hp: Any, image_size: int) -> Augmentation:
    """The course's rotation and shift times a strength; 1 is the course's."""
    is_augmented = hp.Boolean("augmentation", default=True)
    with hp.conditional_scope("augmentation", [True]):
        strength = hp.Float("augmentation_strength", 0.25, 3.0, default=1.0)
    if not is_augmented:
        return Augmentation()
    return Augmentation(rotation=20, shift=SHIFTED_PIXELS / image_size, strength=strength)
