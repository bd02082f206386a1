"""What a model says of each image against what is true: losses, confusions, calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hpsearch.problems import CLASSIFICATIONS, ONE_CLASS, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

CERTAIN = 0.9
"""A probability above it is called certain."""
BINS = 15
"""Of the probability, for the calibration error, as Guo et al. have them."""
LEAST_PROBABILITY = 1e-7
"""Where Keras cuts probabilities off, so that no loss is infinite."""
HIGHEST_SHARE = 0.05
"""Of the images, those with the highest losses, whose part in the mean loss is told."""
REPETITIONS = 200


def true_probabilities(
    problem: Problem, truth: NDArray[Any], values: NDArray[Any]
) -> NDArray[np.float64]:
    """The probability given to what is true.

    Args:
        problem: A classification.
        truth: (n,) classes, or (n, k) labels of 0 and 1.
        values: (n, k) probabilities.

    Returns:
        (n,) that of the true class; (n, k) that of each label being there or not, as it is.
    """
    if problem in ONE_CLASS:
        return np.asarray(values[np.arange(len(truth)), truth], np.float64)
    return np.where(truth.astype(bool), values, 1 - np.asarray(values, np.float64))


def image_losses(
    problem: Problem, truth: NDArray[Any], values: NDArray[Any]
) -> NDArray[np.float64]:
    """The loss of each image, whatever loss the model was trained with.

    Args:
        problem: What the model is asked for.
        truth: (n,) or (n, k), as in `Part.labels`.
        values: (n, k) probabilities, or numbers for regression.

    Returns:
        (n,) cross-entropy; the mean one over labels; for regression the mean squared error.
    """
    if problem not in CLASSIFICATIONS:
        wanted = np.asarray(truth, np.float64).reshape(len(truth), -1)
        squared: NDArray[np.float64] = ((values - wanted) ** 2).mean(axis=1)
        return squared
    likely = np.clip(true_probabilities(problem, truth, values), LEAST_PROBABILITY, 1)
    losses: NDArray[np.float64] = -np.log(likely).reshape(len(truth), -1).mean(axis=1)
    return losses


def right_images(problem: Problem, truth: NDArray[Any], values: NDArray[Any]) -> NDArray[np.bool_]:
    """(n,) Whether each image has its class, or all its labels, said rightly."""
    if problem in ONE_CLASS:
        return np.asarray(values.argmax(axis=1) == truth)
    right: NDArray[np.bool_] = ((values > 0.5) == truth.astype(bool)).all(axis=1)
    return right


def confusions(truth: NDArray[Any], predicted: NDArray[Any]) -> NDArray[np.int64]:
    """How often each class was taken for each, as far as that happened.

    Returns:
        (m, 3) true class, predicted class, images; by true class, then predicted class.
    """
    pairs = np.stack([truth, predicted], axis=1).astype(np.int64)
    found, counts = np.unique(pairs, axis=0, return_counts=True)
    return np.hstack([found, counts[:, None]])


def label_counts(truth: NDArray[Any], values: NDArray[Any]) -> NDArray[np.int64]:
    """(k, 3) for each of several labels: rightly said, missed, and said where it is not there."""
    there, said = truth.astype(bool), values > 0.5
    counts = [there & said, there & ~said, ~there & said]
    return np.stack([each.sum(axis=0) for each in counts], axis=1).astype(np.int64)


def claims(
    problem: Problem, truth: NDArray[Any], values: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """What can be held against the facts: probabilities, and whether each thing was so.

    Args:
        problem: A classification.
        truth: (n,) classes or (n, k) labels.
        values: (n, k) probabilities.

    Returns:
        For one class an image the probability of the predicted class, (n,); for several labels
        that of every label, (n·k,).
    """
    if problem in ONE_CLASS:
        return np.asarray(values.max(axis=1), np.float64), right_images(problem, truth, values)
    return np.asarray(values, np.float64).ravel(), truth.astype(bool).ravel()


def calibration(probability: NDArray[Any], happened: NDArray[Any]) -> NDArray[np.float64]:
    """The table of a reliability diagram.

    Args:
        probability: (n,) within 0..1.
        happened: (n,) whether it was so.

    Returns:
        (`BINS`, 3) for bins of equal width: how many, their mean probability, and the share that
        was so; 0 in bins without any.
    """
    place = np.clip((probability * BINS).astype(int), 0, BINS - 1)
    count = np.bincount(place, minlength=BINS)
    sums = [np.bincount(place, weights, BINS) for weights in (probability, happened)]
    means = [total / np.maximum(count, 1) for total in sums]
    return np.stack([count.astype(np.float64), *means], axis=1)


def calibration_error(table: NDArray[np.float64]) -> float:
    """How far probability and share differ, on average over what was said.

    The expected calibration error of Guo et al., *On Calibration of Modern Neural Networks*
    (2017), equation 3.

    Args:
        table: As `calibration` gives it.
    """
    count, said, was = table.T
    return float((count * np.abs(said - was)).sum() / max(count.sum(), 1))


def error_by_chance(probability: NDArray[Any], seed: int = 0) -> float:
    """The calibration error that a model with right probabilities stays below in 95 % of cases.

    Each thing is drawn to happen with its probability, 200 times. Few images alone make an error.
    """
    random = np.random.default_rng(seed)
    errors = [
        calibration_error(calibration(probability, random.random(len(probability)) < probability))
        for _ in range(REPETITIONS)
    ]
    return float(np.quantile(errors, 0.95))


def prediction_scores(
    problem: Problem, truth: NDArray[Any], values: NDArray[Any]
) -> dict[str, float]:
    """Numbers that the pictures of a model's predictions are told with.

    Returns:
        `mean_loss`, `median_loss`, and `highest_share`, the part of the sum of losses that the
        `num_highest` largest make, a `HIGHEST_SHARE` of all. For classifications `num_wrong` and
        `certainly_wrong` (images, or labels of images, that are wrong with a probability above
        `CERTAIN`), and of the calibration `error`, `error_by_chance`, `mean_probability` and
        `mean_share`.
    """
    losses = np.sort(image_losses(problem, truth, values))
    num_highest = max(1, round(HIGHEST_SHARE * len(losses)))
    highest = losses[-num_highest:]
    scores = {
        "mean_loss": float(losses.mean()),
        "median_loss": float(np.median(losses)),
        "num_highest": num_highest,
        "highest_share": float(highest.sum() / losses.sum()) if losses.any() else 0.0,
    }
    if problem not in CLASSIFICATIONS:
        return scores
    probability, happened = claims(problem, truth, values)
    right = right_images(problem, truth, values)
    wrongly_certain = ~happened & (probability > CERTAIN)
    if problem not in ONE_CLASS:
        wrongly_certain |= happened & (probability < 1 - CERTAIN)
    return scores | {
        "num_wrong": int((~right).sum()),
        "certainly_wrong": int(wrongly_certain.sum()),
        "error": calibration_error(calibration(probability, happened)),
        "error_by_chance": error_by_chance(probability),
        "mean_probability": float(probability.mean()),
        "mean_share": float(happened.mean()),
    }
