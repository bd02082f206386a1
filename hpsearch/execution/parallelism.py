"""How many workers, and with how many threads each: measured with the study's own model."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from hpsearch.counting import count_of
from hpsearch.execution.devices import available_cores
from hpsearch.execution.launching import Launch, Launcher, Process
from hpsearch.execution.side_process import quiet_environment
from hpsearch.execution.study_plan import StudyPlan

PROCESS = "hpsearch.execution.parallelism_process"
LEAST_GAIN = 1.05
"""Less is within what such a short measurement scatters."""
MOST_TOGETHER = 8
"""Processes that get ready at the same time; with more of them, one way is made after another."""


class Way(NamedTuple):
    """A way to use the cores: so many workers with so many threads each."""

    workers: int
    threads: int

    def __str__(self) -> str:
        return f"{self.workers} × {count_of(self.threads, 'thread')}"


@dataclass(frozen=True)
class Parallelism:
    """How the workers of a machine share its cores.

    Args:
        way: The one that is used.
        rates: Ways that were measured, the usual one first, with the images a second that all
            workers together trained; none where nothing was measured.
        reason: Why nothing was measured here; empty where something was.
        machine: Where it was measured.
        cores: How many it had for us.
    """

    way: Way
    rates: tuple[tuple[Way, float], ...] = ()
    reason: str = ""
    machine: str = ""
    cores: int = 0

    @property
    def is_here(self) -> bool:
        """Whether it was measured on this machine as it is now, and fits it."""
        same = (self.machine, self.cores) == (platform.node(), available_cores())
        return same and min(self.way) >= 1 and self.way.workers * self.way.threads <= self.cores

    @property
    def slowdown(self) -> float:
        """How many times the seconds of the usual way a trial takes on its worker."""
        rate = dict(self.rates).get(self.way)
        if not rate or not self.rates[0][1]:
            return 1.0
        usual, usual_rate = self.rates[0]
        return (usual_rate / usual.workers) / (rate / self.way.workers)

    def describe(self) -> str:
        """What was measured, or why nothing was, in words."""
        if self.reason or not self.rates:
            return self.reason
        told = ", ".join(f"{way}: {rate:,.0f} images/s" for way, rate in self.rates)
        return f"measured {told}"

    def to_json(self) -> dict[str, Any]:
        """As JSON, for `study.json`."""
        rates = [[*way, rate] for way, rate in self.rates]
        return {**asdict(self), "way": list(self.way), "rates": rates}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`."""
        rates = tuple((Way(*map(int, own[:2])), float(own[2])) for own in data["rates"])
        way = Way(*data["way"])
        return cls(way, rates, data["reason"], data["machine"], data["cores"])


def ways_to_share(cores: int, most_workers: int) -> list[Way]:
    """One thread for each worker, then half as many workers with twice the threads, and so on.

    Args:
        cores: That there are; no way has more threads.
        most_workers: That fit the memory and find trials.
    """
    ways: dict[int, Way] = {}
    threads = 1
    while threads <= cores:
        workers = max(1, min(cores // threads, most_workers))
        ways.setdefault(workers, Way(workers, cores // workers))
        threads *= 2
    return list(ways.values())


def fastest(rates: Sequence[tuple[Way, float]]) -> Way:
    """The usual way, which is the first one, unless another is clearly faster."""
    usual, least = rates[0][0], rates[0][1] * LEAST_GAIN
    way, rate = max(rates, key=lambda pair: pair[1])
    return way if rate > least else usual


def measure_ways(
    plan: StudyPlan, values: Mapping[str, Any], ways: Sequence[Way], launcher: Launcher
) -> Parallelism:
    """Train one configuration in each way for a moment, in all of its workers at the same time.

    Args:
        plan: The study to be.
        values: The configuration.
        ways: The usual one first.
        launcher: Starts the workers.
    """
    together = sum(way.workers for way in ways) <= MOST_TOGETHER
    rates: list[tuple[Way, float]] = []
    for group in [ways] if together else [[way] for way in ways]:
        rates += _rates(plan, values, group, launcher)
    return Parallelism(fastest(rates), tuple(rates), "", platform.node(), available_cores())


def _rates(
    plan: StudyPlan, values: Mapping[str, Any], ways: Sequence[Way], launcher: Launcher
) -> list[tuple[Way, float]]:
    """Images a second of all workers of each way; the processes get ready at the same time."""
    request = {"plan": plan.to_json(), "values": dict(values)}
    with ExitStack() as stack:
        started = {way: [_Trainer(launcher, stack) for _ in range(way.workers)] for way in ways}
        for way, own in started.items():
            for trainer in own:
                trainer.say({**request, "threads": way.threads})
        ready = {way: [trainer.hears() for trainer in own] for way, own in started.items()}
        return [(way, _rate(own) if all(ready[way]) else 0.0) for way, own in started.items()]


def _rate(trainers: Sequence[_Trainer]) -> float:
    """Images a second of all of them, which train now; 0 if one of them could not."""
    for trainer in trainers:
        trainer.say({})
    answers = [trainer.hears() for trainer in trainers]
    return sum(own["images"] / own["seconds"] for own in answers) if all(answers) else 0.0


class _Trainer:
    """A process that trains when it is told to.

    Args:
        launcher: Starts it.
        stack: On which its end is put.
    """

    def __init__(self, launcher: Launcher, stack: ExitStack) -> None:
        stdin, given = os.pipe()
        said, stdout = os.pipe()
        self._given = stack.enter_context(os.fdopen(given, "w", encoding="utf-8"))
        self._said = stack.enter_context(os.fdopen(said, encoding="utf-8"))
        try:
            with Path(os.devnull).open("wb") as nowhere:
                files = (stdin, stdout, nowhere.fileno())
                process = launcher(Launch(PROCESS, (), files, quiet_environment(), bound=True))
        finally:
            os.close(stdin)
            os.close(stdout)
        stack.callback(_end, process)

    def say(self, facts: Mapping[str, Any]) -> None:
        """Send it a line; a process that has died is found when its answer is read."""
        try:
            self._given.write(json.dumps(facts) + "\n")
            self._given.flush()
        except BrokenPipeError:
            return

    def hears(self) -> dict[str, Any]:
        """What it says next; nothing if it has ended. A builder may print lines of its own."""
        for line in self._said:
            if line.startswith('{"hpsearch"'):
                return dict(json.loads(line))
        return {}


def _end(process: Process) -> None:
    process.kill()
    process.wait()
