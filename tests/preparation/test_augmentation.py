"""What happens to training images, and what does not happen to others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest

from hpsearch.errors import InputError
from hpsearch.preparation import Augmentation
from hpsearch.preparation.region_layers import Cutout, ElasticDeformation, RandomSizedCrop

EVERYTHING = {
    "flip": "both",
    "shift": 0.2,
    "rotation": 20.0,
    "zoom": 0.2,
    "shear": 0.2,
    "brightness": 0.3,
    "contrast": 0.3,
    "color": 0.5,
    "cutout": 0.2,
    "elastic": 0.03,
    "perspective": 0.3,
    "rand_augment": 0.5,
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_each_kind_changes_training_images_only_and_anew_each_time(images: Any, name: str) -> None:
    keras.utils.set_random_seed(3)
    (layer,) = Augmentation(**{name: EVERYTHING[name]}).layers(3)  # type: ignore[arg-type]
    assert np.asarray(layer(images, training=False)) == pytest.approx(images)
    first = np.asarray(layer(images, training=True))
    second = np.asarray(layer(images, training=True))
    assert first.shape == images.shape
    assert not np.allclose(first, images)
    assert not np.allclose(first, second)
    assert first.min() >= -1e-4
    assert first.max() <= 1 + 1e-4


def test_the_same_seed_gives_the_same_images(images: Any) -> None:
    def augmented() -> Any:
        keras.utils.set_random_seed(7)
        values = images
        for layer in Augmentation(**EVERYTHING).layers(3):  # type: ignore[arg-type]
            values = layer(values, training=True)
        return np.asarray(values)

    assert augmented() == pytest.approx(augmented())


def test_strength_0_is_no_augmentation_and_2_is_twice_as_much() -> None:
    """One number to search over; ranges end where they end."""
    base = Augmentation(flip="horizontal", rotation=20, brightness=0.7, crop=True)
    assert replace(base, strength=0.0).layers(3) == []
    assert not replace(base, strength=0.0).scaled().crop
    doubled = replace(base, strength=2.0).scaled()
    assert (doubled.rotation, doubled.brightness) == (40, 1.0)


def test_grey_images_keep_their_colour() -> None:
    assert Augmentation(color=0.5).layers(1) == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"flip": "sideways"}, "No flip"),
        ({"rotation": 200}, "rotation 200"),
        ({"zoom": -1}, "zoom"),
    ],
)
def test_impossible_amounts_are_named(settings: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Augmentation(**settings)


def test_cutout_blanks_its_share_of_the_image_or_less_at_the_border() -> None:
    white = np.ones((500, 20, 20, 1), "float32")
    blank = 1 - np.asarray(Cutout(0.16, seed=1)(white, training=True)).mean(axis=(1, 2, 3))
    assert blank.max() == pytest.approx(0.16, abs=0.03)
    assert blank.min() >= 0.03, "the centre lies inside: at least a quarter of the square"
    assert 0.08 < blank.mean() < 0.16


def test_the_crop_of_an_image_out_of_training_is_its_middle() -> None:
    """224/256 of the short side: of 64 pixels the middle 56, of a ramp its middle values."""
    ramp = np.broadcast_to(
        np.linspace(0, 1, 64, dtype="float32")[None, None, :, None], (1, 64, 64, 1)
    )
    out = np.asarray(RandomSizedCrop(28)(ramp, training=False))[0, 0, :, 0]
    assert out.shape == (28,)
    assert out[0] == pytest.approx(1 / 16, abs=0.01)
    assert out[-1] == pytest.approx(15 / 16, abs=0.01)


def test_random_crops_show_between_224_480ths_and_224_256ths_of_the_side() -> None:
    """On a ramp the difference of the ends is the share of the side that is seen."""
    ramp = np.linspace(0, 1, 64, dtype="float32")[None, None, :, None]
    many = np.broadcast_to(ramp, (400, 64, 64, 1))
    out = np.asarray(RandomSizedCrop(16, seed=2)(many, training=True))[:, 0, :, 0]
    seen = out[:, -1] - out[:, 0]
    assert seen.min() == pytest.approx(224 / 480, abs=0.02)
    assert seen.max() == pytest.approx(224 / 256, abs=0.02)


def test_an_elastic_deformation_of_an_even_image_changes_nothing(images: Any) -> None:
    """It moves pixels and makes none: values stay within those of the image."""
    layer = ElasticDeformation(0.05, seed=1)
    even = np.full((3, 16, 16, 3), 0.3, "float32")
    assert np.asarray(layer(even, training=True)) == pytest.approx(0.3, abs=1e-5)
    out = np.asarray(layer(images, training=True))
    assert out.min() >= images.min() - 1e-5
    assert out.max() <= images.max() + 1e-5
