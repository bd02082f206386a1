"""Each kind of dropout drops what its definition says, in training only, and repeats itself."""

from __future__ import annotations

import numpy as np
import pytest

from hpsearch.errors import InputError
from hpsearch.models import DROPOUT_KINDS
from hpsearch.models.dropout import check_dropout, drop

pytestmark = pytest.mark.slow  # TensorFlow


def layers():
    from hpsearch.models import dropout_layers

    return dropout_layers


def made(kind, rate, spread=0.0, shape=(6, 5, 4)):
    """The layer that a model gets."""
    import keras

    inputs = keras.Input(shape)
    keras.utils.set_random_seed(1)
    outputs = drop(inputs, kind=kind, rate=rate, spread=spread, name="dropped")
    return keras.Model(inputs, outputs)


def maps(batch=2000, shape=(6, 5, 4), seed=0):
    """Feature maps of different positive values."""
    values = np.random.default_rng(seed).uniform(0.5, 1.5, (batch, *shape))
    return values.astype("float32")


def trained(model, x):
    return np.asarray(model(x, training=True))


@pytest.mark.parametrize("kind", DROPOUT_KINDS)
def test_nothing_is_dropped_outside_training(kind):
    x = maps(3)
    assert np.array_equal(np.asarray(made(kind, 0.9, 0.1)(x, training=False)), x)


def test_standard_drops_single_values_and_scales_the_others_up():
    x = maps()
    y = trained(made("standard", 0.2), x)
    assert (y == 0).mean() == pytest.approx(0.2, abs=0.005)
    np.testing.assert_allclose(y[y != 0], x[y != 0] / 0.8, rtol=1e-5)
    of_maps = (y == 0).mean((1, 2))
    assert of_maps.std() == pytest.approx((0.2 * 0.8 / 30) ** 0.5, rel=0.1), "one by one"


def test_spatial_drops_whole_maps_and_scales_the_others_up():
    x = maps()
    y = trained(made("spatial", 0.2), x)
    of_maps = (y == 0).mean((1, 2))
    assert set(np.unique(of_maps)) == {0.0, 1.0}
    assert of_maps.mean() == pytest.approx(0.2, abs=0.02)
    np.testing.assert_allclose(y[y != 0], x[y != 0] / 0.8, rtol=1e-5)


def test_feature_max_drops_the_largest_value_of_a_map_and_nothing_else():
    x = maps()
    y = trained(made("feature_max", 0.3), x)
    is_largest = x == x.max((1, 2), keepdims=True)
    assert np.array_equal(y[~is_largest], x[~is_largest]), "the others stay, not scaled"
    assert set(np.unique(y[is_largest] == x[is_largest])) == {False, True}
    # Each of 2,000 · 4 maps on its own.
    assert (y[is_largest] == 0).mean() == pytest.approx(0.3, abs=0.02)


def test_channel_max_drops_the_largest_map_at_a_position_and_nothing_else():
    x = maps()
    y = trained(made("channel_max", 0.7), x)
    is_largest = x == x.max(3, keepdims=True)
    assert np.array_equal(y[~is_largest], x[~is_largest]), "the others stay, not scaled"
    assert (y[is_largest] == 0).mean() == pytest.approx(0.7, abs=0.01)


def rates_of(kind, rate, spread, steps=400):
    """The share that is dropped at each of many steps of 24,000 values."""
    import tensorflow as tf

    layer = made(kind, rate, spread)
    x = maps(200)
    step = tf.function(lambda: layer(x, training=True))
    outputs = [step().numpy() for _ in range(steps)]
    shares = np.array([(y == 0).mean() for y in outputs])
    for y, share in zip(outputs[:5], shares[:5], strict=True):
        # Scaled with the rate of its own step, which the share of zeros estimates.
        assert (y[y != 0] / x[y != 0]).std() < 1e-5
        assert (y / x).max() == pytest.approx(1 / (1 - share), rel=0.03)
    return shares


def test_stochastic_draws_the_rate_of_each_step_from_a_normal_distribution():
    shares = rates_of("stochastic_normal", 0.3, 0.05)
    assert shares.mean() == pytest.approx(0.3, abs=0.01)
    assert shares.std() == pytest.approx(0.05, rel=0.15)
    assert abs((np.abs(shares - 0.3) < 0.05).mean() - 0.683) < 0.08


def test_stochastic_draws_the_rate_of_each_step_from_a_uniform_distribution():
    shares = rates_of("stochastic_uniform", 0.2, 0.1)
    assert shares.mean() == pytest.approx(0.2, abs=0.01)
    assert shares.std() == pytest.approx(0.1 / 3**0.5, rel=0.1)
    assert shares.min() > 0.085
    assert shares.max() < 0.315


def test_a_rate_drawn_below_0_is_0_and_one_above_95_percent_is_that():
    shares = rates_of("stochastic_normal", 0.0, 0.2, steps=100)
    assert 0.3 < (shares == 0).mean() < 0.7, "half of N(0, 0.2) is below 0"
    high = layers().StochasticDropout(0.9, 3.0, seed=1)
    drawn = np.array([float(high.drawn_rate()) for _ in range(60)])
    assert drawn.min() == 0
    assert drawn.max() == pytest.approx(0.95)


def test_no_layer_is_made_where_none_can_drop():
    import keras

    tensor = keras.Input((4,))
    given = {"spread": 0.1, "name": "x"}
    assert drop(tensor, kind="standard", rate=None, **given) is tensor
    assert drop(tensor, kind="feature_max", rate=0.0, **given) is tensor
    assert drop(tensor, kind="stochastic_normal", rate=None, **given) is tensor
    assert drop(tensor, kind="stochastic_normal", rate=0.0, spread=0.0, name="x") is tensor
    assert drop(tensor, kind="stochastic_normal", rate=0.0, **given) is not tensor


@pytest.mark.parametrize("kind", DROPOUT_KINDS)
def test_dense_units_are_maps_of_one_value(kind):
    x = maps(500, (8,))
    y = trained(made(kind, 0.4, 0.0, (8,)), x)
    dropped = y == 0
    expected = 0.4 / 8 if kind == "channel_max" else 0.4
    assert dropped.mean() == pytest.approx(expected, abs=0.03)
    if kind == "channel_max":
        assert np.array_equal(x[dropped], x.max(1)[dropped.any(1)]), "the largest unit only"


def custom(rate=0.25):
    found = layers()
    return [
        found.FeatureMaxDrop(rate, seed=7),
        found.ChannelMaxDrop(rate, seed=7),
        found.StochasticDropout(rate, 0.1, "normal", seed=7),
        found.StochasticDropout(rate, 0.1, "uniform", seed=7),
    ]


def test_the_same_seed_drops_the_same_and_each_step_something_else():
    x = maps(20)
    for one, other in zip(custom(), custom(), strict=True):
        first, second = (np.asarray(one(x, training=True)) for _ in range(2))
        assert not np.array_equal(first, second)
        assert np.array_equal(first, np.asarray(other(x, training=True)))
        assert np.array_equal(second, np.asarray(other(x, training=True)))


def test_layers_are_made_again_from_a_saved_model(tmp_path):
    import keras

    inputs = keras.Input((6, 5, 4))
    tensor = inputs
    for layer in custom():
        tensor = layer(tensor)
    keras.Model(inputs, tensor).save(tmp_path / "model.keras")
    found = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    expected = [{**layer.get_config(), "name": None} for layer in custom()]
    assert [{**layer.get_config(), "name": None} for layer in found.layers[1:]] == expected


def test_in_mixed_precision_the_rate_is_as_exact_and_the_maps_stay_half():
    import keras

    x = maps(300)
    for layer in (
        layers().StochasticDropout(0.01, 0.0, dtype="mixed_float16", seed=1),
        layers().ChannelMaxDrop(0.01, dtype="mixed_float16", seed=1),
    ):
        y = layer(keras.ops.convert_to_tensor(x), training=True)
        assert keras.backend.standardize_dtype(y.dtype) == "float16"
        expected = 0.01 if hasattr(layer, "spread") else 0.01 / 4
        assert (np.asarray(y) == 0).mean() == pytest.approx(expected, rel=0.25)


@pytest.mark.parametrize(
    ("kind", "rate", "spread"),
    [("standart", 0.1, 0), ("standard", 1.0, 0), ("standard", -0.1, 0), ("spatial", 0.1, -1)],
)
def test_a_dropout_that_does_not_exist_is_refused(kind, rate, spread):
    with pytest.raises(InputError):
        check_dropout(kind, rate, spread)
