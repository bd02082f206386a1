"""Stored copies are of the training images, which stay as they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hpsearch.data import Preprocessing
from hpsearch.errors import InputError
from hpsearch.preparation import Augmentation

pytestmark = pytest.mark.slow

BYTES = np.random.default_rng(0).integers(0, 256, (9, 8, 8, 3), dtype=np.uint8)


def arrays(images: Any = BYTES, kind: str = "unit", *, is_prepared: bool = False) -> Any:
    import tensorflow as tf

    from hpsearch.training.arrays import TrainingArrays

    preprocessing = Preprocessing(kind)
    held = tf.constant(preprocessing.apply(images) if is_prepared else images)
    labels = tf.constant(np.arange(len(images)) % 3, tf.int32)
    return TrainingArrays(held, labels, held[:0], labels[:0], preprocessing, is_prepared)


def copies(given: Any, augmentation: Augmentation, count: int = 2, seed: int = 5) -> Any:
    from hpsearch.training.stored_copies import augmented_copies

    return augmented_copies(given, count, augmentation, seed).numpy()


def test_copies_are_as_many_in_the_order_of_the_images() -> None:
    """A vertical flip leaves each row where it was or mirrors all of them."""
    given = arrays()
    made = copies(given, Augmentation(flip="vertical"), count=6)
    assert (made.shape, made.dtype) == ((54, 8, 8, 3), np.uint8)
    originals = np.tile(BYTES, (6, 1, 1, 1))
    is_same = (made == originals).all(axis=(1, 2, 3))
    assert (is_same | (made == originals[:, ::-1]).all(axis=(1, 2, 3))).all()
    assert 0 < is_same.sum() < 54
    np.testing.assert_array_equal(given.x_train, BYTES)


@pytest.mark.parametrize("kind", ["unit", "none"])
def test_copies_are_the_same_from_bytes_and_from_floats(kind: str) -> None:
    """Scores must not depend on how a process holds its images."""
    blurred = Augmentation(rotation=20, brightness=0.3, color=0.2)
    of_bytes = copies(arrays(kind=kind), blurred)
    of_floats = copies(arrays(kind=kind, is_prepared=True), blurred)
    np.testing.assert_array_equal(of_floats, Preprocessing(kind).apply(of_bytes))
    assert (of_bytes != np.tile(BYTES, (2, 1, 1, 1))).mean() > 0.5


def test_copies_follow_from_the_seed_alone() -> None:
    """Python's own generator is neither asked nor moved."""
    import random

    turned = Augmentation(rotation=90, rand_augment=0.5)
    random.seed(1)
    first = copies(arrays(), turned)
    drawn = random.random()
    random.seed(1)
    assert random.random() == drawn
    np.testing.assert_array_equal(copies(arrays(), turned), first)
    assert (copies(arrays(), turned, seed=6) != first).any()


def test_images_that_the_data_set_scaled_are_refused() -> None:
    with pytest.raises(InputError, match=r"scales them \('per_image'\)\. Give it scaling"):
        copies(arrays(kind="per_image", is_prepared=True), Augmentation(rotation=20))
