"""Numbers of a model are assigned to its graphs, which then give what a new graph would."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from hpsearch.models import dropout_layers
from hpsearch.training.assignable import AssignableNumber
from hpsearch.training.live_numbers import LiveNumbers


def number(value: float) -> AssignableNumber:
    variable = tf.Variable(value, dtype=tf.float64)
    return AssignableNumber(value, variable.read_value)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_it_computes_as_a_python_float_does(dtype: str) -> None:
    """To the bit: 1 − 0.999 in float32 alone would be off by 1e-5 of it."""
    held, plain, x = number(0.999), 0.999, tf.constant([0.3, 7.0], dtype)
    pairs = [
        ((1 - held) * x, (1 - plain) * x),
        (x / (2 * held), x / (2 * plain)),
        (held / 3 + x, plain / 3 + x),
        (x - held**2, x - plain**2),
        (2**-held * x, 2**-plain * x),
        (held * (1 + held * 0.5) * x, plain * (1 + plain * 0.5) * x),
        (keras.ops.cast(held, dtype), keras.ops.cast(plain, dtype)),
    ]
    for ours, theirs in pairs:
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours.numpy(), theirs.numpy())


def test_it_compares_by_its_value() -> None:
    held = number(0.3)
    assert held > 0
    assert held >= 0.3
    assert held < 1
    assert held <= 0.3
    assert held != 0.0
    assert held == 0.3
    assert bool(held)
    assert not number(0.0)


def compiled(*middle: Any, optimizer: Any = "sgd", loss: Any = "mse") -> Any:
    model = keras.Sequential([keras.Input((4, 4, 2)), *middle, layers.Flatten(), layers.Dense(1)])
    model.compile(optimizer, loss=loss)
    return model


DROPPING = [
    layers.Dropout,
    layers.SpatialDropout2D,
    layers.GaussianDropout,
    layers.AlphaDropout,
    layers.GaussianNoise,
    dropout_layers.FeatureMaxDrop,
    dropout_layers.ChannelMaxDrop,
    lambda rate, **more: dropout_layers.StochasticDropout(rate, 0.1, **more),
    lambda rate, **more: layers.Dropout(rate, noise_shape=(None, 1, 1, 2), **more),
]


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("make", DROPPING)
def test_one_graph_drops_at_every_rate_as_keras_does(make: Any, dtype: str) -> None:
    """The same values at the same places, and the layer itself is what it was."""
    x = tf.constant(np.random.default_rng(0).normal(size=(50, 4, 4, 2)), tf.float32)
    layer = make(0.2, seed=3, dtype=dtype)
    numbers = LiveNumbers.of(compiled(layer))
    traces = []

    @tf.function
    def step() -> Any:
        traces.append(1)
        return layer(x, training=True)

    for rate in (0.2, 0.6):
        other = make(rate, seed=3, dtype=dtype)
        numbers.assign(LiveNumbers.of(compiled(other)).values)
        layer.seed_generator.state.assign([3, 0])
        with numbers.in_place():
            ours = step()
        np.testing.assert_array_equal(ours, other(x, training=True))
    assert len(traces) == 1
    assert layer.get_config() == make(0.2, seed=3, dtype=dtype).get_config() | {"name": layer.name}
    assert "call" not in vars(layer)


def test_numbers_of_regularizers_losses_and_optimizers_are_found() -> None:
    shared = keras.regularizers.L1L2(0.1, 0.2)
    model = compiled(
        layers.Dense(3, kernel_regularizer=shared, bias_regularizer=shared),
        layers.Dense(3, activity_regularizer=keras.regularizers.L2(0.3)),
        optimizer=keras.optimizers.SGD(momentum=0.8, clipnorm=2, weight_decay=0.01),
        loss=keras.losses.BinaryCrossentropy(label_smoothing=0.05),
    )
    found = LiveNumbers.of(model).values
    assert sorted(set(found)) == [0.01, 0.05, 0.1, 0.2, 0.3, 0.8, 2.0]


def test_a_number_that_is_0_stays_in_the_graph() -> None:
    """Keras leaves out what it belongs to, the momentum say."""
    plain = compiled(layers.Dropout(0.0), optimizer=keras.optimizers.SGD(momentum=0.0))
    assert LiveNumbers.of(plain).values == []


def test_a_layer_of_another_library_keeps_its_numbers() -> None:
    class OwnDropout(layers.Dropout):
        """One whose code nobody here knows."""

    assert LiveNumbers.of(compiled(OwnDropout(0.3))).values == []
