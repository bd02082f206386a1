"""Talking to Slurm: submit jobs, ask which are queued, take them back."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence

from hpsearch.batch.folder import BatchFolder
from hpsearch.batch.jobs import Job
from hpsearch.batch.scripts import JobSettings, job_script
from hpsearch.errors import HpsearchError, InputError
from hpsearch.storage import RunDirectory
from hpsearch.storage.atomic import write_json, write_text

SUBMITTED = {"jobs": {...: str}}
"""The shape of the file that says what was submitted."""


def require_slurm() -> None:
    """Refuse to go on where Slurm is not.

    Raises:
        InputError: There is no `sbatch`.
    """
    if shutil.which("sbatch") is None:
        raise InputError(
            "There is no sbatch on this machine, so nothing can be submitted.",
            "Run this on a login node of the cluster, or leave --submit out and take the scripts "
            "there.",
        )


def submit(jobs: Sequence[Job], settings: JobSettings) -> dict[str, str]:
    """Write the scripts and submit them; all or none.

    Args:
        jobs: In an order in which each comes after those it waits for.
        settings: What they have in common.

    Returns:
        Slurm's number of each job by its name, also kept in the folder of the scripts.

    Raises:
        HpsearchError: Slurm refused one; those before it are cancelled.
    """
    numbers: dict[str, str] = {}
    try:
        for job in jobs:
            path = settings.folder.script(job.name)
            write_text(path, job_script(job, settings))
            numbers[job.name] = _ask("sbatch", "--parsable", *_dependency(job, numbers), str(path))
    except BaseException:
        if numbers:
            _ask("scancel", *numbers.values())
        raise
    write_json(settings.folder.submitted_file, {"jobs": numbers})
    return numbers


def queued(folder: BatchFolder) -> dict[str, str]:
    """The jobs that were submitted before and still wait or run, by name."""
    if not folder.submitted_file.is_file():
        return {}
    numbers = RunDirectory.read_json(folder.submitted_file, SUBMITTED)["jobs"]
    known = _ask("squeue", "--noheader", "--me", "--format=%F").split()
    return {name: number for name, number in numbers.items() if number in known}


def _dependency(job: Job, numbers: Mapping[str, str]) -> list[str]:
    if not job.needs:
        return []
    return ["--dependency=" + ",".join(f"{word}:{numbers[name]}" for word, name in job.needs)]


def _ask(*command: str) -> str:
    """What a command of Slurm's answers; of `number;cluster` the number.

    Raises:
        HpsearchError: It failed; says what it said.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = " ".join(done.stderr.split()) or f"exit status {done.returncode}"
        raise HpsearchError(
            f"{command[0]} failed: {said}", "Mend that, then run the same command again."
        )
    return done.stdout.strip().partition(";")[0]
