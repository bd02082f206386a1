"""`TrialRecord`: what the study storage knows of one trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

State = Literal["waiting", "running", "complete", "pruned", "failed"]
FINISHED: tuple[State, ...] = ("complete", "pruned", "failed")
FailureKind = Literal["diverged", "oom", "timeout", "crash", "error", "infeasible", "lost"]
RETRIED: tuple[FailureKind, ...] = ("crash", "lost")


@dataclass(frozen=True)
class TrialRecord:
    """One configuration trained once.

    Args:
        number: Position in the study, from 0.
        state: How far it came.
        params: The active hyperparameters by name.
        value: The objective at the best epoch; None unless complete (or pruned with a value).
        failure: Kind of failure when `state` is failed.
        message: What the failure said, with the traceback where there was one.
        history: Metric name → value after each epoch, as Keras names them
            (`loss`, `accuracy`, `val_loss`, `val_accuracy`, …).
        best_epoch: Epoch of `value`, counted from 1.
        fold_values: The objective of each fold at that epoch; empty without cross-validation.
        seam: Epochs before the second phase of transfer learning; None where there was none.
        epochs: Number of epochs trained.
        seconds: Wall-clock seconds from claim to end; None while running.
        seed: Training seed, the same for a second try.
        index: Position among the asks of the sampler; a second try keeps it.
        retry_of: Number of the trial this is the second try of.
        replicate_of: Number of the trial whose configuration is deliberately repeated.
        worker: Name of the worker that trained it.
        num_parameters: Number of weights of the model.
        model_file: File of the kept model, relative to the run directory.
        candidate: Confirm only: which of the confirmed configurations this is, from 0.
        rungs: Epoch → best objective so far, as reported for early stopping.
        judged_from: First epoch at which it could have been stopped early; None if it could
            not, or has not ended.
        started: Start as ISO 8601 text in UTC; empty if it never started.
        timings: Seconds by phase (`build`, `trace`, `train`, `validate`, …); `between` are those
            before its start in which its worker stored the trial before and got this one.
        reused: Whether it was trained by the graphs of earlier trials.
        unshared: Why its graph could not be used by other trials; empty if it could.
        resumed: How often it went on from a checkpoint after it was given back.
        in_float32: Whether it was trained again in float32, having diverged in the lower precision
            that the study chose.
    """

    number: int
    state: State
    params: Mapping[str, Any] = field(default_factory=dict)
    value: float | None = None
    failure: FailureKind | None = None
    message: str = ""
    history: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    best_epoch: int | None = None
    fold_values: Sequence[float] = ()
    seam: int | None = None
    epochs: int = 0
    seconds: float | None = None
    seed: int = 0
    index: int = 0
    retry_of: int | None = None
    replicate_of: int | None = None
    worker: str = ""
    num_parameters: int | None = None
    model_file: str | None = None
    candidate: int | None = None
    rungs: Mapping[int, float] = field(default_factory=dict)
    judged_from: int | None = None
    started: str = ""
    timings: Mapping[str, float] = field(default_factory=dict)
    reused: bool = False
    unshared: str = ""
    resumed: int = 0
    in_float32: bool = False

    @property
    def whole_seconds(self) -> float | None:
        """Seconds by which the trial kept its worker, with what came before its start."""
        return None if self.seconds is None else self.seconds + self.timings.get("between", 0.0)

    @property
    def is_finished(self) -> bool:
        """Whether it ended, in whatever way."""
        return self.state in FINISHED

    @property
    def best_metrics(self) -> dict[str, float | None]:
        """Every metric at the epoch of the objective."""
        if self.best_epoch is None:
            return {}
        at = self.best_epoch - 1
        return {name: values[at] for name, values in self.history.items() if at < len(values)}

    def to_json(self) -> dict[str, Any]:
        """The record as JSON, `rungs` left out."""
        data = asdict(self)
        del data["rungs"]
        return data


def superseded(records: Sequence[TrialRecord]) -> set[int]:
    """Numbers of the attempts that were tried again."""
    return {record.retry_of for record in records if record.retry_of is not None}


def due_retries(records: Sequence[TrialRecord]) -> list[TrialRecord]:
    """The lost and crashed first attempts that were not tried again yet."""
    lost = [r for r in records if r.failure in RETRIED and r.retry_of is None]
    replaced = superseded(records) if lost else set()
    return [record for record in lost if record.number not in replaced]


def counted(records: Sequence[TrialRecord]) -> list[TrialRecord]:
    """The finished trials that count against the budget.

    An attempt that was or will be tried again does not count; its second try does.
    """
    replaced = superseded(records) | {record.number for record in due_retries(records)}
    return [r for r in records if r.is_finished and r.number not in replaced]


def best_record(records: Sequence[TrialRecord], direction: str) -> TrialRecord | None:
    """The complete trial with the best objective, the earliest of equals; None if there is none."""
    complete = [r for r in records if r.state == "complete" and r.value is not None]
    sign = 1 if direction == "maximize" else -1
    return max(complete, key=lambda r: (sign * (r.value or 0.0), -r.number), default=None)


def ranked(records: Sequence[TrialRecord], direction: str) -> list[TrialRecord]:
    """The complete trials, best objective first."""
    sign = -1 if direction == "maximize" else 1
    complete = [r for r in records if r.state == "complete" and r.value is not None]
    return sorted(complete, key=lambda r: (sign * (r.value or 0.0), r.number))
