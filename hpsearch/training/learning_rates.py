"""The learning rate of each epoch, where a model brings a schedule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hpsearch.models.schedules import LearningRate


def set_learning_rate(
    model: Any, epoch: int, num_epochs: int, history: Mapping[str, Sequence[float]]
) -> None:
    """Give the optimizer the rate of an epoch; models without a schedule are left alone.

    Args:
        model: A compiled model; those of `hpsearch.models` have a `LearningRate` attached.
        epoch: Number of the epoch that is about to begin, from 0.
        num_epochs: Most epochs of the trial.
        history: Metric name → value after each epoch before it.
    """
    rate = getattr(model, "learning_rate", None)
    if isinstance(rate, LearningRate):
        model.optimizer.learning_rate = rate.at(epoch, num_epochs, history)
