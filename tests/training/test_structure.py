"""Models have a structure in common if and only if one graph serves both."""

from __future__ import annotations

from typing import Any

import keras
import pytest
from keras import layers, regularizers

from hpsearch.preparation import Augmentation, Recipe
from hpsearch.training.live_numbers import LiveNumbers
from hpsearch.training.structure import UnknownStructure, structure_of


def network(**changes: Any) -> Any:
    """A small network; `changes` are of what the keys of `said` name."""
    said = {
        "units": 5,
        "rate": 0.3,
        "l2": 0.1,
        "initializer": "he_normal",
        "seed": 1,
        "activation": "relu",
        "trainable": True,
        "optimizer": keras.optimizers.Adam(1e-3),
        "loss": "sparse_categorical_crossentropy",
        "metrics": ["accuracy"],
        "dtype": None,
    } | changes
    keras.backend.clear_session()
    dense = layers.Dense(
        said["units"],
        said["activation"],
        kernel_initializer=said["initializer"],
        kernel_regularizer=regularizers.L2(said["l2"]) if said["l2"] is not None else None,
        dtype=said["dtype"],
    )
    dense.trainable = said["trainable"]
    stack = [keras.Input((4,)), dense, layers.Dropout(said["rate"], seed=said["seed"])]
    model = keras.Sequential([*stack, layers.Dense(3, activation="softmax")])
    model.compile(said["optimizer"], loss=said["loss"], metrics=said["metrics"])
    return model


def structure(**changes: Any) -> str:
    model = network(**changes)
    return structure_of(model, LiveNumbers.of(model))


@pytest.mark.parametrize(
    "changes",
    [
        {"rate": 0.7},
        {"l2": 1e-5},
        {"initializer": "lecun_uniform"},
        {"initializer": keras.initializers.RandomNormal(0.0, 0.3)},
        {"seed": None},
        {"optimizer": keras.optimizers.Adam(0.5, beta_1=0.7, epsilon=1e-3)},
    ],
)
def test_what_can_be_assigned_does_not_count(changes: dict[str, Any]) -> None:
    assert structure(**changes) == structure()


@pytest.mark.parametrize(
    "changes",
    [
        {"units": 6},
        {"rate": 0.0},
        {"l2": None},
        {"l2": 0.0},
        {"activation": "tanh"},
        {"trainable": False},
        {"optimizer": keras.optimizers.Nadam(1e-3)},
        {"optimizer": keras.optimizers.Adam(1e-3, amsgrad=True)},
        {"optimizer": keras.optimizers.Adam(1e-3, clipnorm=1.0)},
        {"optimizer": keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.1, 50))},
        {"loss": keras.losses.SparseCategoricalCrossentropy(from_logits=True)},
        {"metrics": []},
        {"dtype": "mixed_bfloat16"},
    ],
)
def test_what_is_in_the_graph_counts(changes: dict[str, Any]) -> None:
    assert structure(**changes) != structure()


def test_the_recipe_counts() -> None:
    model = network()
    plain = structure_of(model, LiveNumbers.of(model))
    Recipe(rebalance="class_weights").attach(model)
    assert structure_of(model, LiveNumbers.of(model)) != plain


def test_schedules_of_other_numbers_count() -> None:
    def with_schedule(steps: int) -> str:
        schedule = keras.optimizers.schedules.CosineDecay(0.1, steps)
        return structure(optimizer=keras.optimizers.Adam(schedule))

    assert with_schedule(50) == with_schedule(50)
    assert with_schedule(50) != with_schedule(60)


class Own(layers.Dense):
    """A layer whose code nobody here knows."""


def own_loss(expected: Any, found: Any) -> Any:
    return keras.losses.sparse_categorical_crossentropy(expected, found)


def averaging() -> Any:
    return keras.optimizers.SGD(0.1, use_ema=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"loss": own_loss},
        {"metrics": [own_loss]},
        {"loss": {"dense_1": own_loss}},
        {"activation": lambda x: x},
        {"optimizer": averaging()},
        {"metrics": [keras.metrics.MeanMetricWrapper(own_loss, name="own")]},
    ],
)
def test_code_that_is_not_known_has_no_structure(changes: dict[str, Any]) -> None:
    with pytest.raises(UnknownStructure):
        structure(**changes)


def compiled(*stack: Any, kind: Any = keras.Sequential) -> Any:
    model = kind([keras.Input((4, 4, 1)), *stack, layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", loss="mse")
    return model


class OwnStep(keras.Sequential):
    """A model that is trained in a way of its own."""

    def train_step(self, data: Any) -> Any:
        return super().train_step(data)


@pytest.mark.parametrize(
    "model",
    [
        lambda: compiled(Own(3)),
        lambda: compiled(layers.Lambda(lambda x: 2 * x)),
        lambda: compiled(layers.TimeDistributed(Own(3))),
        lambda: compiled(layers.Normalization()),
        lambda: compiled(kind=OwnStep),
        lambda: Recipe(rebalance="smote").attach(compiled()),
        lambda: Recipe(stored_copies=1, augmentation=Augmentation(rotation=9)).attach(compiled()),
    ],
)
def test_a_model_that_cannot_be_seen_through_has_no_structure(model: Any) -> None:
    made = model()
    with pytest.raises(UnknownStructure):
        structure_of(made, LiveNumbers.of(made))


def test_a_regularizer_given_later_counts() -> None:
    """Variables tell of it, whatever the configuration says."""
    model = network()
    plain = structure_of(model, LiveNumbers.of(model))
    model.layers[-1].kernel.regularizer = regularizers.L1(0.1)
    assert structure_of(model, LiveNumbers.of(model)) != plain
