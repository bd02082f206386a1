"""The shipped space holds the course's networks, builds everywhere and runs under stock tools."""

from __future__ import annotations

import math
from collections import Counter

import keras_tuner
import numpy as np
import pytest

from hpsearch.interop import hyperparameters_from_space, space_from_hyperparameters
from hpsearch.search import make_sampler
from hpsearch.spaces import load_space

SPACE = load_space("gtsrb_lenet").space
SGD = "momentum (optimizer=sgd)"

pytestmark = pytest.mark.slow  # TensorFlow


@pytest.fixture(scope="module")
def declared():
    hp = keras_tuner.HyperParameters()
    SPACE(hp)
    return space_from_hyperparameters(hp)


def built(space, values):
    """The model of a point, with everything not named at its default."""
    model = SPACE(hyperparameters_from_space(space, values))
    assert model.input_shape == (None, 32, 32, 3)
    assert model.output_shape == (None, 43)
    return model


def num_parameters(p):
    """Trained parameters of a LeNet by the book: fan in × outputs + biases, layer by layer."""
    side, channels, total = 32, 3, 0
    for layer in range(p["num_conv_layers"]):
        outputs = p["filters"] if layer == 0 else round(p["filters"] * 8 / 3)
        total += (p["kernel_size"] ** 2 * channels + 1) * outputs
        side = side - p["kernel_size"] + 1 if layer < 2 else side
        side, channels = max(side // 2, 1), outputs
        total += 2 * outputs * p["batch_norm"]
    total += (side * side * channels + 1) * p["dense_units"] + (p["dense_units"] + 1) * 43
    return total + 2 * p["dense_units"] * p["batch_norm"]


def trained(model):
    return sum(math.prod(w.shape) for w in model.trainable_weights)


def test_the_defaults_are_network_1_and_network_2_is_in_the_space(declared):
    assert built(declared, {}).count_params() == 56_195
    network_2 = {"filters": 12, "dense_units": 240}
    assert built(declared, network_2).count_params() == 213_147
    assert declared.contains({**declared.defaults(), **network_2})


def test_every_hyperparameter_of_the_issue_is_declared_with_its_default(declared):
    assert declared.defaults() == {
        "optimizer": "adam",
        "batch_size": 32,
        "num_conv_layers": 2,
        "filters": 6,
        "kernel_size": 5,
        "dense_units": 120,
        "activation": "relu",
        "batch_norm": False,
        "dropout": 0.0,
        "l2": 1e-6,
        "conv_initializer": "he_normal",
        "dense_initializer": "glorot_uniform",
        "learning_rate": 1e-3,
    }
    assert [p.label for p in declared if p.conditions] == [SGD]


def test_what_the_low_end_of_l2_adds_to_the_loss_is_negligible(declared):
    assert sum(float(loss) for loss in built(declared, {}).losses) < 2e-4


def test_every_sampled_point_builds_with_the_parameters_it_should_have(declared):
    sampler = make_sampler("random", declared, seed=3)
    for index in range(30):
        values = sampler.propose(index).params
        assert trained(built(declared, values)) == num_parameters(values), values


@pytest.mark.parametrize("num_conv_layers", [2, 3, 4])
@pytest.mark.parametrize("kernel_size", [3, 5, 7])
def test_every_depth_and_kernel_builds(declared, num_conv_layers, kernel_size):
    values = {"num_conv_layers": num_conv_layers, "kernel_size": kernel_size}
    assert trained(built(declared, values)) == num_parameters(declared.defaults() | values)


def test_narrowing_may_widen_within_what_builds(declared):
    limits = SPACE.limits
    for name, (low, high) in limits.items():
        own = declared.named(name)[0]
        assert low <= own.low < own.high <= high
    for depth in limits["num_conv_layers"]:
        values = {"num_conv_layers": depth, "kernel_size": 7}
        assert trained(built(declared, values)) == num_parameters(declared.defaults() | values)


def test_the_space_runs_unchanged_under_stock_random_search(tmp_path):
    rng = np.random.default_rng(0)
    images = rng.normal(size=(200, 32, 32, 3)).astype("float32")
    labels = rng.integers(0, 43, 200)
    tuner = keras_tuner.RandomSearch(
        SPACE,
        objective="val_accuracy",
        max_trials=2,
        seed=5,
        directory=str(tmp_path),
        project_name="stock",
    )
    tuner.search(images, labels, validation_data=(images[:43], labels[:43]), epochs=1, verbose=0)
    trials = list(tuner.oracle.trials.values())
    assert Counter(trial.status for trial in trials) == {"COMPLETED": 2}
    for trial in trials:
        values = trial.hyperparameters.values
        assert ("momentum" in values) == (values["optimizer"] == "sgd")
        assert len(values) == 13 + ("momentum" in values)
        assert values["batch_size"] in (32, 64, 128, 256)


def test_momentum_reaches_the_optimizer_exactly_with_sgd(declared):
    assert built(declared, {"optimizer": "sgd", "momentum": 0.7}).optimizer.momentum == 0.7
    assert built(declared, {"optimizer": "rmsprop"}).optimizer.momentum == 0
