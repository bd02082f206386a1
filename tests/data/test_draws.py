"""Shares of the training images are nested and keep their classes; bootstrap samples repeat."""

from __future__ import annotations

import numpy as np
import pytest

from hpsearch.data.draws import Draw

LABELS = np.repeat([0, 1, 2], [60, 30, 10])
WHOLE = np.arange(100)


def test_a_smaller_share_is_part_of_a_larger_one() -> None:
    """So that a curve over sizes adds images and exchanges none."""
    drawn = [set(Draw(share, seed=4).positions(WHOLE, LABELS)) for share in (0.1, 0.4, 1.0)]
    assert drawn[0] < drawn[1] < drawn[2] == set(WHOLE)


def test_every_class_keeps_its_share_and_at_least_one_image() -> None:
    """60, 30 and 10 images become 6, 3 and 1; of 10 images 2 % are still one."""
    tenth = np.unique(Draw(0.1).positions(WHOLE, LABELS))
    assert np.bincount(LABELS[tenth]).tolist() == [6, 3, 1]
    few = np.unique(Draw(0.02).positions(WHOLE, LABELS))
    assert np.bincount(LABELS[few]).tolist() == [1, 1, 1]


def test_a_draw_is_as_long_as_the_whole() -> None:
    """An epoch has as many steps with few images as with all; each is seen about as often."""
    drawn = Draw(0.3).positions(WHOLE, LABELS)
    assert len(drawn) == 100
    counts = np.bincount(drawn)
    assert set(counts[counts > 0]) <= {3, 4}


def test_another_seed_draws_other_images_and_the_same_one_the_same() -> None:
    """Two seeds share some images only."""
    first, same, other = (Draw(0.3, seed).positions(WHOLE, LABELS) for seed in (1, 1, 2))
    assert first.tolist() == same.tolist()
    assert 0 < len(set(first) & set(other)) < 30


def test_all_images_once_stay_in_order() -> None:
    """The share 1 is the training without a draw, bit for bit."""
    assert Draw(1.0, seed=9).positions(WHOLE, LABELS).tolist() == WHOLE.tolist()


def test_a_bootstrap_sample_has_about_63_percent_of_the_images() -> None:
    """1 − 1/e of them, in the mean (Efron & Tibshirani 1993)."""
    large = np.arange(5000)
    shares = [
        len(set(Draw(seed=seed, replacement=True).positions(large, np.zeros(5000, int)))) / 5000
        for seed in range(20)
    ]
    assert np.mean(shares) == pytest.approx(1 - np.exp(-1), abs=0.005)


def test_positions_of_a_fold_stay_in_the_fold() -> None:
    """Only the given positions are drawn."""
    fold = np.arange(0, 100, 2)
    assert set(Draw(0.5).positions(fold, LABELS)) < set(fold)
    assert set(Draw(replacement=True).positions(fold, LABELS)) < set(fold)


def test_numbers_as_labels_are_drawn_as_one_class() -> None:
    """A regression has no classes."""
    values = np.linspace(0, 1, 100)
    assert len(set(Draw(0.25).positions(WHOLE, values))) == 25


@pytest.mark.parametrize("share", [0.0, -0.5, 1.5])
def test_an_impossible_share_is_refused(share: float) -> None:
    """It lies in (0, 1]."""
    with pytest.raises(ValueError, match="share"):
        Draw(share)
