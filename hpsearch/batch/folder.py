"""`BatchFolder`: the one place that knows the files of batch jobs."""

from __future__ import annotations

from pathlib import Path

BATCH_FOLDER = "batch"


class BatchFolder:
    """Scripts and logs of batch jobs, below the run directory that they work on.

    Args:
        run: The run directory, or the directory of a run of all stages.
    """

    def __init__(self, run: Path) -> None:
        self.path = run.absolute() / BATCH_FOLDER
        self.submitted_file = self.path / "submitted.json"

    def script(self, name: str) -> Path:
        """The script of a job."""
        return self.path / f"{name}.sh"

    def log(self, name: str, *, array: bool) -> Path:
        """Where a job writes, with Slurm's signs for its number and for that of its task."""
        return self.path / f"{name}-{'%A_%a' if array else '%j'}.log"
