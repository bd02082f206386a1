"""Bias and variance as worked out by hand, and as mlxtend finds them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hpsearch.analysis.bias_variance import (
    decomposed,
    main_classes,
    squared_loss,
    zero_one_loss,
)

PREDICTED = np.array([[0, 1, 0, 2], [0, 0, 1, 2], [1, 0, 1, 0]])
"""Three models, four images; the main predictions are 0, 0, 1, 2."""
LABELS = np.array([0, 1, 1, 0])


def test_zero_one_loss_by_hand() -> None:
    """Images 2 and 4 have a wrong main prediction; on each one of three models is right.

    Wrong answers: 1, 2, 1 and 2 of 3. Models that differ from the main prediction: 1 of 3 on each.
    """
    found = decomposed(zero_one_loss(PREDICTED, LABELS))
    assert found.loss == pytest.approx(6 / 12)
    assert found.bias == pytest.approx(2 / 4)
    assert found.variance == pytest.approx(4 / 12)
    assert found.unbiased == pytest.approx(2 / 12)
    assert found.biased == pytest.approx(2 / 12)


def test_squared_loss_by_hand() -> None:
    """Outputs 1 and 3 for a target of 0: mean 2, so bias² 4, variance 1, loss 5."""
    found = decomposed(squared_loss(np.array([[[1.0]], [[3.0]]]), np.array([[0.0]])))
    assert found[:3] == (5.0, 4.0, 1.0)
    assert found.unbiased is None


def test_the_parts_add_up_to_the_loss() -> None:
    """For both losses, whatever the models say."""
    random = np.random.default_rng(3)
    predicted, labels = random.integers(0, 5, (9, 200)), random.integers(0, 5, 200)
    whole = decomposed(zero_one_loss(predicted, labels))
    assert whole.unbiased is not None
    assert whole.biased is not None
    assert whole.loss == pytest.approx(whole.bias + whole.unbiased - whole.biased)
    outputs, targets = random.random((9, 200, 3)), random.random((200, 3))
    squared = decomposed(squared_loss(outputs, targets))
    assert squared.loss == pytest.approx(squared.bias + squared.variance)


def test_classes_are_means_over_their_own_images() -> None:
    """The images of class 1 only."""
    own = decomposed(zero_one_loss(PREDICTED, LABELS), LABELS == 1)
    assert (own.num_images, own.loss, own.bias) == (2, pytest.approx(0.5), pytest.approx(0.5))


def test_of_equally_frequent_classes_the_smallest_is_the_main_one() -> None:
    """As mlxtend has it."""
    assert main_classes(np.array([[2], [1]])).tolist() == [1]


def _sample() -> tuple[Any, ...]:
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    images, labels = load_digits(return_X_y=True)
    return tuple(train_test_split(images, labels, test_size=0.4, random_state=0, stratify=labels))


def _bootstrapped(model: Any, rounds: int, seed: int) -> tuple[Any, Any]:
    """Predictions of a model trained on bootstrap samples, drawn as mlxtend draws them."""
    train, test, labels, truth = _sample()
    random = np.random.RandomState(seed)
    predicted = []
    for _ in range(rounds):
        chosen = random.choice(np.arange(len(train)), size=len(train), replace=True)
        predicted.append(model.fit(train[chosen], labels[chosen]).predict(test))
    return np.array(predicted), truth


@pytest.mark.parametrize("loss", ["0-1_loss", "mse"])
def test_mlxtend_finds_the_same_for_a_tree(loss: str) -> None:
    """To rounding for the same bootstrap samples, and within sampling error for others.

    Over other samples of 30 rounds the parts scatter by less than a fifth of themselves.
    """
    from mlxtend.evaluate import bias_variance_decomp
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(random_state=1, max_depth=8)
    train, test, labels, truth = _sample()
    theirs = bias_variance_decomp(
        tree, train, labels, test, truth, loss=loss, num_rounds=30, random_seed=5
    )
    for seed, tolerance in ((5, 1e-9), (6, 0.2)):
        predicted, _ = _bootstrapped(tree, 30, seed)
        if loss == "mse":
            ours = decomposed(squared_loss(predicted[..., None] * 1.0, truth[:, None] * 1.0))
        else:
            ours = decomposed(zero_one_loss(predicted, truth))
        assert ours[:3] == pytest.approx(theirs, rel=tolerance)
