"""A study whose command is started, disturbed and started again, and what must then hold."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpsearch.storage import RunDirectory, StudyStore, TrialRecord, counted
from tests.faults.invariants import finished_facts, processes_on, violations, writes_into
from tests.postgres import PostgresServer

LIGHT = Path(__file__).parent / "light"
PATIENCE = 300.0
TRACEBACK = 3000


@dataclass
class DisturbedStudy:
    """A study on which one and the same command is run again and again.

    Args:
        out: Its run directory.
        arguments: The command line of `hpsearch`, without the number of trials.
        environment: The environment of the command.
        trials: How many trials may finish as yet.
        server: What keeps its trials; None for the journal.
    """

    out: Path
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    trials: int = 0
    before: dict[int, dict[str, Any]] = field(default_factory=dict)
    store: StudyStore | None = None
    server: PostgresServer | None = None

    def start(self) -> subprocess.Popen[bytes]:
        """Start the command, in a process group of its own as a shell would."""
        command = [sys.executable, "-m", "hpsearch", *self.arguments]
        command += ["--trials", str(self.trials)] if self.arguments[0] == "coarse" else []
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=dict(self.environment),
            )

    @property
    def log(self) -> Path:
        """What the commands print; not on the disk that may be full."""
        return self.out.parent.parent / f"{self.out.name}.log"

    def records(self) -> list[TrialRecord]:
        """Every trial as it is now."""
        if self.store is None:
            self.store = StudyStore(RunDirectory(self.out))
        return self.store.records()

    def grow(self, more: int) -> None:
        """Let so many more trials finish: what a newer invocation asks for."""
        self.trials += more
        RunDirectory(self.out).start_session({"trials": self.trials})

    def remember(self) -> None:
        """Note what has ended, which must never change again."""
        for number, facts in finished_facts(self.records()).items():
            self.before.setdefault(number, facts)

    def finished(self) -> int:
        """How many trials count as yet."""
        return len(counted(self.records()))

    def finish(self, process: subprocess.Popen[bytes]) -> list[str]:
        """Wait for a disturbed command and, if it was stopped, run the same once more.

        Returns:
            What is wrong with the study then.
        """
        wrong: list[str] = []
        if self._wait(process) != 0:
            again = self._wait(self.start())
            if again != 0:
                wrong.append(f"the same command ended with {again}: {self.last_line()}")
        printed = self.log.read_text(encoding="utf-8", errors="replace")
        if "Traceback" in printed and not still_loading(printed):
            wrong.append("a traceback: " + printed[printed.index("Traceback") :][-TRACEBACK:])
        self.log.write_text("")
        wrong += violations(self.records(), self.trials, self.before)
        self.remember()
        if not gone(self.out):
            wrong.append(f"processes left over: {processes_on(self.out)}")
        return wrong

    def last_line(self) -> str:
        """The last line that the command printed."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    @staticmethod
    def _wait(process: subprocess.Popen[bytes]) -> int | str:
        try:
            return process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return "no end"


def still_loading(printed: str) -> bool:
    """Whether a traceback is Python's own for Ctrl-C before it had loaded our command."""
    lines = printed.strip().splitlines()
    return "KeyboardInterrupt" in lines and 'entry.py", line' not in printed.partition("in run")[0]


def workers_on(out: Path) -> list[int]:
    """The training processes of a study: those that write its workers' logs."""
    return [pid for pid in processes_on(out) if writes_into(pid, RunDirectory(out).logs)]


def gone(out: Path, seconds: float = 60.0) -> bool:
    """Whether all processes of a study end within the time."""
    return until(lambda: not processes_on(out), seconds)


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for something observable; whether it came."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.03)
    return True


def at_random_moment(
    study: DisturbedStudy, process: subprocess.Popen[bytes], chance: random.Random
) -> bool:
    """Wait for a random moment of a command; whether it is still running then."""
    if chance.random() < 0.2:  # while it starts
        time.sleep(chance.uniform(0.0, 3.0))
        return process.poll() is None
    wanted = study.finished() + chance.randint(0, 8)
    training = until(
        lambda: (
            process.poll() is not None
            or (study.finished() >= wanted and any(r.state == "running" for r in study.records()))
        ),
        PATIENCE,
    )
    time.sleep(chance.uniform(0.0, 0.15))
    return training and process.poll() is None
