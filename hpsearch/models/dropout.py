"""The kinds of dropout that a model can be asked for, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hpsearch.errors import InputError

DROPOUT_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "standard": "each value on its own, the others scaled up",
        "spatial": "whole feature maps, the others scaled up",
        "feature_max": "the largest value of a feature map",
        "channel_max": "the largest value of a position, over the feature maps",
        "stochastic_normal": "as standard, at a rate drawn anew each step from N(rate, spread)",
        "stochastic_uniform": "as standard, at a rate drawn each step from U(rate ± spread)",
    }
)
"""Name → what is dropped in training. Standard: Srivastava et al. 2014; spatial: Tompson et al.
2015; the others: Park & Kwak, *Analysis on the Dropout Effect in Convolutional Neural Networks*,
ACCV 2016, whose comparison on MNIST and CIFAR-10 the course shows (section 5)."""


def check_dropout(kind: str, rate: float | None, spread: float = 0.0) -> None:
    """Refuse a dropout that does not exist.

    Args:
        kind: One of `DROPOUT_KINDS`.
        rate: Inside [0, 1); None for no dropout.
        spread: 0 or more.

    Raises:
        InputError: The kind does not exist, or a number is out of range.
    """
    if kind not in DROPOUT_KINDS:
        raise InputError(f"No dropout '{kind}'.", f"Give one of: {', '.join(DROPOUT_KINDS)}.")
    if rate is not None and not 0 <= rate < 1:
        raise InputError(f"A dropout rate is {rate}; expected 0 or more, below 1.")
    if spread < 0:
        raise InputError(f"dropout_spread is {spread}; expected 0 or more.")


def drop(tensor: Any, *, kind: str, rate: float | None, spread: float, name: str) -> Any:
    """A dropout layer, which acts in training only.

    There is none if the rate is None or never above 0. Behind a dense layer each unit is a map of
    one value: `spatial` is then the same as `standard`, `channel_max` drops the largest unit.

    Args:
        tensor: (batch, …, channels).
        kind: One of `DROPOUT_KINDS`.
        rate: Inside [0, 1); None for no dropout. For the stochastic kinds the centre of the rates.
        spread: Of the rates, for the stochastic kinds: standard deviation, or half the width.
        name: Name of the layer.
    """
    is_stochastic = kind.startswith("stochastic_")
    if rate is None or not (rate or (is_stochastic and spread)):
        return tensor
    return _layer(kind, rate, spread, len(tensor.shape), name)(tensor)


def _layer(kind: str, rate: float, spread: float, rank: int, name: str) -> Any:
    from keras import layers

    from hpsearch.models import dropout_layers

    if kind == "feature_max":
        return dropout_layers.FeatureMaxDrop(rate, name=name)
    if kind == "channel_max":
        return dropout_layers.ChannelMaxDrop(rate, name=name)
    if kind.startswith("stochastic_"):
        distribution = kind.removeprefix("stochastic_")
        return dropout_layers.StochasticDropout(rate, spread, distribution, name=name)
    if kind == "spatial" and rank == 4:
        return layers.SpatialDropout2D(rate, name=name)
    return layers.Dropout(rate, name=name)
