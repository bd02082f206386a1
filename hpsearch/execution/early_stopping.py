"""Early stopping: a trial says at the pruner's rungs how it does, and may be stopped there."""

from __future__ import annotations

from hpsearch.execution.study_plan import StudyPlan
from hpsearch.search.pruning import peers_of
from hpsearch.storage import StudyStore, TrialRecord


class EarlyStopping:
    """Judges the trials of one study.

    The storage gets one write at each rung and nothing between them. Deliberate replicates are
    never stopped: they are there for their value, and to lose those with bad luck would
    flatter the configuration.

    Args:
        store: The study storage.
        plan: The study's plan.
    """

    def __init__(self, store: StudyStore, plan: StudyPlan) -> None:
        self.store = store
        self.objective = plan.training.objective
        self.pruner = plan.pruner()

    def judged_from(self, record: TrialRecord) -> int | None:
        """The first epoch at which a trial can be stopped; None if it cannot."""
        if record.replicate_of is not None:
            return None
        return next(iter(self.pruner.judged_at(record.index)), None)

    def should_stop(self, number: int, epoch: int, value: float) -> bool:
        """Report a trial if this epoch is a rung, and compare it with the others.

        Args:
            number: The trial.
            epoch: The epoch it has just finished, from 1.
            value: Its best objective so far.

        Returns:
            Whether it should stop, which also is so if somebody took its worker for dead and
            ended it.
        """
        if epoch not in self.pruner.rungs:
            return False
        if not self.store.report(number, epoch, value):
            return True
        records = self.store.records()
        own = records[number]
        if self.judged_from(own) is None:
            return False
        peers = peers_of(records, own.index, self.objective)
        return self.pruner.is_pruned(own.index, epoch, value, peers)
