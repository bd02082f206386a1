"""The shell scripts of batch jobs."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hpsearch.batch.folder import BatchFolder
from hpsearch.batch.jobs import Job
from hpsearch.batch.resources import Resources
from hpsearch.errors import InputError

if TYPE_CHECKING:
    from jinja2 import Environment

UNQUOTABLE = ('"', "\\", "\n")
"""What a path in a line of options of a script cannot hold."""


@dataclass(frozen=True)
class JobSettings:
    """What all jobs of a search have in common.

    Args:
        folder: Where scripts and logs are.
        directory: Where the jobs run, so that relative paths mean what they mean here.
        program: The command `hpsearch`, by absolute path.
        resources: What each job, or each task of an array, asks for.
        restarts: How often Slurm may start a job anew before it is not requeued any more.
        setup: A shell file that each job reads first.
        environment: Variables that each job sets; no secrets, since scripts are readable.

    Raises:
        InputError: A path cannot be written into a script, or there is no setup file.
    """

    folder: BatchFolder
    directory: Path
    program: tuple[str, ...]
    resources: Resources
    restarts: int = 10
    setup: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in (self.folder.path, self.directory):
            if any(sign in str(path) for sign in UNQUOTABLE):
                raise InputError(
                    f"{path} has a quotation mark, a backslash or a line break in it, which "
                    "Slurm's scripts cannot hold.",
                    "Use a directory without.",
                )
        if self.setup is not None and not self.setup.is_file():
            raise InputError(
                f"No setup file at {self.setup}.",
                "Give a shell file that loads modules or activates an environment.",
            )


def job_script(job: Job, settings: JobSettings) -> str:
    """The script of a job, options for sbatch included, all but what it depends on."""
    return (
        _templates()
        .get_template("job.sh")
        .render(
            job=job,
            options=_options(job, settings),
            settings=settings,
            setup=settings.setup and str(settings.setup.absolute()),
        )
    )


def submission_script(create: Sequence[str], jobs: Sequence[Job], settings: JobSettings) -> str:
    """A script that creates the first study, writes the scripts of the jobs and submits them.

    Args:
        create: The command line behind `hpsearch` that creates the first study.
        jobs: In an order in which each comes after those it waits for.
        settings: What they have in common.
    """
    scripts = [(job, job_script(job, settings)) for job in jobs]
    return (
        _templates()
        .get_template("submission.sh")
        .render(create=create, scripts=scripts, settings=settings)
    )


def _options(job: Job, settings: JobSettings) -> list[str]:
    log = settings.folder.log(job.name, array=job.array is not None)
    in_folder = str(log.parent).replace("%", "%%")  # a sign of Slurm's
    return [
        f"--job-name={job.name}",
        f'--chdir="{settings.directory}"',
        f'--output="{in_folder}/{log.name}"',
        "--open-mode=append",
        "--export=ALL",
        "--ntasks=1",
        *([] if job.array is None else [f"--array=0-{job.array - 1}"]),
        *settings.resources.options(),
        f"--signal=B:USR1@{settings.resources.notice}",
        "--requeue",
        "--kill-on-invalid-dep=yes",
    ]


def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("hpsearch.batch"),
        autoescape=False,  # noqa: S701  # a shell's script; `quoted` does what it needs
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["quoted"] = lambda value: shlex.quote(str(value))
    environment.filters["joined"] = shlex.join
    environment.filters["variable"] = lambda name: name.replace("-", "_")
    return environment
