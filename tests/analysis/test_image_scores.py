"""Scores of predictions are scikit-learn's, and their intervals hold what they should."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from hpsearch.analysis.image_scores import class_scores, label_scores, scores_json, value_scores

GENERATOR = np.random.default_rng(0)


def test_values_are_scored_as_scikit_learn_does() -> None:
    """Two values an image, far from 0, where sums of squares lose digits."""
    truth = 1e4 + GENERATOR.normal(0, [1, 5], (400, 2))
    predicted = truth + GENERATOR.normal(0, [0.5, 2], (400, 2))
    scores = value_scores(truth, predicted)
    assert list(scores) == ["mse", "mae", "r2"]
    assert scores["mse"].mean == pytest.approx(metrics.mean_squared_error(truth, predicted))
    assert scores["mae"].mean == pytest.approx(metrics.mean_absolute_error(truth, predicted))
    assert scores["r2"].mean == pytest.approx(metrics.r2_score(truth, predicted))
    for score in scores.values():
        assert score.low is not None
        assert score.high is not None
        assert score.low < score.mean < score.high


def test_the_interval_of_a_mean_error_is_that_of_a_mean() -> None:
    """1.96 standard errors to either side, for errors of 400 images."""
    errors = GENERATOR.normal(0, 1, 400)
    mae = value_scores(np.arange(400.0), np.arange(400.0) + errors)["mae"]
    reach = 1.96 * np.abs(errors).std() / 20
    assert mae.low == pytest.approx(mae.mean - reach, rel=0.03)
    assert mae.high == pytest.approx(mae.mean + reach, rel=0.03)


def test_r2_is_measured_by_the_spread_of_the_images_drawn() -> None:
    """Of few images the spread differs much from that of all."""
    truth = np.array([1.0, 2, 4, 7, 11, 16])
    predicted = truth + np.array([0.5, -1, 1, 0, 2, -1.5])
    draws = np.random.default_rng(0).integers(6, size=(2000, 6))
    wanted, said = truth[draws], predicted[draws]
    spread = ((wanted - wanted.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    kept = spread > 0
    by_hand = 1 - ((said - wanted) ** 2).sum(axis=1)[kept] / spread[kept]
    r2 = value_scores(truth, predicted)["r2"]
    assert [r2.low, r2.high] == pytest.approx(np.percentile(by_hand, [2.5, 97.5]), abs=0.002)


def test_equal_true_values_have_no_r2() -> None:
    assert list(value_scores(np.full(9, 2.0), np.arange(9.0))) == ["mse", "mae"]


def test_labels_are_scored_as_scikit_learn_does() -> None:
    """The last label is nowhere: it has neither F1 nor area."""
    truth = (GENERATOR.random((300, 4)) < [0.5, 0.3, 0.1, 0]).astype(np.uint8)
    said = np.clip(0.5 * truth + GENERATOR.random((300, 4)) * [0.7, 0.7, 0.7, 0.4], 0, 1)
    scores = label_scores(truth, said)
    assert list(scores) == ["micro_f1", "macro_f1", "subset_accuracy", "mean_auc"]
    hard = said > 0.5
    assert scores["micro_f1"].mean == pytest.approx(metrics.f1_score(truth, hard, average="micro"))
    macro = metrics.f1_score(truth[:, :3], hard[:, :3], average="macro")
    assert scores["macro_f1"].mean == pytest.approx(macro)
    assert scores["subset_accuracy"].mean == pytest.approx(metrics.accuracy_score(truth, hard))
    assert scores["mean_auc"].mean == pytest.approx(
        metrics.roc_auc_score(truth[:, :3], said[:, :3])
    )
    assert scores["mean_auc"].low is None
    assert scores["macro_f1"].low is not None
    assert 0 < scores["macro_f1"].mean - scores["macro_f1"].low < 0.2


def test_the_first_score_is_the_one_that_is_quoted() -> None:
    said = scores_json(class_scores(np.array([[8, 2], [1, 9]])))
    assert said["mean"] == pytest.approx(0.85)
    assert set(said) == {"mean", "low", "high", "macro_f1", "balanced_accuracy"}
    assert said["balanced_accuracy"]["mean"] == pytest.approx(0.85)
