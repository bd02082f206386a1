"""`Prepared`: a stage with everything looked up, ready to be shown and run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from hpsearch.execution import ProbeResult, StudyPlan
from hpsearch.execution.devices import Placement
from hpsearch.execution.parallelism import Parallelism
from hpsearch.execution.template import Template
from hpsearch.search import Observation
from hpsearch.spaces import Budget, Grid, LoadedSpace, Space
from hpsearch.stages.data_facts import DataFacts
from hpsearch.stages.request import StageRequest
from hpsearch.storage import RunDirectory, StorageAddress, StudyStore

LEAST_SECONDS = 0.01
START_SECONDS = 8.0  # until the workers have loaded TensorFlow and the data
FORKED_START_SECONDS = 1.0  # the same where it is loaded already


@dataclass(frozen=True)
class Prepared:
    """A stage that is ready to run; nothing has been written yet.

    Args:
        request: What was asked.
        loaded: The search space.
        directory: The run directory.
        budget: What the stage may spend.
        plan: What workers need to know.
        space: The space that is searched.
        data: The data.
        identity: What makes the study what it is.
        probed: What the probe found; None for a study that is continued.
        finished: Number of trials finished before.
        prior: What the stage before showed.
        storage: The database of a new study; None for the journal file.
        parallelism: How the workers share the cores, where nobody has said it.
        store: The trials of a study that is continued.
        template: From which its workers are forked; None where they are started plainly.
    """

    request: StageRequest
    loaded: LoadedSpace
    directory: RunDirectory
    budget: Budget
    plan: StudyPlan
    space: Space
    data: DataFacts
    identity: Mapping[str, Any]
    probed: ProbeResult | None
    finished: int
    prior: tuple[Observation, ...] = ()
    storage: StorageAddress | None = None
    parallelism: Parallelism | None = None
    store: StudyStore | None = None
    template: Template | None = None

    def limited(self, seconds: float | None) -> Prepared:
        """The same stage with a time limit for this invocation; one in the past ends it at once."""
        limit = None if seconds is None else max(seconds, LEAST_SECONDS)
        return replace(self, request=replace(self.request, time_limit=limit))

    @property
    def workers(self) -> int:
        """Number of worker processes, never more than there are trials; 0 if others work.

        On a cluster 1 where nobody gave a number: how much the cluster has is asked when it runs.
        """
        if self.request.executor == "ray":
            asked = self.request.workers
            return min(1 if asked is None else asked, self.budget.trials)
        return self.placement.workers

    @cached_property
    def placement(self) -> Placement:
        """Where the workers of this machine train."""
        placement = self.request.placement()
        if self.parallelism is not None:
            placement = placement.shared(*self.parallelism.way)
        return placement.limited(self.budget.trials)

    @property
    def grid(self) -> Grid | None:
        """The grid, where the algorithm is `grid`."""
        return None if self.plan.grid is None else Grid(self.space, self.plan.grid)

    @property
    def estimated_seconds(self) -> float | None:
        """Seconds the stage will take if no trial ends early; None where that cannot be told.

        That is where nothing was timed, or the number of workers is left to a cluster.
        """
        each = self.seconds_of_trial(self.budget.epochs)
        cluster = self.request.executor == "ray" and self.request.workers is None
        if each is None or cluster:
            return None
        start = START_SECONDS if self.template is None else FORKED_START_SECONDS
        features = sum(own.seconds for own in self.probed.features) if self.probed else 0.0
        return start + features + (self.budget.trials - self.finished) * each

    def seconds_of_trial(self, epochs: int) -> float | None:
        """Seconds by which the stage grows with one more trial of so many epochs.

        The time of a trial over the number of trials that train at once; None if nothing was
        timed.
        """
        if self.probed is None or not self.probed.seconds_per_epoch:
            return None
        slowdown = 1.0 if self.parallelism is None else self.parallelism.slowdown
        training = epochs * self.probed.seconds_per_epoch * slowdown
        each = self.probed.seconds_per_trial + training
        if self.request.executor == "ray":
            return each / max(self.workers, 1)
        return each / max(self.placement.at_once, 1)
