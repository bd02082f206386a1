"""The networks of the course from scratch, and the choices of a block, have the layers they say."""

from __future__ import annotations

import pytest

from hpsearch.errors import Infeasible, InputError
from hpsearch.models import Block, cnn, convnet, mlp
from tests.models.stand_ins import MNIST, SIGNS, TINY, images, layer_shapes, names

pytestmark = pytest.mark.slow  # TensorFlow

PETS = images(150, 150, 3, 2, "binary")


def test_a_convolution_of_32_filters_on_one_channel_has_320_parameters():
    # 3·3·1·32 + 32
    assert cnn(MNIST, [32]).get_layer("block1").count_params() == 320


def test_the_quiz_network_has_the_parameters_worked_out_by_hand():
    model = cnn(MNIST, [8, 16, Block(32, pooling="none")])
    assert layer_shapes(model, "Conv2D") == [(28, 28, 8), (14, 14, 16), (7, 7, 32)]
    # (9 + 1)·8 + (72 + 1)·16 + (144 + 1)·32 + (7·7·32 + 1)·10
    assert model.count_params() == 80 + 1168 + 4640 + 15_690


def test_the_four_blocks_are_chollets_network():
    model = convnet(PETS)
    assert layer_shapes(model, "MaxPooling2D") == [
        (74, 74, 32),
        (36, 36, 64),
        (17, 17, 128),
        (7, 7, 128),
    ]
    assert layer_shapes(model, "Dense") == [(512,), (1,)]
    assert model.count_params() == 3_453_121  # as printed in the book
    assert model.layers[-1].activation.__name__ == "sigmoid"
    assert type(model.optimizer).__name__ == "RMSprop"
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-4)


def test_its_dropout_comes_before_the_hidden_dense_layer():
    found = names(convnet(PETS, filters=(4, 4), dense_units=8, dropout=0.5))
    assert found[-6:] == ["flatten", "dropout", "dense", "dense_relu", "logits", "probabilities"]


def test_four_blocks_need_46_pixels():
    # 46 → 44 → 22 → 20 → 10 → 8 → 4 → 2 → 1
    assert layer_shapes(convnet(images(46, 46, 3, 2, "binary"), width=1 / 32), "Flatten") == [(4,)]
    with pytest.raises(Infeasible, match="conv4"):
        convnet(images(45, 46, 3, 2, "binary"))


def test_five_poolings_of_28_pixels_are_infeasible():
    with pytest.raises(Infeasible, match="block5: pooling by 2×2 does not fit a 1×1 map"):
        cnn(MNIST, [8] * 5)


def test_each_block_may_differ():
    blocks = [
        Block(4, convolutions=2, batch_norm=True, dropout=0.5, dropout_kind="spatial"),
        Block(6, pooling="average", pool_size=3, dropout_kind="channel_max"),
        Block(8, pooling="none", is_pooled_first=True, dropout=0.0),
    ]
    model = cnn(TINY, blocks, conv_dropout=0.1, dense_units=(5,), head="average")
    assert names(model) == [
        *("block1_conv1", "block1_conv1_norm", "block1_conv1_relu"),
        *("block1_conv2", "block1_conv2_norm", "block1_conv2_relu", "block1_pool"),
        "block1_dropout",
        *("block2", "block2_relu", "block2_pool", "block2_dropout"),
        *("block3", "block3_relu"),
        *("average", "dense", "dense_relu", "logits", "probabilities"),
    ]
    kinds = {layer.name: type(layer).__name__ for layer in model.layers}
    assert kinds["block1_dropout"] == "SpatialDropout2D"
    assert kinds["block2_dropout"] == "ChannelMaxDrop"
    assert model.get_layer("block2_dropout").rate == 0.1
    assert kinds["block2_pool"] == "AveragePooling2D"
    assert model.get_layer("block2_pool").output.shape[1:] == (2, 2, 6)


def test_heads_give_one_vector_an_image():
    shapes = {"flatten": 14 * 14 * 2, "average": 2, "max": 2}
    for head, features in shapes.items():
        assert cnn(MNIST, [2], head=head).get_layer(head).output.shape[1:] == (features,)
    with pytest.raises(InputError, match=r"No head 'mean'.*average"):
        cnn(MNIST, [2], head="mean")


def test_an_mlp_is_dense_layers_over_all_pixels():
    model = mlp(MNIST, (64, 32), dropout=0.25)
    assert names(model) == [
        "flatten",
        *("dense1", "dense1_relu", "dropout1", "dense2", "dense2_relu", "dropout2"),
        *("logits", "probabilities"),
    ]
    assert model.count_params() == 785 * 64 + 65 * 32 + 33 * 10


def test_without_hidden_layers_it_is_a_linear_model():
    points = images(1, 1, 2, 4, "one_label")
    assert mlp(points, ()).count_params() == 2 * 4 + 4


def test_width_multiplies_hidden_layers_only():
    assert mlp(SIGNS, (10,), width=0.5).count_params() == (3072 + 1) * 5 + (5 + 1) * 43
