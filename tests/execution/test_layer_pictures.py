"""Filters and feature maps are those of the network, whatever kind it is of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]  # TensorFlow

PIXELS = np.random.default_rng(0).random((1, 12, 12, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def network() -> Any:
    """Two convolutions with a pooling each, on colour images."""
    import keras

    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            layers.Conv2D(6, 1, name="colours"),
            layers.Conv2D(5, 3, padding="same", name="edges"),
            layers.MaxPooling2D(name="pool"),
            layers.Activation("relu", name="relu"),
            layers.Conv2D(20, 3, padding="same", name="parts"),
            layers.MaxPooling2D(2, name="last"),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def test_filters_are_those_of_the_first_convolution_that_sees_neighbours(network: Any) -> None:
    from hpsearch.execution.layer_pictures import first_filters, in_order

    found = first_filters(in_order(network))
    assert found is not None
    assert (found.layer, found.total) == ("edges", 5)
    weights = network.get_layer("edges").get_weights()[0]
    np.testing.assert_allclose(found.kernels[4], weights[..., 4], atol=1e-3)


def test_filters_are_shown_in_the_colours_of_the_image() -> None:
    """Pretrained networks of one family take blue first; behind other colours there are none."""
    import keras

    from hpsearch.execution.layer_pictures import first_filters, in_order
    from hpsearch.models.pretrained_layers import PretrainedScaling
    from hpsearch.preparation.color_layers import ColorSpace

    def filters_behind(layer: Any) -> Any:
        chain = [keras.Input((6, 6, 3)), layer, keras.layers.Conv2D(2, 3, name="conv")]
        model = keras.Sequential(chain)
        return first_filters(in_order(model)), model.get_layer("conv").get_weights()[0]

    for scaling, step in (("caffe", -1), ("tf", 1)):
        found, weights = filters_behind(PretrainedScaling(scaling))
        assert found.sees_colours
        np.testing.assert_allclose(found.kernels[1], weights[..., ::step, 1], atol=1e-3)
    assert not filters_behind(ColorSpace("yuv"))[0].sees_colours


def test_maps_are_what_the_layers_give(network: Any) -> None:
    """The last place of each size: 12×12 behind `edges`, 6×6 behind `parts`, 3×3 at the end."""
    import keras

    from hpsearch.execution.layer_pictures import feature_maps, in_order

    found = feature_maps(in_order(network), PIXELS)
    shapes = [(own.layer, own.shape) for own in found]
    assert shapes == [("edges", (12, 12, 5)), ("parts", (6, 6, 20)), ("last", (3, 3, 20))]
    assert found[1].maps.shape == (12, 6, 6), "the twelve that differ most"
    inner = keras.Model(network.inputs[0], network.get_layer("edges").output)
    expected = np.asarray(inner(PIXELS))[0].transpose(2, 0, 1)
    scaled = (expected - expected.min()) / (expected.max() - expected.min()) * 255
    np.testing.assert_allclose(found[0].maps, scaled, atol=1)


def test_a_network_without_convolution_has_neither() -> None:
    import keras

    from hpsearch.execution.layer_pictures import feature_maps, first_filters, in_order

    dense = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten()])
    assert first_filters(in_order(dense)) is None
    assert feature_maps(in_order(dense), np.zeros((1, 4, 4, 1), np.float32)) == []


def test_the_layers_of_a_model_of_a_class_of_its_own_are_not_followed() -> None:
    import keras

    from hpsearch.execution.layer_pictures import in_order

    class Own(keras.Model):
        def call(self, images: Any) -> Any:
            return images

    assert in_order(Own()) is None


def test_a_model_inside_a_model_is_looked_into(network: Any) -> None:
    import keras

    from hpsearch.execution.layer_pictures import feature_maps, first_filters, in_order

    image = keras.Input((12, 12, 3))
    outer = in_order(keras.Model(image, keras.layers.Dense(2)(network(image))))
    filters = first_filters(outer)
    assert filters is not None
    assert filters.layer == "edges"
    assert [own.layer for own in feature_maps(outer, PIXELS)] == ["edges", "parts", "last"]


def test_branches_are_passed_at_the_places_where_they_meet() -> None:
    """A map inside one branch is not what the network hands on."""
    import keras

    from hpsearch.execution.layer_pictures import feature_maps, in_order

    layers, image = keras.layers, keras.Input((8, 8, 3))
    start = layers.Conv2D(4, 3, padding="same", name="start")(image)
    side = layers.Conv2D(4, 3, padding="same", name="side")(start)
    joined = layers.Add(name="joined")([start, side])
    end = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, strides=2, name="half")(joined))
    found = feature_maps(in_order(keras.Model(image, end)), PIXELS[:, :8, :8])
    assert [own.layer for own in found] == ["joined", "half"]
