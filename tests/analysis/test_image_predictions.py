"""What a model says against what is true, in numbers worked out by hand or by scikit-learn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hpsearch.analysis.image_predictions import (
    BINS,
    calibration,
    calibration_error,
    confusions,
    error_by_chance,
    image_losses,
    label_counts,
    prediction_scores,
    right_images,
    true_probabilities,
)

TRUTH = np.array([0, 1, 2, 2])
SAID = np.array([[0.7, 0.2, 0.1], [0.5, 0.25, 0.25], [0.02, 0.95, 0.03], [0.1, 0.1, 0.8]])
LABELS = np.array([[1, 0], [0, 0]], np.uint8)
SAID_OF_LABELS = np.array([[0.75, 0.5], [0.05, 0.96]])


def test_the_loss_of_an_image_is_minus_log_of_what_its_class_was_given() -> None:
    expected = [-math.log(p) for p in (0.7, 0.25, 0.03, 0.8)]
    assert image_losses("one_label", TRUTH, SAID) == pytest.approx(expected)
    assert true_probabilities("one_label", TRUTH, SAID) == pytest.approx([0.7, 0.25, 0.03, 0.8])


def test_of_several_labels_the_loss_is_the_mean_over_labels() -> None:
    expected = [-math.log(0.75 * 0.5) / 2, -math.log(0.95 * 0.04) / 2]
    assert image_losses("many_labels", LABELS, SAID_OF_LABELS) == pytest.approx(expected)
    assert right_images("many_labels", LABELS, SAID_OF_LABELS).tolist() == [True, False]


def test_of_numbers_it_is_the_mean_squared_error() -> None:
    truth, said = np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[1.0, 4.0], [3.0, 4.0]])
    assert image_losses("regression", truth, said) == pytest.approx([2.0, 12.5])
    assert image_losses("regression_0_1", truth[:, 0], said[:, :1]) == pytest.approx([0.0, 9.0])


def test_no_probability_is_too_small_for_a_loss() -> None:
    """As Keras has it, the smallest counts as 1e-7."""
    worst = image_losses("binary", np.array([1]), np.array([[1.0, 0.0]]))
    assert worst == pytest.approx([-math.log(1e-7)])


def test_confusions_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import confusion_matrix

    random = np.random.default_rng(0)
    truth, said = random.integers(0, 7, 200), random.integers(0, 7, 200)
    matrix = np.zeros((7, 7), int)
    for true, taken_for, count in confusions(truth, said):
        matrix[true, taken_for] = count
    np.testing.assert_array_equal(matrix, confusion_matrix(truth, said))


def test_labels_are_hit_missed_or_made_up() -> None:
    assert label_counts(LABELS, SAID_OF_LABELS).tolist() == [[1, 0, 0], [0, 0, 1]]


def test_the_calibration_error_by_hand() -> None:
    """Four times .9 of which two are so, twice .5 of which one is: (4·.4 + 2·0) / 6."""
    said = np.array([0.9] * 4 + [0.5] * 2)
    was = np.array([1, 1, 0, 0, 1, 0])
    table = calibration(said, was)
    assert table.shape == (BINS, 3)
    assert table[int(0.9 * BINS)].tolist() == pytest.approx([4, 0.9, 0.5])
    assert calibration_error(table) == pytest.approx(4 * 0.4 / 6)
    assert calibration(np.array([1.0]), np.array([1]))[-1].tolist() == [1, 1, 1], "1 has a bin"


def test_right_probabilities_stay_below_the_error_by_chance_nineteen_times_of_twenty() -> None:
    random = np.random.default_rng(1)
    said = random.uniform(0.5, 1.0, 300)
    limit = error_by_chance(said)
    errors = [calibration_error(calibration(said, random.random(300) < said)) for _ in range(400)]
    assert 0.88 < np.mean(np.array(errors) <= limit) < 0.99


def test_what_is_wrong_with_certainty_is_counted() -> None:
    scores = prediction_scores("one_label", TRUTH, SAID)
    assert scores["num_wrong"] == 2
    assert scores["certainly_wrong"] == 1, "the third image, at .95"
    assert scores["mean_probability"] == pytest.approx((0.7 + 0.5 + 0.95 + 0.8) / 4)
    assert scores["mean_share"] == 0.5


def test_labels_that_are_missed_with_certainty_count_as_those_made_up() -> None:
    truth = np.array([[1, 0, 1]], np.uint8)
    scores = prediction_scores("many_labels", truth, np.array([[0.05, 0.96, 0.9]]))
    assert scores["certainly_wrong"] == 2


def test_the_share_of_the_highest_losses_is_told() -> None:
    """One image of twenty with a squared error of 81, the others with 1: 81 of 100."""
    truth, said = np.zeros(20), np.ones((20, 1))
    said[7] = 9.0
    scores = prediction_scores("regression", truth, said)
    assert scores == pytest.approx(
        {"mean_loss": 5.0, "median_loss": 1.0, "num_highest": 1, "highest_share": 0.81}
    )
