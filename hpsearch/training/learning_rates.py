"""The learning rate of each epoch, where a model brings a schedule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hpsearch.models.schedules import LearningRate


def set_learning_rate(
    optimizer: Any,
    model: Any,
    epoch: int,
    num_epochs: int,
    history: Mapping[str, Sequence[float]],
) -> None:
    """Give an optimizer the rate of an epoch; that of models without a schedule is left alone.

    Args:
        optimizer: What trains the model.
        model: The model; those of `hpsearch.models` have a `LearningRate` attached.
        epoch: Number of the epoch that is about to begin, from 0.
        num_epochs: Most epochs of the trial.
        history: Metric name → value after each epoch before it.
    """
    rate = getattr(model, "learning_rate", None)
    if isinstance(rate, LearningRate):
        optimizer.learning_rate = rate.at(epoch, num_epochs, history)
