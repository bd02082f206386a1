"""A trainer: a process that trains a configuration for a moment whenever it is told to."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any

from hpsearch.execution.launching import Launch, Launcher, Process
from hpsearch.execution.side_process import quiet_environment
from hpsearch.execution.study_plan import StudyPlan

PROCESS = "hpsearch.execution.trainer_process"


class Trainer:
    """Orders are given without waiting, so that several trainers follow theirs at the same time.

    Args:
        launcher: Starts the process.
        stack: On which its end is put.
        plan: The study to be.
        threads: Of TensorFlow.

    Raises:
        OSError: The process cannot be started.
    """

    def __init__(self, launcher: Launcher, stack: ExitStack, plan: StudyPlan, threads: int) -> None:
        stdin, given = os.pipe()
        said, stdout = os.pipe()
        self._given = os.fdopen(given, "w", encoding="utf-8")
        stack.callback(_close, self._given)
        self._said = stack.enter_context(os.fdopen(said, encoding="utf-8"))
        self._orders = 0
        try:
            with Path(os.devnull).open("wb") as nowhere:
                files = (stdin, stdout, nowhere.fileno())
                process = launcher(Launch(PROCESS, (), files, quiet_environment(), bound=True))
        finally:
            os.close(stdin)
            os.close(stdout)
        stack.callback(_end, process)
        self._say({"plan": plan.to_json(), "threads": threads})

    def get_ready(self, values: Mapping[str, Any], batch_size: int, precision: str) -> None:
        """Build a configuration and train it for a step; the answer has `rounds_outputs`."""
        self._order(values=dict(values), batch_size=batch_size, precision=precision)

    def train(self, images: int) -> None:
        """Train on the first images; the answer has `images`, `seconds` and their mean `loss`."""
        self._order(images=images)

    def train_for(self, seconds: float) -> None:
        """Train for some seconds; the answer has `images` and `seconds`."""
        self._order(seconds=seconds)

    def answer(self) -> dict[str, Any]:
        """What it says to the last order, which is waited for; nothing if it could not follow it.

        A builder may print lines of its own.
        """
        for line in self._said:
            if line.startswith('{"hpsearch"'):
                told: dict[str, Any] = json.loads(line)
                if told["number"] == self._orders:
                    return {k: v for k, v in told.items() if k not in ("hpsearch", "number")}
        return {}

    def _order(self, **facts: Any) -> None:
        self._orders += 1
        self._say({"number": self._orders, **facts})

    def _say(self, facts: Mapping[str, Any]) -> None:
        """Send it a line; that it has died is seen when its answer is read."""
        with suppress(BrokenPipeError):
            self._given.write(json.dumps(facts) + "\n")
            self._given.flush()


def _close(given: IO[str]) -> None:
    """What it did not take, as it had died, is lost."""
    with suppress(BrokenPipeError):
        given.close()


def _end(process: Process) -> None:
    process.kill()
    process.wait()
