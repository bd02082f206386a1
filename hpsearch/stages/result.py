"""`StageResult`: how a stage ended, for the screen and for machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hpsearch.errors import HpsearchError, NoTrialSucceeded, StudyStopped
from hpsearch.stages.estimates import best_estimates
from hpsearch.stages.sources import most_frequent_failure
from hpsearch.storage import RunDirectory, StudyStore, StudyView, TrialRecord, counted, load

EXIT_STATUS = {
    "done": 0,
    "created": 0,
    "stopped": StudyStopped.exit_status,
    "failed": NoTrialSucceeded.exit_status,
}


@dataclass(frozen=True, repr=False)
class StageResult:
    """How a stage ended.

    Args:
        view: The study afterwards.
        status: `done`, `stopped`, `failed`, or `created`: others are to work on it.
        message: Why it stopped or failed, or a note; may be empty.
        hint: What to do about it; may be empty.
        seconds: Wall-clock seconds of this invocation.
        comparison: For people: how the winner compares with the stage before.
        extra: What a stage adds to the JSON.
        time_is_up: Whether the time limit is what stopped it.
    """

    view: StudyView
    status: str
    message: str = ""
    hint: str = ""
    seconds: float = 0.0
    comparison: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    time_is_up: bool = False

    def __repr__(self) -> str:
        best = self.view.best
        value = "no trial completed"
        if best is not None and best.value is not None:
            value = f"best {self.view.objective} {best.value:.4f} (trial {best.number})"
        return f"<{self.view.stage} {self.status}: {value}, {self.view.directory}>"

    @property
    def exit_status(self) -> int:
        """0 done or created, 3 stopped, 4 no trial succeeded."""
        return EXIT_STATUS[self.status]

    @property
    def error(self) -> HpsearchError | None:
        """What stopped the stage, as an error; None if it is done."""
        if self.exit_status == 0:
            return None
        kind = StudyStopped if self.status == "stopped" else NoTrialSucceeded
        return kind(self.message, self.hint)

    def to_json(self) -> dict[str, Any]:
        """The result as JSON."""
        view = self.view
        data: dict[str, Any] = {
            "space": view.facts["space"]["name"],
            "stage": view.stage,
            "status": self.status,
            "trials": view.count(),
            "objective": view.objective,
            "best": best_to_json(view.best),
            "estimated_best": self._estimated_best(),
            "directory": str(view.directory),
            "data": view.facts["data"]["source"],
            "seconds": self.seconds,
            "message": self.message,
            **self.extra,
        }
        error = self.error
        if error is not None:
            data["error"] = {"kind": error.kind, "message": error.message, "hint": error.hint}
        return data

    def _estimated_best(self) -> dict[str, Any] | None:
        """The configuration of the best estimated mean, which confirm begins with."""
        estimates = best_estimates(self.view) if self.view.searches else []
        if not estimates:
            return None
        params = dict(self.view.trials[estimates[0].number].params)
        return {"number": estimates[0].number, "mean": estimates[0].mean, "params": params}


def best_to_json(record: TrialRecord | None) -> dict[str, Any] | None:
    """The best trial in short; None if there is none."""
    if record is None:
        return None
    return {
        "number": record.number,
        "value": record.value,
        "params": dict(record.params),
        "epoch": record.best_epoch,
    }


def summarize(
    directory: RunDirectory,
    status: str,
    message: str = "",
    hint: str = "",
    seconds: float = 0.0,
    store: StudyStore | None = None,
) -> StageResult:
    """The result of a stage as read from its storage; failed if no trial succeeded.

    Args:
        directory: The run directory.
        status: How the stage ended.
        message: Why it stopped or failed, or a note.
        hint: What to do about it.
        seconds: Wall-clock seconds of this invocation.
        store: The trials, where they are open already.
    """
    view = load(directory.path, store)
    result = StageResult(view, status, message, hint, seconds)
    if status == "done" and not view.ranked:
        finished = counted(view.trials)
        failed = any(trial.state == "failed" for trial in finished)
        why = most_frequent_failure(finished) if failed else "no trial was run"
        return replace(
            result,
            status="failed",
            message=f"No trial succeeded: {why}",
            hint="Mend the cause, then start again with --overwrite or in another directory.",
        )
    return result
