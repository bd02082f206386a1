"""The phases of a training: what of a model is trained, on what, and what changes between them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from hpsearch.models.fine_tuning import FineTuning
from hpsearch.training.arrays import TrainingArrays
from hpsearch.training.behind_cut import behind_cut
from hpsearch.training.fold_training import FoldTraining
from hpsearch.training.loop import EpochLoop
from hpsearch.training.model_state import ModelState
from hpsearch.training.progress import Progress


@dataclass(frozen=True)
class PhaseSettings:
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
    """A model in training, in the phase that it is in.

    What is trained is the model, or what of it lies behind its frozen part, on the features of
    that part. A model with a `fine_tuning` has a second phase.

    Args:
        model: The whole model, compiled.
        settings: What all phases share.
        progress: What is known of the trial: its `model` is what is trained, `whole` the model.

    Attributes:
        loop: Trains an epoch of the phase.
        folds: Trains it on every fold; None without folds.
    """

    model: Any
    settings: PhaseSettings
    progress: Progress
    loop: EpochLoop = field(init=False)
    folds: FoldTraining | None = field(init=False)

    def __post_init__(self) -> None:
        self.progress.whole = self.model
        self._enter()

    @property
    def seam(self) -> int | None:
        """Epochs before the second phase; None where there is none."""
        tuning = getattr(self.model, "fine_tuning", None)
        if not isinstance(tuning, FineTuning) or self.settings.epochs == 1:
            return None
        return tuning.first_epoch(self.settings.epochs)

    def begin_epoch(self) -> None:
        """Enter the second phase if it is time: what has been learnt goes on from there."""
        if self.progress.epochs == self.seam:
            before = self.progress.model
            states = list(self.progress.fold_states)
            self.enter_second()
            self._carry_over(before, states)

    def enter_second(self) -> None:
        """Unfreeze what the second phase trains, with an optimizer that has not begun."""
        self.model.fine_tuning.begin(self.model)
        self._enter()
        self.progress.seam = self.seam

    def _enter(self) -> None:
        """Make the loop of the phase that the model is in."""
        started, settings, progress = time.monotonic(), self.settings, self.progress
        own, arrays = behind_cut(self.model, settings.arrays, settings.batch_size, progress.timings)
        self.loop = EpochLoop(
            own, arrays, settings.batch_size, xla=settings.xla, seed=settings.seed
        )
        progress.model = own
        self.folds = FoldTraining(self.loop) if arrays.folds else None
        progress.fold_states = [] if self.folds is None else self.folds.states
        spent = time.monotonic() - started
        progress.timings["build"] = progress.timings.get("build", 0.0) + spent

    def _carry_over(self, before: Any, states: list[ModelState]) -> None:
        """Put the weights of the first phase, of each fold and of the best epoch, into the second.

        What is trained in the second phase has more weights than in the first, all of them
        variables of the one model.
        """
        now = self.progress.model
        current = before.get_weights()
        for place, state in enumerate(states):
            _assign(before, state)
            self.progress.fold_states[place] = ModelState.of(now)
        if self.progress.best_weights is not None:
            before.set_weights(self.progress.best_weights)
            self.progress.best_weights = now.get_weights()
        before.set_weights(current)


def _assign(model: Any, state: ModelState) -> None:
    """The weights and random states of a model alone, its optimizer left as it is."""
    for variable, value in zip(model.variables, state.variables, strict=False):
        variable.assign(value)
