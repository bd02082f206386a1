"""`Resources`: what a batch job asks the cluster for."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from hpsearch.errors import InputError

LONGEST_NOTICE = 120
"""Seconds before its time limit at which a job is told to stop, where it has that long."""
LONGEST_SECONDS = 365 * 86400
LOADING_SHARE = 4
"""A job has at least three quarters of its time for work."""
OWNED = ("array", "dependency", "job-name", "open-mode", "output", "requeue", "signal", "time")
"""Options of sbatch that the scripts themselves depend on."""

WORD = r"[\w.,@:+/=-]+"
MEMORY = r"[0-9]+[KMGT]?"
GPUS = r"(?:[\w.-]+:)?[0-9]{1,4}"


@dataclass(frozen=True)
class Resources:
    """What each job, or each task of an array, asks for; None leaves it to the cluster.

    Args:
        seconds: Time limit, from a minute to a year; Slurm counts whole minutes.
        gpus: GPUs, as `1` or `a100:1`.
        cpus: Cores.
        memory: Memory, as `16G`.
        partition: Partition or several with commas.
        account: Account to charge.
        qos: Quality of service.
        further: More options of sbatch, as `--constraint=a100`.

    Raises:
        InputError: One of them is nothing that sbatch would take.
    """

    seconds: float | None = None
    gpus: str | None = None
    cpus: int | None = None
    memory: str | None = None
    partition: str | None = None
    account: str | None = None
    qos: str | None = None
    further: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.seconds is not None and not 60 <= self.seconds <= LONGEST_SECONDS:
            raise InputError(
                f"--time-limit is {self.seconds:g} s.",
                "Slurm counts whole minutes; give 1m or more, and a year at most.",
            )
        if self.cpus is not None and self.cpus < 1:
            raise InputError(f"--cpus-per-task is {self.cpus}.", "Give a number of 1 or more.")
        for flag, text, pattern, example in (
            ("--gpus-per-task", self.gpus, GPUS, "1 or a100:1"),
            ("--mem", self.memory, MEMORY, "16G"),
            ("--partition", self.partition, WORD, "gpu"),
            ("--account", self.account, WORD, "vision"),
            ("--qos", self.qos, WORD, "normal"),
        ):
            if text is not None and not re.fullmatch(pattern, text):
                raise InputError(
                    f"{flag} is '{text}'.", f"Write it as sbatch does, like {example}."
                )
        for line in self.further:
            _check_further(line)

    @property
    def num_gpus(self) -> int:
        """GPUs of one task."""
        return int(self.gpus.rpartition(":")[2]) if self.gpus else 0

    @property
    def notice(self) -> int:
        """Seconds before the time limit at which the job is told to stop."""
        if self.seconds is None:
            return LONGEST_NOTICE
        return min(LONGEST_NOTICE, int(self.seconds) // LOADING_SHARE)

    def options(self) -> list[str]:
        """The options for sbatch."""
        named = {
            "--time": None if self.seconds is None else slurm_time(self.seconds),
            "--gpus-per-task": self.gpus if self.num_gpus else None,
            "--cpus-per-task": self.cpus,
            "--mem": self.memory,
            "--partition": self.partition,
            "--account": self.account,
            "--qos": self.qos,
        }
        given = [f"{flag}={value}" for flag, value in named.items() if value is not None]
        return [*given, *self.further]


def slurm_time(seconds: float) -> str:
    """A duration as Slurm writes it, `days-hours:minutes:seconds`, rounded up to a minute."""
    minutes = math.ceil(seconds / 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days}-{hours:02}:{minutes:02}:00"


def _check_further(line: str) -> None:
    """Refuse what is no long option of sbatch, or one that the scripts need for themselves."""
    found = re.match(r"--([a-z][a-z-]*)(=|\s|$)", line)
    if not found or not line.isprintable():
        raise InputError(
            f"--sbatch is '{line}'.", "Give one option, like --sbatch=--constraint=a100"
        )
    if found[1] in OWNED:
        raise InputError(
            f"--sbatch {line}: the jobs set --{found[1]} themselves.",
            "Leave it out; `hpsearch slurm --help` lists what can be said.",
        )
