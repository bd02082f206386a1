"""Bias and variance of a way to train, from models trained on bootstrap samples."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


class Decomposition(NamedTuple):
    """Expected loss of single models on an image, and what it is made of.

    With squared loss ``loss = bias + variance``; with 0–1 loss ``loss = bias + unbiased - biased``
    for two classes. With more, a model that differs from a wrong main prediction may be wrong,
    too: then `biased` counts only those that are right, which keeps the sum.

    Args:
        loss: Mean over models and images.
        bias: Loss of the main prediction: the mean for squared loss (so this is the bias
            squared), the most frequent class for 0–1 loss.
        variance: Mean loss between single predictions and the main one.
        unbiased: 0–1 loss: the part of the variance on images whose main prediction is right,
            which costs; None for squared loss.
        biased: 0–1 loss: how often a model is right where the main prediction is wrong, which
            helps; None for squared loss.
        num_images: Images it is a mean over.
    """

    loss: float
    bias: float
    variance: float
    unbiased: float | None
    biased: float | None
    num_images: int

    def to_json(self) -> dict[str, Any]:
        """The numbers as JSON."""
        return self._asdict()


def squared_loss(outputs: Numbers, targets: Numbers) -> list[Numbers]:
    """Loss, squared bias and variance of each image by squared loss, summed over the outputs.

    For probabilities that is the Brier score. Geman, Bienenstock & Doursat, *Neural Networks and
    the Bias/Variance Dilemma*, Neural Computation 4, 1992.

    Args:
        outputs: (models, images, k) what each model gives.
        targets: (images, k) what is right: numbers, or 1 for the class and 0 for others.

    Returns:
        Three arrays of (images,).
    """
    main = outputs.mean(axis=0)
    loss = ((outputs - targets) ** 2).sum(axis=2).mean(axis=0)
    bias = ((main - targets) ** 2).sum(axis=1)
    variance = ((outputs - main) ** 2).sum(axis=2).mean(axis=0)
    return [loss, bias, variance]


def zero_one_loss(predicted: NDArray[np.int64], labels: NDArray[np.int64]) -> list[Numbers]:
    """Loss, bias, variance, unbiased and biased variance of each image by 0–1 loss.

    Domingos, *A Unified Bias-Variance Decomposition and its Applications*, ICML 2000.

    Args:
        predicted: (models, images) the class that each model gives.
        labels: (images,) the right class.

    Returns:
        Five arrays of (images,); see `Decomposition`.
    """
    main = main_classes(predicted)
    wrong = main != labels
    right = (predicted == labels).mean(axis=0)
    variance = (predicted != main).mean(axis=0)
    return [1 - right, wrong * 1.0, variance, variance * ~wrong, right * wrong]


def main_classes(predicted: NDArray[np.int64]) -> NDArray[np.int64]:
    """(images,) the class that most of the (models, images) give; of equals the smallest."""
    size = int(predicted.max()) + 1
    counts = np.stack([(predicted == label).sum(axis=0) for label in range(size)])
    return np.asarray(counts.argmax(axis=0), dtype=np.int64)


def decomposed(parts: list[Numbers], chosen: NDArray[np.bool_] | None = None) -> Decomposition:
    """The means over images.

    Args:
        parts: What `squared_loss` or `zero_one_loss` gives.
        chosen: (images,) which of them, at least one; None for all.
    """
    means = [float(np.mean(part if chosen is None else part[chosen])) for part in parts]
    unbiased, biased = means[3:] if len(means) > 3 else (None, None)
    count = len(parts[0]) if chosen is None else int(chosen.sum())
    return Decomposition(means[0], means[1], means[2], unbiased, biased, count)
