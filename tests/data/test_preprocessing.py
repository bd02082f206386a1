"""Scaling gives what scikit-learn and a pencil give, from training images only."""

import json

import numpy as np
import pytest
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from hpsearch.data.preprocessing import SCALINGS, Preprocessing
from hpsearch.data.statistics import CHUNK, channel_statistics, statistics_of_batches
from hpsearch.errors import DataError

IMAGES = np.random.default_rng(3).integers(20, 230, (9, 5, 6, 3), dtype=np.uint8)


def test_standardize_is_scikit_learns_standard_scaler_over_pixels() -> None:
    expected = StandardScaler().fit_transform(IMAGES.reshape(-1, 3) / 255)
    found = Preprocessing.fit("standardize", IMAGES).apply(IMAGES)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.reshape(-1, 3), expected, atol=1e-5)


def test_min_max_is_scikit_learns_min_max_scaler_over_pixels() -> None:
    expected = MinMaxScaler().fit_transform(IMAGES.reshape(-1, 3) / 255)
    found = Preprocessing.fit("min_max", IMAGES).apply(IMAGES)
    np.testing.assert_allclose(found.reshape(-1, 3), expected, atol=1e-6)


def test_center_by_hand() -> None:
    images = np.array([0, 51, 255, 102], dtype=np.uint8).reshape(2, 1, 2, 1)
    # In 0..1: 0, 0.2, 1, 0.4, of which the mean is 0.4.
    found = Preprocessing.fit("center", images).apply(images)
    np.testing.assert_allclose(found.ravel(), [-0.4, -0.2, 0.6, 0.0], atol=1e-6)


def test_none_and_unit_leave_the_ratio_of_values_alone() -> None:
    images = np.array([0, 51, 255], dtype=np.uint8).reshape(1, 1, 3, 1)
    assert Preprocessing("none").apply(images).ravel().tolist() == [0, 51, 255]
    np.testing.assert_allclose(Preprocessing("unit").apply(images).ravel(), [0, 0.2, 1], atol=1e-7)


def test_floats_are_in_0_to_1_already() -> None:
    images = np.array([0, 0.25, 1], dtype=np.float32).reshape(1, 1, 3, 1)
    assert Preprocessing("unit").apply(images).ravel().tolist() == [0, 0.25, 1]


def test_per_image_makes_a_dark_copy_of_an_image_equal_to_it() -> None:
    both = np.stack([IMAGES[0], IMAGES[0] // 4 * 4, IMAGES[0] // 4]).astype(np.uint8)
    found = Preprocessing.fit("per_image", both).apply(both)
    np.testing.assert_allclose(found[1], found[2], atol=1e-4)
    np.testing.assert_allclose(found.mean(axis=(1, 2, 3)), 0, atol=1e-6)
    np.testing.assert_allclose(found.std(axis=(1, 2, 3)), 1, atol=1e-4)


@pytest.mark.parametrize("kind", SCALINGS)
def test_a_constant_channel_stays_finite(kind: str) -> None:
    images = np.full((3, 4, 4, 2), 7, dtype=np.uint8)
    assert np.isfinite(Preprocessing.fit(kind, images).apply(images)).all()


def test_statistics_of_more_images_than_a_chunk_are_exact() -> None:
    images = np.random.default_rng(0).integers(0, 256, (CHUNK + 100, 2, 2, 2), dtype=np.uint8)
    images[-1] = 255
    found = channel_statistics(images)
    pixels = images.reshape(-1, 2) / 255
    np.testing.assert_allclose(found.mean, pixels.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.deviation, pixels.std(axis=0), rtol=1e-12)
    as_floats = channel_statistics((images / 255).astype(np.float64))
    np.testing.assert_allclose(np.array(as_floats), np.array(found), rtol=1e-12)


@pytest.mark.parametrize("kind", SCALINGS)
def test_json_gives_an_equal_object_back(kind: str) -> None:
    fitted = Preprocessing.fit(kind, IMAGES)
    assert Preprocessing.from_json(json.loads(json.dumps(fitted.to_json()))) == fitted


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "zscore", "offset": [], "divisor": []},
        {"kind": "center", "offset": [1], "divisor": []},
        {"kind": "center", "offset": [1], "divisor": [0]},
        {"kind": "center", "offset": None, "divisor": [1]},
    ],
)
def test_json_that_makes_no_sense_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(DataError):
        Preprocessing.from_json(data)


def test_other_channels_than_fitted_are_refused() -> None:
    with pytest.raises(DataError, match="expected 3 channels"):
        Preprocessing.fit("center", IMAGES).apply(IMAGES[..., :1])


def test_unknown_scaling_names_the_known_ones() -> None:
    with pytest.raises(DataError, match="standardize"):
        Preprocessing.fit("zscore", IMAGES)


def test_statistics_of_batches_are_those_of_all_images() -> None:
    """Batches of unequal sizes, far from zero, one of a single image."""
    images = 1000 + np.random.default_rng(4).random((50, 3, 3, 2))
    found = statistics_of_batches([images[:7], images[7:8], images[8:]])
    by_hand = [getattr(images, name)(axis=(0, 1, 2)) for name in ("mean", "std", "min", "max")]
    np.testing.assert_allclose(found, by_hand, rtol=1e-9)
