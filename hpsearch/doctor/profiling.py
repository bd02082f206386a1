"""Where the seconds of a trial go: a few of a space's own trials, each phase of them timed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hpsearch.stages import StageRequest, StageResult, prepare
from hpsearch.stages.running import run
from hpsearch.storage import TrialRecord

PROFILED_TRIALS = 6
PHASES = {
    "claim": "proposed and claimed",
    "build": "model built",
    "trace": "compiled",
    "features": "features of a frozen part",
    "train": "trained",
    "validate": "validated",
    "storage": "result and model stored",
}
"""What trials spend time on, in order; what else their records name follows."""
OTHER = "other"
NO_PHASES = ("between",)
"""Sums of others."""


@dataclass(frozen=True)
class Phase:
    """What trials spend time on.

    Args:
        name: As on the record of a trial.
        seconds: For a trial, on average.
        share: Of its whole time.
    """

    name: str
    seconds: float
    share: float

    def describe(self) -> str:
        """The phase in words."""
        return PHASES.get(self.name, self.name)


@dataclass(frozen=True)
class Profile:
    """Where the seconds of a space's trials go.

    Args:
        num_trials: That were trained, by one worker.
        seconds: That a trial keeps its worker, on average.
        phases: What they are spent on.
        start_seconds: Until the worker had its first trial, once.
    """

    num_trials: int
    seconds: float
    phases: tuple[Phase, ...]
    start_seconds: float

    def to_json(self) -> dict[str, Any]:
        """The profile as JSON."""
        return asdict(self)


def profile(space: str, data: Path | None = None, trials: int = PROFILED_TRIALS) -> Profile:
    """Train a few trials of a space's coarse stage in one worker; nothing is kept of them.

    Args:
        space: A name, or a file.
        data: Its data, where they are not where the space finds them.
        trials: How many.

    Raises:
        InputError: The space or the data cannot be used.
        NoTrialSucceeded: Every trial failed.
    """
    with TemporaryDirectory(prefix="hpsearch-profile-") as folder:
        out = Path(folder) / "profile"
        request = StageRequest("coarse", space, out, data=data, trials=trials, workers=1)
        result = run(prepare(request))
    if result.error is not None:
        raise result.error
    return profile_of(result)


def profile_of(result: StageResult) -> Profile:
    """The profile of a study that one worker trained."""
    trials = [trial for trial in result.view.trials if trial.whole_seconds]
    whole = sum(trial.whole_seconds or 0.0 for trial in trials)
    count = max(len(trials), 1)
    phases = tuple(
        Phase(name, seconds / count, seconds / whole)
        for name, seconds in _seconds_by_phase(trials, whole).items()
    )
    return Profile(len(trials), whole / count, phases, result.seconds - whole)


def _seconds_by_phase(trials: Sequence[TrialRecord], whole: float) -> dict[str, float]:
    """Seconds of all trials together; what no phase accounts for comes last."""
    named = {name for trial in trials for name in trial.timings}.difference(NO_PHASES, PHASES)
    found = {
        name: sum(trial.timings.get(name, 0.0) for trial in trials)
        for name in (*PHASES, *sorted(named))
    }
    return {**found, OTHER: whole - sum(found.values())}
