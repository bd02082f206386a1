"""Convnets with a choice for each block on Fashion-MNIST's pictures of clothes.

How many blocks, and the filters, kernels and convolutions of each. `hpsearch data fetch
fashion_mnist` gets the pictures.
"""

from __future__ import annotations

from typing import Any

from hpsearch.data import FashionMnist
from hpsearch.models import Block, cnn
from hpsearch.spaces import Budget, SearchSpace

MOST_BLOCKS = 4  # poolings of 28 pixels: 14, 7, 3, 1


class FashionCnn(SearchSpace):
    """Convnets chosen block by block."""

    dataset = FashionMnist(scaling="standardize")
    coarse = Budget(trials=80, epochs=3)
    fine = Budget(trials=40, epochs=25, patience=5)
    confirm = Budget(top=3, seeds=8, epochs=40, patience=8)
    limits = {"dropout": (0.0, 0.9), "l2": (1e-8, 1.0), "learning_rate": (1e-6, 1.0)}

    def build(self, hp: Any) -> Any:
        hp.Choice("batch_size", [32, 64, 128, 256], default=64)
        num_blocks = hp.Int("num_blocks", 1, MOST_BLOCKS, default=2)
        return cnn(
            self.dataset,
            [_block(hp, number) for number in range(1, num_blocks + 1)],
            head=hp.Choice("head", ["flatten", "average"]),
            dense_units=(hp.Choice("dense_units", [32, 64, 128, 256], default=64),),
            activation=hp.Choice("activation", ["relu", "leaky_relu", "elu", "gelu", "swish"]),
            batch_norm=hp.Boolean("batch_norm"),
            dropout=hp.Float("dropout", 0.0, 0.6),
            l2=hp.Float("l2", 1e-6, 1e-2, sampling="log"),
            optimizer=hp.Choice("optimizer", ["adam", "sgd", "rmsprop"]),
            learning_rate=hp.Float("learning_rate", 1e-5, 1e-1, sampling="log", default=1e-3),
            schedule=hp.Choice("schedule", ["constant", "cosine", "warmup_cosine"]),
        )


def _block(hp: Any, number: int) -> Block:
    """The n-th block; a later one is searched only where the network has so many."""
    if number == 1:
        return _choices(hp, number)
    with hp.conditional_scope("num_blocks", list(range(number, MOST_BLOCKS + 1))):
        return _choices(hp, number)


def _choices(hp: Any, number: int) -> Block:
    return Block(
        filters=hp.Choice(f"filters_{number}", [8, 16, 32, 64], default=16),
        kernel_size=hp.Choice(f"kernel_size_{number}", [3, 5], default=3),
        convolutions=hp.Int(f"convolutions_{number}", 1, 2),
        pooling=hp.Choice(f"pooling_{number}", ["max", "average"]),
    )
