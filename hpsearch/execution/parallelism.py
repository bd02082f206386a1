"""How many workers, and with how many threads each: measured with the study's own model."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

from hpsearch.counting import count_of
from hpsearch.execution.devices import available_cores
from hpsearch.execution.launching import Launcher
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.execution.trainer import Trainer

TRAINED_SECONDS = 0.4
TIMES_WARMED = 2
"""How often two steps are trained before; the second time shows how long they take."""
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
    training = plan.training
    batch_size = int(values.get("batch_size", training.batch_size))
    with ExitStack() as stack:

        def started(threads: int) -> Trainer:
            trainer = Trainer(launcher, stack, plan, threads)
            trainer.get_ready(values, batch_size, training.precision)
            for _ in range(TIMES_WARMED):
                trainer.train(2 * batch_size)
            return trainer

        trainers = [[started(way.threads) for _ in range(way.workers)] for way in ways]
        ready = [_all_answer(own) for own in trainers]
        return [
            (way, _rate(own) if each else 0.0)
            for way, own, each in zip(ways, trainers, ready, strict=True)
        ]


def _all_answer(trainers: Sequence[Trainer]) -> bool:
    """Whether all of them could do what they were last told."""
    answers = [trainer.answer() for trainer in trainers]
    return all(answers)


def _rate(trainers: Sequence[Trainer]) -> float:
    """Images a second of all of them, which train now; 0 if one of them could not."""
    for trainer in trainers:
        trainer.train_for(TRAINED_SECONDS)
    answers = [trainer.answer() for trainer in trainers]
    return sum(own["images"] / own["seconds"] for own in answers) if all(answers) else 0.0
