"""The jobs of a search and how they depend on each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpsearch.batch.stage_command import StageCommand


@dataclass(frozen=True)
class Job:
    """A batch job.

    Args:
        name: Its name, also of its script and its log.
        purpose: One sentence on what it does.
        commands: The command lines behind `hpsearch` that it runs one after the other.
        array: Number of equal tasks; None for a single one.
        after_success: Name of the job that must have succeeded before.
        after_end: Name of the job that must have ended before, however it did.
    """

    name: str
    purpose: str
    commands: tuple[tuple[str, ...], ...]
    array: int | None = None
    after_success: str | None = None
    after_end: str | None = None

    @property
    def needs(self) -> list[tuple[str, str]]:
        """What it waits for, as Slurm's word and the name of the job."""
        waits = (("afterok", self.after_success), ("afterany", self.after_end))
        return [(word, name) for word, name in waits if name is not None]

    def to_json(self) -> dict[str, Any]:
        """The job without its script."""
        return {
            "name": self.name,
            "purpose": self.purpose,
            "commands": [["hpsearch", *command] for command in self.commands],
            "array": self.array,
            "after": [{"dependency": word, "job": name} for word, name in self.needs],
        }


def chain(
    stages: Sequence[StageCommand], report: Path, *, tasks: int, processes: int = 1
) -> list[Job]:
    """The jobs that carry stages to their report, the first of which has been created.

    Each stage has an array of workers, which may end as they like, and a closing job, which
    finishes what they left, does what follows the stage, and creates the next one.

    Args:
        stages: What is to be done, in order.
        report: What the report is written about.
        tasks: Number of tasks in each array.
        processes: Number of worker processes of a task.
    """
    jobs: list[Job] = []
    for number, command in enumerate(stages):
        before = jobs[-1].name if jobs else None
        following = stages[number + 1] if number + 1 < len(stages) else None
        workers = _workers(command, before, tasks, processes)
        jobs += [workers, _closing(command, workers.name, before, following, report, processes)]
    return jobs


def _workers(command: StageCommand, before: str | None, tasks: int, processes: int) -> Job:
    work = ("worker", "--study", str(command.out), "--workers", str(processes))
    purpose = f"Works on the trials of {command.out} until its budget is spent."
    return Job(f"{command.stage}-workers", purpose, (work,), array=tasks, after_success=before)


def _closing(
    command: StageCommand,
    workers: str,
    before: str | None,
    following: StageCommand | None,
    report: Path,
    processes: int,
) -> Job:
    then = following.arguments(0) if following else ("report", str(report))
    words = f"creates {following.out}" if following else "writes the report"
    purpose = f"Finishes what the workers left of {command.out}, closes the stage and {words}."
    commands = (command.arguments(processes), then)
    return Job(
        f"{command.stage}-closing", purpose, commands, after_success=before, after_end=workers
    )
