"""Mixtures are convex, of two images and of their labels alike, and follow from the seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hpsearch.preparation import Recipe

pytestmark = pytest.mark.slow

SIZE = 40
# Image i is even, of value i; label i is one-hot: a mixture tells of what it was made.
IMAGES = np.broadcast_to(np.arange(SIZE)[:, None, None, None], (SIZE, 10, 10, 2)).astype("float32")
LABELS = np.eye(SIZE, dtype="float32")


def mixed(recipe: Recipe, seed: int = 1, epoch: int = 0) -> tuple[Any, Any]:
    import tensorflow as tf

    from hpsearch.training.mixing import Mixing

    mixing = Mixing(recipe)
    mixing.begin(seed, epoch)
    images, labels = tf.function(mixing)(tf.constant(IMAGES), tf.constant(LABELS))
    return images.numpy(), labels.numpy()


def test_mixup_is_a_convex_combination_with_one_share_for_image_and_label() -> None:
    """Each pixel is λ·i + (1 − λ)·j, with the λ, i and j of the label."""
    images, labels = mixed(Recipe(mixup=1.0))
    assert labels.sum(axis=1) == pytest.approx(1.0)
    assert ((labels > 0).sum(axis=1) <= 2).all()
    assert (labels.diagonal() > 0).all()
    expected = labels @ np.arange(SIZE)
    assert images == pytest.approx(np.broadcast_to(expected[:, None, None, None], images.shape))
    assert len(np.unique(labels.diagonal().round(4))) > SIZE // 2  # drawn for each image


def test_a_small_alpha_mixes_little_a_large_one_by_halves() -> None:
    """Of Beta(a, a) the variance is 1 / (4·(2a + 1))."""
    for alpha, variance in ((0.1, 1 / 4.8), (32.0, 1 / 260)):
        shares = np.concatenate(
            [mixed(Recipe(mixup=alpha), epoch=e)[1].diagonal() for e in range(20)]
        )
        moved = shares[shares < 1]  # an image may be mixed with itself
        assert np.var(moved) == pytest.approx(variance, rel=0.3)


def test_cutmix_takes_a_rectangle_as_large_as_the_label_says() -> None:
    """Two images at most, the other one a rectangle; its sides are whole pixels, the label not."""
    images, labels = mixed(Recipe(cutmix=1.0))
    cut = 0
    for own, (image, label) in enumerate(zip(images[..., 0], labels, strict=True)):
        others = [value for value in np.unique(image) if value != own]
        assert len(others) <= 1
        if not others:
            continue
        cut += 1
        inside = image == others[0]
        rows, columns = inside.any(axis=1), inside.any(axis=0)
        assert (inside == rows[:, None] & columns).all()
        assert label[int(others[0])] == pytest.approx(inside.mean(), abs=0.2)
    assert cut > SIZE // 2
    assert labels.sum(axis=1) == pytest.approx(1.0)


def test_with_both_a_batch_is_mixed_in_one_way_and_each_has_its_turn() -> None:
    is_mixup = []
    for epoch in range(12):
        images, labels = mixed(Recipe(mixup=8.0, cutmix=1.0), epoch=epoch)
        is_even = (images == images[:, :1, :1]).all(axis=(1, 2, 3))
        blended = is_even & (labels.max(axis=1) < 0.99)
        is_mixup.append(blended.sum() > SIZE // 2)
    assert 0 < sum(is_mixup) < 12


def test_what_is_drawn_follows_from_seed_and_epoch() -> None:
    first = mixed(Recipe(mixup=1.0, cutmix=1.0))[1]
    np.testing.assert_array_equal(mixed(Recipe(mixup=1.0, cutmix=1.0))[1], first)
    for other in ({"seed": 2}, {"epoch": 1}):
        assert (mixed(Recipe(mixup=1.0, cutmix=1.0), **other)[1] != first).any()
