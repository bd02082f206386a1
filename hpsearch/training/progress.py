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
        timings: Seconds by phase: `build`, `features`, `trace`, `train`, `validate`.
        model: What is trained; between epochs that of the first fold.
        part: What of the whole model it stands for: all, or what lies behind its frozen part. The
            same, or of the same structure where trials share a graph.
        whole: The whole model, which shares the weights of `part`.
        reused: Whether the graphs of all phases were those of earlier trials.
        unshared: Why a graph cannot be used by other trials; empty if all can.
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
    part: Any = None
    whole: Any = None
    reused: bool = False
    unshared: str = ""
    seam: int | None = None
    fold_states: list[ModelState] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        """Number of epochs trained."""
        return max((len(values) for values in self.history.values()), default=0)

    def complete_whole(self, *, with_optimizer: bool) -> None:
        """Give the whole model the weights of the best epoch, of the last one without any.

        Args:
            with_optimizer: Whether it gets the state of the optimizer after the last epoch, too.
        """
        part = self.model if self.part is None else self.part
        best = self.best_weights
        part.set_weights(self.model.get_weights() if best is None else best)
        if with_optimizer and self.model.optimizer is not part.optimizer:
            if not part.optimizer.built:
                part.optimizer.build(part.trainable_variables)
            states = zip(part.optimizer.variables, self.model.optimizer.variables, strict=True)
            for own, other in states:
                own.assign(other)
