"""Cuts: all places where one tensor passes, and the same model on either side."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from hpsearch.models.cuts import copied, cuts, flattened, last_cut_before

IMAGES = np.random.default_rng(0).random((3, 8, 8, 3), np.float32)


def residual() -> Any:
    """Two convolutions with a way around the second."""
    image = keras.Input((8, 8, 3))
    first = layers.Conv2D(4, 3, padding="same", name="first")(image)
    second = layers.Conv2D(4, 3, padding="same", name="second")(first)
    both = layers.Add(name="both")([first, second])
    return keras.Model(image, layers.Dense(2, name="last")(layers.Flatten(name="flat")(both)))


def nested() -> Any:
    """A sequential model inside a functional one, inside a sequential one."""
    inner = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3, name="conv")])
    image = keras.Input((8, 8, 3))
    middle = keras.Model(image, layers.Flatten(name="flat")(inner(image)))
    return keras.Sequential([keras.Input((8, 8, 3)), middle, layers.Dense(2, name="last")])


def test_nothing_is_cut_where_a_branch_leads_past() -> None:
    assert [cut.name for cut in cuts(residual())] == ["first", "both", "flat"]


def test_a_cut_knows_what_comes_before_it() -> None:
    operations = {cut.name: [own.name for own in cut.operations] for cut in cuts(residual())}
    assert operations["both"] == ["first", "second", "both"]


def test_the_last_cut_before_a_layer() -> None:
    assert last_cut_before(residual(), "second").name == "first"
    with pytest.raises(KeyError):
        last_cut_before(residual(), "first")


@pytest.mark.parametrize("make", [residual, nested])
def test_both_sides_of_every_cut_give_what_the_model_gives(make: Any) -> None:
    model = make()
    flat = flattened(model)
    expected = model(IMAGES).numpy()
    for cut in cuts(flat):
        before = keras.Model(flat.inputs[0], cut.tensor)
        after = keras.Model(cut.tensor, flat.outputs[0])
        np.testing.assert_array_equal(after(before(IMAGES)).numpy(), expected)


def test_a_flattened_model_has_the_very_weights() -> None:
    model = nested()
    flat = flattened(model)
    assert "conv" in [cut.name for cut in cuts(flat)]
    assert all(own is theirs for own, theirs in zip(flat.weights, model.weights, strict=True))


def test_copies_have_the_weights_and_names_of_their_own() -> None:
    model = residual()
    image = keras.Input((8, 8, 3))
    copy = keras.Model(image, copied(model, image, "base_"))
    np.testing.assert_array_equal(copy(IMAGES).numpy(), model(IMAGES).numpy())
    assert [layer.name for layer in copy.layers[1:]] == [
        "base_first", "base_second", "base_both", "base_flat", "base_last",
    ]  # fmt: skip
    copy.get_layer("base_last").bias.assign([1.0, 1.0])
    assert not model.get_layer("last").bias.numpy().any()
