"""From the stored image to the first layer that learns."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest

from hpsearch.errors import InputError
from hpsearch.preparation import Augmentation, Preparation
from hpsearch.preparation.normalization import fit_statistics


def model_of(preparation: Preparation) -> Any:
    image = keras.Input(preparation.dataset.image_shape)
    return keras.Model(image, preparation.apply(image))


@pytest.mark.parametrize("color_space", ["rgb", "grey", "hsv", "yuv", "lab"])
@pytest.mark.parametrize("size", [None, 8])
def test_size_and_colours_come_out_as_chosen(
    dataset: Any, images: Any, color_space: str, size: int | None
) -> None:
    model = model_of(Preparation(dataset(), size, color_space))
    fit_statistics(model, images)
    out = np.asarray(model(images))
    assert out.shape == (40, size or 16, size or 16, 1 if color_space == "grey" else 3)
    assert out.mean() == pytest.approx(0.0, abs=1e-3)
    assert out.std(axis=(0, 1, 2)) == pytest.approx(1.0, abs=1e-2)


@pytest.mark.parametrize(
    ("fit", "expected"),
    [
        # A wide image: a black third, a white third, a black third, from left to right.
        ("stretch", [[0, 1, 0], [0, 1, 0], [0, 1, 0]]),
        ("crop", [[1, 1, 1], [1, 1, 1], [1, 1, 1]]),
        ("pad", [[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    ],
)
def test_the_aspect_is_kept_or_not(fit: str, expected: list[list[int]]) -> None:
    wide = np.zeros((1, 12, 36, 1), np.float32)
    wide[:, :, 12:24] = 1
    stored = SimpleNamespace(image_shape=(12, 36, 1), scaling="unit")
    model = model_of(Preparation(stored, 12, normalization="none", fit=fit))
    thirds = np.asarray(model(wide))[0, 2::4, 2::4, 0]  # the middle of each third
    np.testing.assert_allclose(thirds, expected, atol=0.2)


def test_bytes_and_floats_of_the_same_image_are_prepared_alike(dataset: Any, images: Any) -> None:
    raw = np.round(images * 255).astype("float32")
    of_bytes = model_of(Preparation(dataset(scaling="none"), 8, "yuv", "none"))
    of_floats = model_of(Preparation(dataset(), 8, "yuv", "none"))
    assert np.asarray(of_bytes(raw)) == pytest.approx(np.asarray(of_floats(raw / 255)), abs=1e-5)


def test_the_saved_model_prepares_as_the_trained_one(
    tmp_path: Path, dataset: Any, images: Any
) -> None:
    """Everything is in the file, the random layers included, which then change nothing."""
    augmentation = Augmentation(
        rotation=20, elastic=0.02, cutout=0.1, crop=True, color=0.3, rand_augment=0.2
    )
    model = model_of(Preparation(dataset(), 12, "lab", "local_contrast", augmentation))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    seen, seen_again = model.predict(images, verbose=0), again.predict(images, verbose=0)
    assert seen_again == pytest.approx(seen, abs=1e-5)
    assert model.predict(images, verbose=0) == pytest.approx(seen)


def test_statistics_are_those_of_images_without_augmentation(dataset: Any, images: Any) -> None:
    bright = Preparation(dataset(), augmentation=Augmentation(brightness=1.0))
    model = model_of(bright)
    fit_statistics(model, images)
    assert np.asarray(model.layers[-1].offset) == pytest.approx(
        images.mean(axis=(0, 1, 2)), abs=1e-5
    )


def test_mirrored_signs_are_refused_unless_told_otherwise(dataset: Any) -> None:
    signs, flips = dataset(mirror_safe=False), Augmentation(flip="horizontal")
    with pytest.raises(InputError, match="another class"):
        Preparation(signs, augmentation=flips)
    Preparation(signs, augmentation=flips, allow_flips=True)
    Preparation(signs, augmentation=Augmentation(flip="horizontal", strength=0.0))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"color_space": "cmyk"}, "No color_space 'cmyk'"),
        ({"normalization": "zca"}, "No normalization 'zca'"),
        ({"image_size": 0}, "image_size is 0"),
    ],
)
def test_impossible_settings_are_named(dataset: Any, settings: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Preparation(dataset(), **settings)


def test_a_data_set_that_scales_by_itself_is_refused(dataset: Any) -> None:
    with pytest.raises(InputError, match="scales its images already"):
        Preparation(dataset(scaling="standardize"))
