"""`hpsearch slurm`: from flags to the jobs of a search, printed or submitted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpsearch.batch import (
    BatchFolder,
    Job,
    JobSettings,
    StageCommand,
    chain,
    job_script,
    not_followed,
    queued,
    require_slurm,
    submission_script,
    submit,
)
from hpsearch.cli.batch_request import BatchRequest, run_of, stages_of
from hpsearch.cli.printing import print_json, print_lines
from hpsearch.counting import count_of
from hpsearch.errors import HpsearchError, InputError, NoTrialSucceeded, StudyStopped

WRITTEN_DOWN = ("HPSEARCH_CACHE", "HPSEARCH_DATA")
"""Variables that the scripts set; all others the jobs inherit from the shell that submits, which
keeps what is secret among them out of files."""


def slurm_command(request: BatchRequest, *, submitting: bool, as_json: bool) -> int:
    """Print the jobs of a search, or submit them; the exit status.

    Raises:
        InputError: A flag is impossible, or jobs are to be submitted where Slurm is not.
    """
    stages = stages_of(request)
    run = run_of(request)
    settings = JobSettings(
        BatchFolder(run),
        Path.cwd(),
        own_program(),
        request.resources,
        request.restarts,
        request.setup,
        {name: _absolute(os.environ[name]) for name in WRITTEN_DOWN if os.environ.get(name)},
    )
    plan = _Plan(request, stages, run, settings)
    return plan.submit(as_json) if submitting else plan.show(as_json)


def own_program() -> tuple[str, ...]:
    """The program that runs now, by absolute path, for nodes whose PATH is another one."""
    started = Path(sys.argv[0])
    if started.name == "hpsearch" and started.is_file():
        return (str(started.absolute()),)
    return (sys.executable, "-m", "hpsearch")


def _absolute(path: str) -> str:
    return str(Path(path).expanduser().absolute())


@dataclass(frozen=True)
class _Plan:
    request: BatchRequest
    stages: Sequence[StageCommand]
    run: Path
    settings: JobSettings

    def jobs(self, stages: Sequence[StageCommand]) -> list[Job]:
        processes = max(1, self.request.resources.num_gpus)
        return chain(stages, self.run, tasks=self.request.workers, processes=processes)

    def show(self, as_json: bool) -> int:
        """Print what submission would do."""
        left = not_followed(self.stages)
        jobs, create = self.jobs(left), left[0].arguments(0)
        script = submission_script(create, jobs, self.settings)
        if as_json:
            told = [{**j.to_json(), "script": job_script(j, self.settings)} for j in jobs]
            facts = {"create": ["hpsearch", *create], "jobs": told, "submission": script}
            print_json({**self._facts("planned"), **facts})
            return 0
        sys.stdout.write(script)
        sys.stderr.write(
            f"Nothing is written or submitted. With --submit the study in {left[0].out} is created "
            f"here and {count_of(len(jobs), 'job')} submitted; the script above does the same.\n"
        )
        return 0

    def submit(self, as_json: bool) -> int:
        """Create what can be created here, submit the rest."""
        require_slurm()
        waiting = queued(self.settings.folder)
        if waiting:
            return self._tell("queued", waiting, as_json)
        left = not_followed(self.stages)
        while left and self._create(left[0]) == "done":
            left = left[1:]
        if not left:
            self._hpsearch("report", str(self.run))
            return self._tell("done", {}, as_json)
        return self._tell("submitted", submit(self.jobs(left), self.settings), as_json)

    def _create(self, command: StageCommand) -> str:
        """`created`, or `done` where the trials of the stage are: then it is closed."""
        return str(self._hpsearch(*command.arguments(0))["status"])

    def _hpsearch(self, *arguments: str) -> dict[str, Any]:
        """What a command answers; its plan and its progress go to standard error.

        Raises:
            HpsearchError: It failed, as it said.
        """
        program = self.settings.program
        done = subprocess.run(
            [*program, *arguments, "--json"], stdout=subprocess.PIPE, text=True, check=False
        )
        answer: dict[str, Any] = json.loads(done.stdout or "{}")
        if done.returncode != 0:
            raise _error(done.returncode, answer.get("error"), arguments[0])
        return answer

    def _facts(self, status: str) -> dict[str, Any]:
        return {
            "status": status,
            "stage": self.request.stage,
            "directory": str(self.run),
            "batch": str(self.settings.folder.path),
        }

    def _tell(self, status: str, numbers: Mapping[str, str], as_json: bool) -> int:
        if as_json:
            print_json({**self._facts(status), "jobs": dict(numbers)})
            return 0
        rows = {name: f"job {number}" for name, number in numbers.items()}
        headings = {
            "submitted": f"Submitted; scripts and logs are in {self.settings.folder.path}",
            "queued": "Submitted before and not over yet; to start anew: "
            f"scancel {' '.join(numbers.values())}",
            "done": f"Nothing is left to do in {self.run}",
        }
        print_lines(rows, headings[status], stderr=False)
        return 0


def _error(status: int, said: Mapping[str, str] | None, stage: str) -> HpsearchError:
    """The error of a command that was run as a process."""
    kinds = {2: InputError, 3: StudyStopped, 4: NoTrialSucceeded}
    message = said or {"message": f"hpsearch {stage} ended with status {status}.", "hint": ""}
    return kinds.get(status, HpsearchError)(message["message"], message["hint"])
