"""The six kinds of dropout on CIFAR-10's small photos, against none.

Park & Kwak, *Analysis on the Dropout Effect in Convolutional Neural Networks*, ACCV 2016. The best
of their rates are all in the space: standard 0.1, spatial 0.05, feature-wise max-drop 0.2,
channel-wise max-drop 0.7, stochastic N(0, 0.2) and U(0, 0.4). `hpsearch data fetch cifar10` gets
the photos.
"""

from __future__ import annotations

from typing import Any

from hpsearch.data import Cifar10
from hpsearch.models import DROPOUT_KINDS, Block, cnn
from hpsearch.spaces import Budget, SearchSpace

KINDS = list(DROPOUT_KINDS)
STOCHASTIC = ["stochastic_normal", "stochastic_uniform"]


class Cifar10Dropout(SearchSpace):
    """Kinds and rates of dropout behind every hidden layer of a six-layer convnet."""

    dataset = Cifar10(scaling="standardize")
    coarse = Budget(trials=60, epochs=6)
    fine = Budget(trials=30, epochs=60, patience=8)
    confirm = Budget(top=7, seeds=8, epochs=80, patience=12)
    limits = {"rate": (0.0, 0.9), "spread": (0.0, 0.5), "learning_rate": (1e-6, 1.0)}

    def build(self, hp: Any) -> Any:
        hp.Choice("batch_size", [64, 128, 256], default=128)
        kind = hp.Choice("dropout_kind", ["none", *KINDS], default="standard")
        with hp.conditional_scope("dropout_kind", KINDS):
            rate = hp.Float("rate", 0.0, 0.8, default=0.1)
        # Standard deviation, or half the width, of the rates that are drawn.
        with hp.conditional_scope("dropout_kind", STOCHASTIC):
            spread = hp.Float("spread", 0.02, 0.25, default=0.2)
        filters = hp.Choice("filters", [16, 32, 64], default=32)
        return cnn(
            self.dataset,
            [
                Block(filters, convolutions=2),
                Block(2 * filters, convolutions=2),
                Block(4 * filters),
            ],
            dense_units=(256,),
            batch_norm=hp.Boolean("batch_norm", default=True),
            dropout=rate,  # None, that is no dropout, where the kind is none
            conv_dropout=rate,
            dropout_kind=None if kind == "none" else kind,
            dropout_spread=spread,
            learning_rate=hp.Float("learning_rate", 1e-4, 1e-2, sampling="log", default=1e-3),
            schedule=hp.Choice("schedule", ["constant", "cosine"], default="cosine"),
        )
