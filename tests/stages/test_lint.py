"""Each rule of thumb fires on what it is about, and on nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from hpsearch.execution.inspection import Inspection, LayerFacts
from hpsearch.spaces import Choice, Condition, Float, Parameter, Space
from hpsearch.stages.lint import lint


def layer(name: str, kind: str, shape: tuple[int, ...] = (8, 8, 4), **facts: Any) -> LayerFacts:
    given = {"parameters": 10, "activation": "", "initializer": "", "trainable": True, **facts}
    return LayerFacts(name, kind, shape, **given)


def found(
    *parameters: Parameter,
    layers: tuple[LayerFacts, ...] = (),
    mirror_safe: bool = True,
    **data: Any,
) -> Inspection:
    return Inspection(Space(parameters), layers, 10, "", "gtsrb", mirror_safe, **data)


RELU = layer("relu", "Activation", activation="relu")
GLOROT = layer("conv", "Conv2D", activation="linear", initializer="GlorotUniform")
HE = layer("conv", "Conv2D", activation="linear", initializer="HeNormal")
BLOCKS = Choice("unfreeze_blocks", (0, 1, 2))
UNFROZEN = (Condition("unfreeze_blocks", (1, 2)),)


@pytest.mark.parametrize(
    ("inspection", "rules"),
    [
        (found(Float("learning_rate", 1e-5, 0.1)), ["scale"]),
        (found(Float("learning_rate", 1e-5, 0.1, sampling="log")), []),
        (found(Float("l2", 0.0, 0.1)), ["scale"]),
        (found(Float("weight_decay", 0.01, 0.05)), []),
        (found(Float("dropout", 0.0, 0.6)), []),
        (found(Float("level", 1e-5, 0.1)), []),
        (found(Float("l2", 0.01, 0.015, sampling="log")), ["narrow range"]),
        (found(Float("l2", 0.01, 0.02, sampling="log")), []),
        (found(Choice("initializer", ("he_normal", "zeros"))), ["constant initializer"]),
        (found(Choice("padding", ("same", "zeros"))), []),
        (found(layers=(layer("conv", "Conv2D", initializer="Zeros"),)), ["constant initializer"]),
        (found(Choice("conv_initializer", ("he_normal", "constant"))), ["constant initializer"]),
        (found(Choice("initializer", ("he_normal", "normal_0.01"))), ["tiny initializer"]),
        (found(Choice("initializer", ("he_normal", "normal_1"))), []),
        (found(Choice("normalization", ("none", "normal_0.01"))), []),
        (
            found(layers=(layer("dense", "Dense", initializer="RandomNormal(0.01)"),)),
            ["tiny initializer"],
        ),
        (found(layers=(layer("dense", "Dense", initializer="RandomNormal(0.05)"),)), []),
        (found(layers=(GLOROT, RELU)), ["relu without He"]),
        (found(layers=(GLOROT, layer("pool", "MaxPooling2D"), RELU)), ["relu without He"]),
        (found(layers=(HE, RELU)), []),
        (found(layers=(GLOROT, layer("tanh", "Activation", activation="tanh"))), []),
        (found(Choice("conv_init", ("he", "glorot")), layers=(GLOROT, RELU)), []),
        (found(layers=(layer("flip", "RandomFlip"),), mirror_safe=False), ["flips"]),
        (found(layers=(layer("flip", "RandomFlip"),)), []),
        (found(folds=5, num_images=39_209), ["k-fold on a large set"]),
        (found(folds=5, num_images=1_797), []),
        (found(folds=5), []),
        (found(folds=1, num_images=39_209), []),
        (found(Choice("flip", ("none", "horizontal")), mirror_safe=False), ["flips"]),
        (found(Choice("flip", (False, True)), mirror_safe=False), ["flips"]),
        (found(Choice("flip", ("none",)), mirror_safe=False), []),
        (found(Choice("flip", ("none", "horizontal"))), []),
        (found(layers=(layer("pool", "MaxPooling2D", (1, 1, 8)),)), ["emptied map"]),
        (found(layers=(layer("pool", "MaxPooling2D", (2, 2, 8)),)), []),
        (found(layers=(layer("pool", "GlobalAveragePooling2D", (8,)),)), []),
        (
            found(
                BLOCKS,
                Float("learning_rate", 1e-4, 1e-2, sampling="log"),
                Float("tuning_learning_rate", 1e-6, 1e-3, sampling="log", conditions=UNFROZEN),
            ),
            ["fine-tuning rate"],
        ),
        (
            found(
                BLOCKS,
                Float("learning_rate", 1e-4, 1e-2, sampling="log"),
                Float("tuning_learning_rate", 1e-6, 1e-4, sampling="log", conditions=UNFROZEN),
            ),
            [],
        ),
    ],
)
def test_a_rule_fires_where_it_should(inspection: Inspection, rules: list[str]) -> None:
    assert [advice.rule for advice in lint(inspection)] == rules
