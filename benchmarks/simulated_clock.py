"""A search on recorded curves with a simulated clock: seconds until it meets a target."""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchmarks.recorded import Params, Recorded


@dataclass(frozen=True)
class Job:
    """Some epochs of one configuration.

    Args:
        params: Its values.
        first: Epochs that were trained before and are not trained again.
        last: The last epoch to train, from 1.
        key: The tool's own name of the trial.
    """

    params: Params
    first: int
    last: int
    key: Any = None


class Tool(Protocol):
    """A search tool as the clock sees it."""

    def propose(self) -> Job | None:
        """What to train next; None if nothing is left."""

    def stops(self, job: Job, shown: Sequence[float]) -> bool:
        """Whether to end a trial early after an epoch that is not its last.

        Args:
            job: The trial.
            shown: Its accuracy after each epoch that it has trained itself.
        """

    def end(self, job: Job, shown: Sequence[float], *, is_stopped: bool) -> None:
        """A trial has ended."""


@dataclass(frozen=True)
class Costs:
    """What a tool takes besides the recorded seconds.

    Args:
        workers: Trials at a time.
        per_trial: Seconds of a worker for each trial: building, tracing, saving, storing.
        epoch_factor: Seconds of its epochs over the recorded ones.
        start: Seconds before the first trial.
    """

    workers: int = 1
    per_trial: float = 0.0
    epoch_factor: float = 1.0
    start: float = 0.0


@dataclass(frozen=True)
class Found:
    """How a search went.

    Args:
        seconds: Until the end of the epoch that met the target; infinite if none did.
        trials: Begun by then.
        epochs: Trained by then.
        proposing: Seconds of it that proposals took.
    """

    seconds: float
    trials: int
    epochs: int
    proposing: float


@dataclass
class _Running:
    job: Job
    shown: list[float] = field(default_factory=list)

    @property
    def epoch(self) -> int:
        return self.job.first + len(self.shown)


def search(tool: Tool, recorded: Recorded, costs: Costs, target: float) -> Found:
    """Run a tool until an epoch meets the target.

    Workers share nothing but the tool; at the same moment the one of the lower number goes first.
    Proposals take the processor time that they really take.

    Args:
        tool: A new one.
        recorded: What training shows.
        costs: What the tool takes besides.
        target: Validation accuracy to reach.
    """
    events = [(costs.start, worker) for worker in range(costs.workers)]
    running: dict[int, _Running] = {}
    trials = epochs = 0
    proposing = 0.0
    while events:
        now, worker = heapq.heappop(events)
        own = running.get(worker)
        if own is not None:
            epochs += 1
            own.shown.append(recorded.nearest(own.job.params).accuracies[own.epoch])
            if own.shown[-1] >= target:
                return Found(now, trials, epochs, proposing)
            if not _ends(tool, own):
                heapq.heappush(events, (now + _epoch(recorded, costs, own.job), worker))
                continue
            del running[worker]
        began = time.process_time()
        job = tool.propose()
        taken = time.process_time() - began
        proposing += taken
        if job is None:
            continue
        trials += 1
        running[worker] = _Running(job)
        ready = now + taken + costs.per_trial
        heapq.heappush(events, (ready + _epoch(recorded, costs, job), worker))
    return Found(math.inf, trials, epochs, proposing)


def _epoch(recorded: Recorded, costs: Costs, job: Job) -> float:
    return recorded.seconds(job.params) * costs.epoch_factor


def _ends(tool: Tool, own: _Running) -> bool:
    """Whether this epoch is the trial's last; the tool is told if so."""
    if own.epoch == own.job.last:
        tool.end(own.job, own.shown, is_stopped=False)
        return True
    if tool.stops(own.job, own.shown):
        tool.end(own.job, own.shown, is_stopped=True)
        return True
    return False
