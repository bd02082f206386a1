"""Learning-rate schedules as functions of the epoch and of what the epochs before it showed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hpsearch.errors import InputError

SCHEDULES = ("constant", "step", "exponential", "cosine", "warmup_cosine", "plateau")
MIN_IMPROVEMENT = 1e-4

History = Mapping[str, Sequence[float]]
"""Metric name → value after each epoch so far."""


@dataclass(frozen=True)
class Schedule:
    """How the learning rate changes from epoch to epoch.

    Lengths are shares of the epochs that a stage may spend, so that a schedule found in five
    epochs means the same in sixty. A rate holds for a whole epoch. It follows from the number of
    the epoch and the history alone: a trial that goes on elsewhere goes on as it was, and a
    changed rate needs no new graph.

    * `constant`: the initial rate.
    * `step`: × `factor` after each `step_share` of the epochs.
    * `exponential`: a straight line on a logarithmic scale, down to `end_share` of the initial
      rate after the last epoch.
    * `cosine`: half a cosine from the initial rate down to `end_share` of it after the last epoch
      (Loshchilov & Hutter 2017, without restarts).
    * `warmup_cosine`: up in equal steps over the first `warmup_share` of the epochs, at least
      one (Goyal et al. 2017), then the cosine over the others.
    * `plateau`: × `factor` whenever the validation loss has not become better by 0.0001 for
      `patience` epochs, as Keras's `ReduceLROnPlateau`. Where nothing is validated (retraining
      on all images) the training loss is watched.

    Args:
        kind: One of `SCHEDULES`.
        factor: Of `step` and `plateau`, inside (0, 1).
        step_share: Of `step`, inside (0, 1].
        end_share: Of `exponential` (above 0) and the cosines, inside [0, 1].
        warmup_share: Of `warmup_cosine`, inside [0, 1).
        patience: Of `plateau`, 1 or more epochs.

    Raises:
        InputError: There is no schedule of that name, or a number is out of range.
    """

    kind: str = "constant"
    factor: float = 0.1
    step_share: float = 1 / 3
    end_share: float = 0.01
    warmup_share: float = 0.1
    patience: int = 3

    def __post_init__(self) -> None:
        if self.kind not in SCHEDULES:
            raise InputError(f"No schedule '{self.kind}'.", f"Give one of: {', '.join(SCHEDULES)}.")
        allowed = {
            "factor": 0 < self.factor < 1,
            "step_share": 0 < self.step_share <= 1,
            "end_share": self._is_end_possible(),
            "warmup_share": 0 <= self.warmup_share < 1,
            "patience": self.patience >= 1,
        }
        for name, is_allowed in allowed.items():
            if not is_allowed:
                raise InputError(f"{name} of a schedule is {getattr(self, name)}: out of range.")

    def _is_end_possible(self) -> bool:
        is_low_enough = self.end_share > 0 or self.kind != "exponential"
        return 0 <= self.end_share <= 1 and is_low_enough

    def share(self, epoch: int, num_epochs: int, history: History) -> float:
        """The share of the initial rate that an epoch trains at.

        Args:
            epoch: Number of the epoch, from 0.
            num_epochs: Most epochs of the trial, 1 or more.
            history: What the epochs before it showed.

        Returns:
            0 or more, at most 1.
        """
        progress = epoch / num_epochs
        if self.kind == "step":
            return float(self.factor ** math.floor(progress / self.step_share + 1e-9))
        if self.kind == "exponential":
            return float(self.end_share**progress)
        if self.kind == "cosine":
            return self._cosine(progress)
        if self.kind == "warmup_cosine":
            return self._warmup_cosine(epoch, num_epochs)
        if self.kind == "plateau":
            losses = history.get("val_loss") or history.get("loss") or ()
            return float(self.factor ** self._num_reductions(losses[:epoch]))
        return 1.0

    def _cosine(self, progress: float) -> float:
        return self.end_share + (1 - self.end_share) * (1 + math.cos(math.pi * progress)) / 2

    def _warmup_cosine(self, epoch: int, num_epochs: int) -> float:
        warmup = max(1, round(self.warmup_share * num_epochs))
        if epoch < warmup:
            return (epoch + 1) / (warmup + 1)
        return self._cosine((epoch - warmup) / max(1, num_epochs - warmup))

    def _num_reductions(self, losses: Sequence[float]) -> int:
        """How often the loss has stood still for `patience` epochs since the last reduction."""
        best, waited, reductions = math.inf, 0, 0
        for loss in losses:
            if loss < best - MIN_IMPROVEMENT:
                best, waited = loss, 0
                continue
            waited += 1
            if waited >= self.patience:
                waited, reductions = 0, reductions + 1
        return reductions


@dataclass(frozen=True)
class LearningRate:
    """The learning rate of a model in each epoch; builders attach it as `model.learning_rate`.

    The training loop of hpsearch asks for it before each epoch. Elsewhere (`model.fit`, a stock
    Keras Tuner tuner) the model trains at the initial rate throughout; use a Keras callback there.

    Args:
        initial: Above 0.
        schedule: How it changes.
    """

    initial: float
    schedule: Schedule = Schedule()

    def at(self, epoch: int, num_epochs: int, history: History) -> float:
        """The rate of an epoch; the arguments are those of `Schedule.share`."""
        return self.initial * self.schedule.share(epoch, num_epochs, history)
