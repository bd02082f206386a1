"""`Progress`: what is known of a trial while it trains."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Progress:
    """What is known of a trial while it trains; the record of it when it ends.

    Args:
        history: Metric name → value after each epoch.
        best_value: Objective at the best epoch so far.
        best_epoch: That epoch, from 1.
        best_weights: The weights after that epoch.
        num_parameters: Number of weights of the model.
        timings: Seconds by phase: `build`, `first_epoch` (tracing included), `train`.
    """

    history: dict[str, list[float]] = field(default_factory=dict)
    best_value: float | None = None
    best_epoch: int | None = None
    best_weights: list[Any] | None = None
    num_parameters: int | None = None
    timings: dict[str, float] = field(default_factory=dict)
    model: Any = None

    @property
    def epochs(self) -> int:
        """Number of epochs trained."""
        return max((len(values) for values in self.history.values()), default=0)
