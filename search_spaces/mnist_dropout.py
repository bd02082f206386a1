"""The six kinds of dropout on MNIST's handwritten digits, against none.

Park & Kwak, *Analysis on the Dropout Effect in Convolutional Neural Networks*, ACCV 2016. The best
of their rates are all in the space: standard 0.2, spatial 0.1, feature-wise max-drop 0.2,
channel-wise max-drop 0.5, stochastic N(0.2, 0.05) and U(0.1, 0.3). Errors differ by tenths of a
percent: only confirm, with its many seeds, can tell them apart.
"""

from __future__ import annotations

from typing import Any

from hpsearch.data import Mnist
from hpsearch.models import DROPOUT_KINDS, lenet
from hpsearch.spaces import Budget, SearchSpace

KINDS = list(DROPOUT_KINDS)
STOCHASTIC = ["stochastic_normal", "stochastic_uniform"]


class MnistDropout(SearchSpace):
    """Kinds and rates of dropout behind every hidden layer of a LeNet."""

    dataset = Mnist(scaling="standardize")
    coarse = Budget(trials=60, epochs=4)
    fine = Budget(trials=40, epochs=30, patience=6)
    confirm = Budget(top=7, seeds=12, epochs=40, patience=8)
    limits = {"rate": (0.0, 0.9), "spread": (0.0, 0.5), "learning_rate": (1e-6, 1.0)}

    def build(self, hp: Any) -> Any:
        hp.Choice("batch_size", [32, 64, 128], default=64)
        kind = hp.Choice("dropout_kind", ["none", *KINDS], default="standard")
        with hp.conditional_scope("dropout_kind", KINDS):
            rate = hp.Float("rate", 0.0, 0.7, default=0.2)
        # Standard deviation, or half the width, of the rates that are drawn.
        with hp.conditional_scope("dropout_kind", STOCHASTIC):
            spread = hp.Float("spread", 0.02, 0.25, default=0.1)
        return lenet(
            self.dataset,
            dense_units=(120, 84),
            width=hp.Choice("width", [1.0, 2.0, 4.0], default=2.0),
            dropout=rate,  # None, that is no dropout, where the kind is none
            conv_dropout=rate,
            dropout_kind=None if kind == "none" else kind,
            dropout_spread=spread,
            learning_rate=hp.Float("learning_rate", 1e-4, 1e-2, sampling="log", default=1e-3),
        )
