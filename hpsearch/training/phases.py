"""The phases of a training: what of a model is trained, on what, and what changes between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hpsearch.models.fine_tuning import FineTuning
from hpsearch.training.arrays import TrainingArrays
from hpsearch.training.behind_cut import behind_cut
from hpsearch.training.fold_training import FoldTraining
from hpsearch.training.frozen_prefix import on_its_own
from hpsearch.training.learning_rates import set_learning_rate
from hpsearch.training.live_numbers import LiveNumbers
from hpsearch.training.loop import EpochLoop
from hpsearch.training.model_state import ModelState, copy_variables
from hpsearch.training.progress import Progress
from hpsearch.training.reuse import Found, LoopCache
from hpsearch.training.timing import timed


@dataclass(frozen=True)
class PhaseSettings:
    """What all phases of a trial share.

    Args:
        arrays: The images.
        batch_size: Images a step.
        xla: Whether XLA compiles training steps on a GPU.
        seed: Training seed of the trial.
        epochs: Most epochs of the trial.
        loops: Those of the process; None for none but the trial's own.
    """

    arrays: TrainingArrays
    batch_size: int
    xla: bool
    seed: int
    epochs: int
    loops: LoopCache | None = None


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
        self.progress.reused = True
        self._enter()

    @property
    def seam(self) -> int | None:
        """Epochs before the second phase; None where there is none."""
        if not self._has_second or self.settings.epochs == 1:
            return None
        return int(self.model.fine_tuning.first_epoch(self.settings.epochs))

    @property
    def _has_second(self) -> bool:
        return isinstance(getattr(self.model, "fine_tuning", None), FineTuning)

    def set_learning_rate(self, epoch: int, history: Mapping[str, Sequence[float]]) -> None:
        """Train an epoch at the rate that the model's schedule has for it."""
        optimizer, num_epochs = self.loop.model.optimizer, self.settings.epochs
        set_learning_rate(optimizer, self.model, epoch, num_epochs, history)

    def begin_epoch(self) -> None:
        """Enter the second phase if it is time: what has been learnt goes on from there."""
        if self.progress.epochs == self.seam:
            before, trained = self.progress.part, self.progress.model
            states = list(self.progress.fold_states)
            copy_variables(trained, before)
            self.enter_second()
            self._carry_over(before, states)

    def enter_second(self) -> None:
        """Unfreeze what the second phase trains, with an optimizer that has not begun."""
        self.model.fine_tuning.begin(self.model)
        self._enter()
        self.progress.seam = self.seam

    def _enter(self) -> None:
        """Make the loop of the phase that the model is in."""
        settings, progress = self.settings, self.progress
        part, arrays = behind_cut(
            self.model, settings.arrays, settings.batch_size, progress.timings
        )
        if part is self.model and self._has_second:
            part = on_its_own(part)  # the loop is kept, the model compiled anew
        with timed(progress.timings, "trace"):
            found = self._loop_for(part, arrays)
            self.loop = found.loop
            progress.model, progress.part = found.loop.model, part
            progress.reused = progress.reused and found.is_reused
            progress.unshared = progress.unshared or found.unshared
            self.folds = FoldTraining(self.loop) if arrays.folds else None
        progress.fold_states = [] if self.folds is None else self.folds.states

    def _loop_for(self, part: Any, arrays: TrainingArrays) -> Found:
        """What trains a part of the model."""
        settings = self.settings
        loops = settings.loops or LoopCache()

        def make(model: Any, numbers: LiveNumbers | None) -> EpochLoop:
            return EpochLoop(
                model,
                arrays,
                settings.batch_size,
                xla=settings.xla,
                seed=settings.seed,
                numbers=numbers,
            )

        is_part = arrays is not settings.arrays
        return loops.loop_for(part, arrays, settings.batch_size, make, is_part=is_part)

    def _carry_over(self, before: Any, states: list[ModelState]) -> None:
        """Put the weights of the first phase, of each fold and of the best epoch, into the second.

        What is trained in the second phase has more weights than in the first, all of them
        variables of the one model.
        """
        part, now = self.progress.part, self.progress.model
        current = before.get_weights()
        for place, state in enumerate(states):
            _assign(before, state)
            copy_variables(part, now)
            self.progress.fold_states[place] = ModelState.of(now)
        if self.progress.best_weights is not None:
            before.set_weights(self.progress.best_weights)
            self.progress.best_weights = part.get_weights()
        before.set_weights(current)
        copy_variables(part, now)


def _assign(model: Any, state: ModelState) -> None:
    """The weights and random states of a model alone, its optimizer left as it is."""
    for variable, value in zip(model.variables, state.variables, strict=False):
        variable.assign(value)
