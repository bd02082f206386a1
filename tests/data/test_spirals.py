"""The made-up points are what a toy needs: the same every time, of four classes, not separable."""

from pathlib import Path

import numpy as np
import pytest

from hpsearch.data import Dataset, Spirals
from hpsearch.data.spirals import TURN, draw_spirals
from hpsearch.errors import DataError


def points(part: object) -> np.ndarray:
    return np.asarray(part.images).reshape(-1, 2)


def test_the_points_are_the_same_every_time_and_not_those_of_the_test_part() -> None:
    data, again = Spirals().load(), Spirals().load()
    assert isinstance(Spirals(), Dataset)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [800, 200, 1000]
    assert data.fingerprint == again.fingerprint
    assert data.fingerprint != Spirals(points_seed=1).load().fingerprint
    assert not set(map(tuple, points(data.test))) & set(map(tuple, points(data.train)))


def test_points_are_in_the_unit_square_as_images_of_one_pixel() -> None:
    data = Spirals().load()
    assert data.train.images.shape == (800, *Spirals.image_shape)
    assert data.train.images.dtype == np.float32
    assert 0 <= data.train.images.min() < 0.1
    assert 0.9 < data.train.images.max() <= 1
    assert np.bincount(data.train.labels).tolist() == [200] * 4


def test_without_noise_a_point_lies_on_its_arm() -> None:
    """Angle = arm · 90° + 2.5 radians · radius, by the definition."""
    images, arms = draw_spirals(50, 0.0, np.random.default_rng(0))
    x, y = 2 * images.reshape(-1, 2).T.astype(float) - 1
    difference = np.arctan2(y, x) - (arms * np.pi / 2 + TURN * np.hypot(x, y))
    np.testing.assert_allclose(np.exp(1j * difference), 1, atol=1e-4)


def test_straight_lines_fail_and_neighbours_get_most_but_not_all_of_them() -> None:
    """By scikit-learn: logistic regression about .6, the 15 nearest neighbours about .9."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier

    data = Spirals(points=1000).load()
    x, y = points(data.train), data.train.labels
    lines = LogisticRegression().fit(x, y).score(points(data.test), data.test.labels)
    near = KNeighborsClassifier(15).fit(x, y).score(points(data.test), data.test.labels)
    assert 0.5 < lines < 0.7
    assert 0.85 < near < 0.97


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(DataError, match="4 and 250 points of a class"):
        Spirals(points=4)
    with pytest.raises(DataError, match="are made up"):
        Spirals().load(Path("x.npz"))
