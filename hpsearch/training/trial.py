"""One trial from its values to its outcome: build, train each epoch, judge."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hpsearch.errors import InputError
from hpsearch.storage import FailureKind
from hpsearch.training.arrays import TrainingArrays
from hpsearch.training.batch_form import form_for
from hpsearch.training.constraints import Constraints
from hpsearch.training.exact_outputs import built_in
from hpsearch.training.failures import Diverged, classify, describe
from hpsearch.training.fold_training import mean_metrics
from hpsearch.training.hyperparameters import LiveHyperParameters
from hpsearch.training.out_of_memory import TrialSize
from hpsearch.training.own_fit import OwnTraining, own_fit
from hpsearch.training.phases import Phases, PhaseSettings
from hpsearch.training.precision import Arithmetic
from hpsearch.training.process import seed_everything
from hpsearch.training.progress import Progress
from hpsearch.training.reuse import LoopCache
from hpsearch.training.snapshot import Snapshot, SnapshotRefused
from hpsearch.training.timing import timed

DEFAULT_BATCH_SIZE = 32


@dataclass(frozen=True)
class TrialSettings:
    """What all trials of a study share.

    Args:
        objective: Metric to compare by, such as `val_accuracy`.
        direction: `maximize` or `minimize`.
        epochs: Most epochs.
        patience: Epochs without a better objective after which the trial ends; None trains on.
        batch_size: Images a step where the space has no hyperparameter `batch_size`.
        constraints: What a model may cost; one that costs more is not trained.
        arithmetic: How models compute.
        loops: Those of earlier trials in this process, which others may use again; None for none.
    """

    objective: str = "val_accuracy"
    direction: str = "maximize"
    epochs: int = 5
    patience: int | None = None
    batch_size: int = DEFAULT_BATCH_SIZE
    constraints: Constraints = field(default_factory=Constraints)
    arithmetic: Arithmetic = field(default_factory=Arithmetic)
    loops: LoopCache | None = field(default=None, compare=False)

    def is_better(self, value: float, than: float | None) -> bool:
        """Whether one objective beats another."""
        if than is None:
            return True
        return value > than if self.direction == "maximize" else value < than


@dataclass(frozen=True)
class Outcome:
    """How a trial ended.

    Args:
        state: `complete`, `pruned` or `failed`.
        progress: What it showed.
        failure: Kind of failure.
        message: What the failure said.
    """

    state: str
    progress: Progress
    failure: FailureKind | None = None
    message: str = ""

    @property
    def value(self) -> float | None:
        """The objective, for a trial that did not fail."""
        return self.progress.best_value if self.state != "failed" else None


class Pruned(Exception):
    """The trial is stopped early because others did better at the same epoch."""


EpochCallback = Callable[[Progress], None]


def run_trial(
    build: Callable[[Any], Any],
    hp: LiveHyperParameters,
    arrays: TrainingArrays | None,
    settings: TrialSettings,
    seed: int,
    on_epoch: EpochCallback = lambda progress: None,
    resume: Snapshot | None = None,
) -> Outcome:
    """Train one configuration.

    Args:
        build: Makes a compiled model from `hp`; may instead return a number, which is then the
            objective.
        hp: The trial's values.
        arrays: The data; None if `build` returns numbers.
        settings: What all trials share.
        seed: Training seed: initial weights, order of images, dropout.
        on_epoch: Called after each epoch; may raise `Pruned` to stop the trial.
        resume: Where an earlier attempt at the same trial stopped; it goes on after that epoch.

    Returns:
        The outcome; exceptions of the builder or of training are part of it, not raised.

    Raises:
        InputError: The model does not report the objective.
        SnapshotRefused: What is to be resumed is another model.
    """
    progress = Progress()
    try:
        seed_everything(seed)
        loop = _build(build, hp, arrays, settings, seed, progress)
        if loop is None:
            on_epoch(progress)
        elif isinstance(loop, OwnTraining):
            _train_by_own_fit(loop, settings, on_epoch, progress)
        else:
            _train(loop, settings, seed, on_epoch, progress, resume)
    except Pruned:
        return Outcome("pruned", progress)
    except (InputError, SnapshotRefused):
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001  (it becomes the outcome)
        kind = classify(error)
        if settings.loops is not None and kind not in ("diverged", "infeasible"):
            settings.loops.clear()  # whatever went wrong may have to do with them, or with memory
        size = TrialSize(progress.num_parameters, _batch_size(hp, settings))
        return Outcome("failed", progress, kind, describe(error, size))
    return Outcome("complete", progress)


def _build(
    build: Callable[[Any], Any],
    hp: LiveHyperParameters,
    arrays: TrainingArrays | None,
    settings: TrialSettings,
    seed: int,
    progress: Progress,
) -> Phases | OwnTraining | None:
    """What trains the model; None if the builder gave a number, which is then entered."""
    with timed(progress.timings, "build"):
        model = built_in(settings.arithmetic.precision, partial(build, hp))
    if isinstance(model, int | float):
        _note_epoch(progress, {settings.objective: float(model)}, settings)
        return None
    data = _present(arrays)
    _check_cost(_check(model), data, settings, progress)
    batch_size, fit = int(_batch_size(hp, settings)), own_fit(build)
    if fit:
        progress.model = progress.part = progress.whole = model
        progress.num_parameters = int(model.count_params()) if model.built else None
        return OwnTraining(partial(fit, hp), model, data, batch_size)
    xla, epochs = settings.arithmetic.xla, settings.epochs
    shared = PhaseSettings(data, batch_size, xla, seed, epochs, settings.loops)
    phases = Phases(model, shared, progress)
    progress.num_parameters = int(model.count_params())
    return phases


def _train(
    phases: Phases,
    settings: TrialSettings,
    seed: int,
    on_epoch: EpochCallback,
    progress: Progress,
    resume: Snapshot | None,
) -> None:
    """Train epoch after epoch, from the first or from where an earlier attempt stopped."""
    if resume is not None:
        _resume(phases, progress, resume)
    while progress.epochs < settings.epochs and not _is_patience_over(progress, settings):
        phases.begin_epoch()
        _run_epoch(phases, seed, progress, settings)
        on_epoch(progress)


def _resume(phases: Phases, progress: Progress, resume: Snapshot) -> None:
    """Put everything where it was after the last epoch of the earlier attempt."""
    if phases.seam is not None and resume.epochs > phases.seam:
        phases.enter_second()
    phases.loop.trace()  # what tracing draws must come before the states of later epochs
    resume.restore(progress)


def _train_by_own_fit(
    own: OwnTraining, settings: TrialSettings, on_epoch: EpochCallback, progress: Progress
) -> None:
    """Train from the first epoch; patience and pruning act through a callback."""
    started = time.monotonic()

    def after_epoch(logs: dict[str, float]) -> bool:
        nonlocal started
        now = time.monotonic()
        progress.timings["train"] = progress.timings.get("train", 0.0) + now - started
        started = now
        _note_epoch(progress, logs, settings)
        on_epoch(progress)
        return _is_patience_over(progress, settings)

    own.train(settings.epochs, settings.objective, after_epoch)
    progress.num_parameters = int(own.model.count_params())


def _check_cost(
    model: Any, arrays: TrainingArrays, settings: TrialSettings, progress: Progress
) -> None:
    """Refuse a model that costs too much, before it takes memory for training.

    Raises:
        Infeasible: A limit is exceeded; the size of the model is on the record.
    """
    import tensorflow as tf

    if not settings.constraints:
        return
    if not model.built:
        model.build((None, *arrays.x_train.shape[1:]))
    progress.num_parameters = int(model.count_params())
    form = form_for(model, arrays)
    settings.constraints.check(model, form.images(tf.convert_to_tensor(arrays.x_train[:1])))


def _check(model: Any) -> Any:
    """The model itself, if it can be trained."""
    if not callable(getattr(model, "train_step", None)):
        raise TypeError(
            f"build(hp) returned a {type(model).__name__}; expected a compiled keras.Model."
        )
    if not getattr(model, "compiled", False):
        raise TypeError("build(hp) returned a model that is not compiled; call model.compile.")
    return model


def _present(arrays: TrainingArrays | None) -> TrainingArrays:
    if arrays is None:
        raise TypeError("The space names no dataset; give one with --data.")
    return arrays


def _batch_size(hp: LiveHyperParameters, settings: TrialSettings) -> Any:
    return hp.values.get("batch_size", settings.batch_size)


def _run_epoch(phases: Phases, seed: int, progress: Progress, settings: TrialSettings) -> None:
    """Train for an epoch, on every fold where there are folds: then what counts is their mean."""
    loop, folds, epoch = phases.loop, phases.folds, progress.epochs

    def train() -> dict[str, float]:
        phases.set_learning_rate(epoch, progress.history)
        with timed(progress.timings, "train"):
            metrics = loop.train_epoch(epoch, seed)
        with timed(progress.timings, "validate"):
            return metrics | loop.evaluate()

    each = [train()] if folds is None else folds.in_turn(train)
    _note_epoch(progress, mean_metrics(each), settings)
    if folds is not None and progress.best_epoch == progress.epochs:
        progress.fold_values = tuple(metrics[settings.objective] for metrics in each)


def _note_epoch(progress: Progress, logs: Mapping[str, float], settings: TrialSettings) -> None:
    """Enter the metrics of an epoch and keep the weights if it is the best one.

    Raises:
        Diverged: The loss or the objective is NaN or infinite.
        InputError: The model does not report the objective.
    """
    if settings.objective not in logs:
        raise InputError(
            f"The model reports no '{settings.objective}', only {', '.join(sorted(logs))}.",
            "Give one of these with --objective, or compile the model with that metric.",
        )
    for name, value in logs.items():
        progress.history.setdefault(name, []).append(value)
    value = logs[settings.objective]
    bad = [name for name in ("loss", settings.objective) if not math.isfinite(logs.get(name, 0))]
    if bad:
        raise Diverged(f"{bad[0]} became {logs[bad[0]]} in epoch {progress.epochs}")
    if settings.is_better(value, progress.best_value):
        progress.best_value, progress.best_epoch = value, progress.epochs
        progress.best_weights = progress.model.get_weights() if progress.model else None


def _is_patience_over(progress: Progress, settings: TrialSettings) -> bool:
    if settings.patience is None or progress.best_epoch is None:
        return False
    return progress.epochs - progress.best_epoch >= settings.patience
