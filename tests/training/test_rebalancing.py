"""Rebalancing against its definitions, scikit-learn and imbalanced-learn."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from imblearn.over_sampling import RandomOverSampler
from sklearn.utils.class_weight import compute_class_weight

from hpsearch.errors import DataError, InputError
from hpsearch.training.rebalancing import (
    class_numbers,
    class_weights,
    oversampled,
    synthesized,
)

CLASSES = np.array([0] * 12 + [2] * 5 + [3] * 3)  # and none of class 1


def test_oversampling_counts_as_imbalanced_learn() -> None:
    """All images are there, further ones of the smaller classes only, all classes alike."""
    positions = oversampled(CLASSES, np.random.default_rng(0))
    _, peer = RandomOverSampler(random_state=0).fit_resample(CLASSES[:, None], CLASSES)
    assert np.bincount(CLASSES[positions]).tolist() == np.bincount(peer).tolist() == [12, 0, 12, 12]
    assert positions[:20].tolist() == list(range(20))
    assert (positions[20:] >= 12).all()


def test_class_weights_are_those_of_scikit_learn() -> None:
    weights = class_weights(CLASSES)
    peer = compute_class_weight("balanced", classes=np.unique(CLASSES), y=CLASSES)
    assert weights[[0, 2, 3]] == pytest.approx(peer)
    assert weights[CLASSES].mean() == pytest.approx(1.0)


def test_smote_puts_images_between_two_of_one_class() -> None:
    """Of three images of class 3 each new one lies on a line between two; features of any shape."""
    features = np.random.default_rng(1).normal(size=(20, 2, 3, 4)).astype(np.float32)
    added, named = synthesized(features, CLASSES, seed=7)
    assert np.bincount(named).tolist() == [0, 0, 7, 9]
    assert (added.shape, added.dtype) == ((16, 2, 3, 4), np.float32)
    own = features[CLASSES == 3].reshape(3, -1)
    for point in added[named == 3].reshape(9, -1):
        lengths = np.linalg.norm(own - point, axis=1)
        sides = [np.linalg.norm(own[i] - own[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
        ways = [lengths[i] + lengths[j] for i, j in ((0, 1), (0, 2), (1, 2))]
        assert min(np.subtract(ways, sides)) == pytest.approx(0.0, abs=1e-4)
    again, _ = synthesized(features, CLASSES, seed=7)
    np.testing.assert_array_equal(again, added)
    assert (synthesized(features, CLASSES, seed=8)[0] != added).any()


def test_classes_of_one_size_need_nothing() -> None:
    features = np.zeros((4, 3), np.float32)
    added, named = synthesized(features, np.array([0, 0, 1, 1]), seed=0)
    assert (added.shape, named.shape) == ((0, 3), (0,))


def test_one_image_of_a_class_is_not_enough_for_smote() -> None:
    with pytest.raises(DataError, match="class 1 has one training image"):
        synthesized(np.zeros((4, 3), np.float32), np.array([0, 0, 0, 1]), seed=0)


def test_without_imbalanced_learn_the_error_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "imblearn.over_sampling", None)
    with pytest.raises(InputError, match=r'pip install "hpsearch\[imbalance\]"'):
        synthesized(np.zeros((20, 3), np.float32), CLASSES, seed=0)


@pytest.mark.parametrize("labels", [np.zeros((4, 2), np.int64), np.zeros(4, np.float32)])
def test_only_one_class_an_image_can_be_rebalanced(labels: np.ndarray) -> None:
    with pytest.raises(InputError, match="not one class an image"):
        class_numbers(labels)
