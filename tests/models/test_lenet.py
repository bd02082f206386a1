"""LeNet is the course's network, and stays buildable away from it."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from hpsearch.errors import Infeasible, InputError
from hpsearch.models import INITIALIZERS, lenet, lenet_bn
from tests.models.stand_ins import MNIST, SIGNS, kernels, names
from tests.models.stand_ins import layer_shapes as shapes

pytestmark = pytest.mark.slow  # TensorFlow


def test_the_defaults_are_network_1_of_the_course():
    model = lenet(SIGNS)
    assert [(type(x).__name__, tuple(x.output.shape[1:])) for x in model.layers] == [
        ("InputLayer", (32, 32, 3)),
        ("Conv2D", (28, 28, 6)),
        ("MaxPooling2D", (14, 14, 6)),
        ("Activation", (14, 14, 6)),
        ("Conv2D", (10, 10, 16)),
        ("MaxPooling2D", (5, 5, 16)),
        ("Activation", (5, 5, 16)),
        ("Flatten", (400,)),
        ("Dense", (120,)),
        ("Activation", (120,)),
        ("Dense", (43,)),
        ("Activation", (43,)),
    ]
    assert model.count_params() == 56_195


def test_network_2_of_the_course_is_another_point():
    model = lenet(SIGNS, filters=12, dense_units=240)
    assert shapes(model, "Conv2D") == [(28, 28, 12), (10, 10, 32)]
    assert model.count_params() == 213_147


def test_double_width_is_network_2():
    assert lenet(SIGNS, width=2).count_params() == 213_147


def test_two_hidden_layers_are_the_form_of_1998():
    model = lenet(MNIST, dense_units=(120, 84))
    assert shapes(model, "Dense") == [(120,), (84,), (10,)]
    # (25 + 1)·6 + (25·6 + 1)·16 + (256 + 1)·120 + (120 + 1)·84 + (84 + 1)·10
    assert model.count_params() == 156 + 2416 + 30_840 + 10_164 + 850


def test_with_batch_norm_it_is_normalized_and_activated_after_each_hidden_layer():
    model = lenet_bn(MNIST, conv_dropout=0.1, dropout=0.2)
    assert names(model) == [
        *("conv1", "conv1_norm", "conv1_relu", "conv1_pool", "conv1_dropout"),
        *("conv2", "conv2_norm", "conv2_relu", "conv2_pool", "conv2_dropout"),
        "flatten",
        *("dense1", "dense1_norm", "dense1_relu", "dropout1"),
        *("dense2", "dense2_norm", "dense2_relu", "dropout2"),
        *("logits", "probabilities"),
    ]
    # As the form of 1998, with scale, shift, mean and variance for each of 6 + 16 + 120 + 84.
    assert model.count_params() == 44_426 + 4 * 226
    assert lenet_bn(MNIST, batch_norm=False).count_params() == 44_426


def test_the_network_begins_behind_the_preparation():
    import keras

    class Enlarged:
        def apply(self, tensor):
            return keras.layers.Resizing(32, 32)(tensor)

    model = lenet(MNIST, preparation=Enlarged())
    assert model.input_shape == (None, 28, 28, 1)
    assert shapes(model, "Conv2D") == [(28, 28, 6), (10, 10, 16)]


def test_nothing_is_made_of_a_network_that_does_not_fit(monkeypatch):
    from keras import layers

    made = []
    monkeypatch.setattr(layers, "Conv2D", lambda *given, **more: made.append(more["name"]))
    with pytest.raises(Infeasible, match="conv2"):
        lenet(SimpleNamespace(image_shape=(8, 8, 3), num_classes=2))
    assert made == []


def test_layers_beyond_the_second_keep_the_map_and_pooling_ends_at_one_pixel():
    # 32 -7-> 26 pool 13 -7-> 7 pool 3, then same padding: 3 pool 1, 1 with nothing to pool.
    model = lenet(SIGNS, num_conv_layers=4, kernel_size=7)
    assert shapes(model, "Conv2D") == [(26, 26, 6), (7, 7, 16), (3, 3, 16), (1, 1, 16)]
    assert shapes(model, "MaxPooling2D") == [(13, 13, 6), (3, 3, 16), (1, 1, 16)]


def test_later_layers_have_eight_thirds_of_the_filters_rounded():
    # 7 · 8/3 = 18.67
    assert [s[-1] for s in shapes(lenet(SIGNS, filters=7), "Conv2D")] == [7, 19]


def test_a_kernel_larger_than_its_map_is_infeasible():
    small = SimpleNamespace(image_shape=(8, 8, 3), num_classes=2)
    with pytest.raises(Infeasible, match=r"conv2: a 5×5 kernel does not fit a 2×2 map"):
        lenet(small)
    # 3×3 fits where 5×5 does not: 8 -> 6 -> 3 -> 1, and the last map is not pooled away.
    assert shapes(lenet(small, kernel_size=3), "Conv2D") == [(6, 6, 6), (1, 1, 16)]


def test_a_map_that_is_not_square_is_judged_by_its_shorter_side():
    wide = SimpleNamespace(image_shape=(6, 64, 1), num_classes=2)
    with pytest.raises(Infeasible, match="5×5 kernel does not fit a 1×30 map"):
        lenet(wide)


def test_batch_norm_is_per_channel_and_just_before_every_hidden_activation():
    model = lenet(SIGNS, batch_norm=True)
    kinds = [type(x).__name__ for x in model.layers]
    norms = [i for i, kind in enumerate(kinds) if kind == "BatchNormalization"]
    assert [model.layers[i].gamma.shape[0] for i in norms] == [6, 16, 120]
    assert all(kinds[i + 1] == "Activation" for i in norms)
    # Scale and shift are trained: 2 · (6 + 16 + 120) more; mean and variance are not.
    assert sum(math.prod(w.shape) for w in model.trainable_weights) == 56_195 + 284


def test_dropout_comes_after_the_hidden_dense_activation_and_only_when_on():
    names = [layer.name for layer in lenet(SIGNS, dropout=0.3).layers]
    assert names[-4:] == ["dense_relu", "dropout", "logits", "probabilities"]
    assert lenet(SIGNS, dropout=0.3).get_layer("dropout").rate == 0.3
    assert "dropout" not in [layer.name for layer in lenet(SIGNS).layers]


def test_l2_adds_half_lambda_times_the_squares_of_all_kernels():
    model = lenet(SIGNS, l2=0.01)
    squares = sum(float(np.sum(kernel.astype(float) ** 2)) for kernel in kernels(model))
    assert len(kernels(model)) == 4
    assert sum(float(loss) for loss in model.losses) == pytest.approx(0.005 * squares, rel=1e-5)


def test_without_l2_there_is_no_regularizer():
    assert lenet(SIGNS).losses == []


def test_convolutional_and_dense_layers_have_their_own_initializers():
    conv1, conv2, dense, logits = kernels(lenet(SIGNS, filters=48))
    # He 2015: standard deviation sqrt(2 / fan in), here 5·5·48 = 1,200 inputs.
    assert conv2.std() == pytest.approx(math.sqrt(2 / 1200), rel=0.03)
    # Glorot 2010: uniform up to sqrt(6 / (fan in + fan out)), here 3,200 + 120.
    assert 0.99 < np.abs(dense).max() / math.sqrt(6 / 3320) <= 1
    assert conv1.shape == (5, 5, 3, 48)
    assert logits.shape == (120, 43)


def test_the_small_and_the_plain_normal_initializer_have_the_deviation_of_their_name():
    model = lenet(SIGNS, conv_initializer="normal_0.01", dense_initializer="normal_1")
    _, conv2, dense, _ = kernels(model)
    assert conv2.std() == pytest.approx(0.01, rel=0.1)
    assert dense.std() == pytest.approx(1, rel=0.03)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_layers_of_the_same_shape_do_not_start_alike(name):
    model = lenet(SIGNS, num_conv_layers=4, filters=6, conv_initializer=name)
    _, _, third, fourth, *_ = kernels(model)
    assert third.shape == fourth.shape
    assert np.array_equal(third, fourth) == (name in ("zeros", "constant"))


def test_the_same_seed_gives_the_same_weights():
    import keras

    def first_kernel(seed):
        keras.utils.set_random_seed(seed)
        return kernels(lenet(SIGNS))[0]

    assert np.array_equal(first_kernel(1), first_kernel(1))
    assert not np.array_equal(first_kernel(1), first_kernel(2))


def test_the_loss_is_the_cross_entropy_of_integer_labels():
    # All kernels 0: every class has probability 1/43, so the loss is ln 43.
    model = lenet(SIGNS, conv_initializer="zeros", dense_initializer="zeros")
    images = np.random.default_rng(0).normal(size=(8, 32, 32, 3)).astype("float32")
    measured = model.evaluate(images, np.arange(8), verbose=0, return_dict=True)
    assert measured["loss"] == pytest.approx(math.log(43), rel=1e-5)
    assert "accuracy" in measured


def test_the_optimizer_is_the_one_asked_for():
    optimizer = lenet(SIGNS, optimizer="sgd", learning_rate=0.25, momentum=0.75).optimizer
    assert type(optimizer).__name__ == "SGD"
    assert float(optimizer.learning_rate) == 0.25
    assert optimizer.momentum == 0.75


def test_momentum_that_is_not_active_is_no_momentum():
    assert type(lenet(SIGNS, optimizer="adam", momentum=None).optimizer).__name__ == "Adam"
    assert lenet(SIGNS, optimizer="sgd", momentum=None).optimizer.momentum == 0


def test_momentum_for_an_optimizer_without_any_is_infeasible():
    with pytest.raises(Infeasible, match=r"momentum is 0\.9 and adam has none"):
        lenet(SIGNS, optimizer="adam", momentum=0.9)


@pytest.mark.parametrize("wrong", [{"optimizer": "sdg"}, {"conv_initializer": "he"}])
def test_a_name_that_does_not_exist_is_answered_with_those_that_do(wrong):
    with pytest.raises(InputError, match=r"Give one of: .*(sgd|he_normal)"):
        lenet(SIGNS, **wrong)
