"""The phases of a training: which part of a model is trained, on what, and what changes between."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import Any

from hpsearch.counting import amount_of_bytes
from hpsearch.models.fine_tuning import FineTuning
from hpsearch.training.arrays import TrainingArrays
from hpsearch.training.fold_training import FoldTraining
from hpsearch.training.frozen_prefix import split
from hpsearch.training.loop import EpochLoop
from hpsearch.training.model_state import ModelState
from hpsearch.training.progress import Progress

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LoopSettings:
    """What all phases of a trial share.

    Args:
        arrays: The images.
        batch_size: Images a step.
        xla: Whether XLA compiles training steps on a GPU.
        seed: Training seed of the trial.
        epochs: Most epochs of the trial.
    """

    arrays: TrainingArrays
    batch_size: int
    xla: bool
    seed: int
    epochs: int


@dataclass
class Phases:
    """A model in training: the loop of the phase that it is in.

    What is trained is the model, or what of it lies behind its frozen part, on the features of
    that part (`frozen_prefix`).

    Args:
        model: The whole model, compiled.
        settings: What all phases share.
        progress: What is known of the trial; its `model` is what is trained, its `whole` the model.
    """

    model: Any
    settings: LoopSettings
    progress: Progress
    loop: EpochLoop = field(init=False)
    folds: FoldTraining | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.progress.whole = self.model
        self._enter()

    @property
    def seam(self) -> int | None:
        """Epochs before the second phase; None where there is none."""
        tuning = getattr(self.model, "fine_tuning", None)
        if not isinstance(tuning, FineTuning) or self.settings.epochs < 2:  # noqa: PLR2004
            return None
        return tuning.first_epoch(self.settings.epochs)

    def begin_epoch(self) -> None:
        """Enter the second phase if it is time."""
        if self.progress.epochs == self.seam:
            self.enter_second()

    def enter_second(self) -> None:
        """Unfreeze what the second phase trains; the weights and what is random stay as they are."""
        kept = _Kept.of(self.progress, self.folds)
        self.model.fine_tuning.begin(self.model)
        self._enter()
        kept.put_into(self)

    def _enter(self) -> None:
        """Make the loop of the phase that the model is in now."""
        started = time.monotonic()
        own, arrays = self._behind_the_cut()
        settings = self.settings
        self.loop = EpochLoop(
            own, arrays, settings.batch_size, xla=settings.xla, seed=settings.seed
        )
        self.progress.model = own
        spent = time.monotonic() - started
        self.progress.timings["build"] = self.progress.timings.get("build", 0.0) + spent
        self.folds = None
        if arrays.folds:
            self.folds = FoldTraining(self.loop)
            self.progress.fold_states = self.folds.states
