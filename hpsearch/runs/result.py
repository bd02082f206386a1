"""`RunResult`: how a run of all stages ended, for the screen and for machines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpsearch.errors import HpsearchError
from hpsearch.runs.division import Division
from hpsearch.stages import StageResult
from hpsearch.stages.result import EXIT_STATUS, best_to_json


@dataclass(frozen=True)
class RunResult:
    """How a run ended.

    Args:
        directory: Where it lies.
        division: How its budget was divided.
        stages: The result of each stage that was begun, in order.
        sentences: Why fine stopped or went on, and what was left out.
        page: The page of the report; None if the run was stopped.
        seconds: Time of all invocations so far.
    """

    directory: Path
    division: Division
    stages: tuple[StageResult, ...]
    sentences: tuple[str, ...]
    page: Path | None
    seconds: float

    @property
    def status(self) -> str:
        """`done`, or `stopped` or `failed` as the last stage was."""
        return self.stages[-1].status

    @property
    def exit_status(self) -> int:
        """0 done, 3 stopped, 4 no trial succeeded."""
        return EXIT_STATUS[self.status]

    @property
    def error(self) -> HpsearchError | None:
        """What stopped the run; None if it is done."""
        return self.stages[-1].error

    @property
    def best(self) -> StageResult:
        """The stage whose winner is the run's: the last one that has a completed trial."""
        with_best = [stage for stage in self.stages if stage.view.best is not None]
        return (with_best or list(self.stages))[-1]

    def to_json(self) -> dict[str, Any]:
        """The result as JSON."""
        view, counts = self.best.view, [stage.view.count() for stage in self.stages]
        data: dict[str, Any] = {
            "space": view.facts["space"]["name"],
            "stage": "run",
            "status": self.status,
            "trials": {name: sum(count[name] for count in counts) for name in counts[0]},
            "objective": view.objective,
            "best": best_to_json(view.best),
            "best_stage": str(view.directory),
            "directory": str(self.directory),
            "data": view.facts["data"]["source"],
            "seconds": self.seconds,
            "message": self.stages[-1].message,
            "division": self.division.to_json(),
            "decisions": list(self.sentences),
            "report": None if self.page is None else str(self.page),
            "stages": [stage.to_json() for stage in self.stages],
        }
        error = self.error
        if error is not None:
            data["error"] = {"kind": error.kind, "message": error.message, "hint": error.hint}
        return data
