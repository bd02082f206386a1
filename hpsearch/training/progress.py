"""`Progress`: what is known of a trial while it trains."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hpsearch.training.model_state import ModelState


@dataclass
class Progress:
    """What is known of a trial while it trains; the record of it when it ends.

    Args:
        history: Metric name → value after each epoch.
        best_value: Objective at the best epoch so far.
        best_epoch: That epoch, from 1.
        best_weights: The weights after that epoch, with folds those of the first one.
        fold_values: The objective of each fold after that epoch; empty without folds.
        num_parameters: Number of weights of the model.
        timings: Seconds by phase: `build`, `features`, `first_epoch` (tracing included), `train`.
        model: What is trained: the model, or what of it lies behind its frozen part; between
            epochs that of the first fold.
        whole: The whole model, which shares its weights.
        seam: Epochs before the second phase; None as long as it has not begun.
        fold_states: Where the training of each fold stands; empty without folds.
    """

    history: dict[str, list[float]] = field(default_factory=dict)
    best_value: float | None = None
    best_epoch: int | None = None
    best_weights: list[Any] | None = None
    fold_values: tuple[float, ...] = ()
    num_parameters: int | None = None
    timings: dict[str, float] = field(default_factory=dict)
    model: Any = None
    whole: Any = None
    seam: int | None = None
    fold_states: list[ModelState] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        """Number of epochs trained."""
        return max((len(values) for values in self.history.values()), default=0)
