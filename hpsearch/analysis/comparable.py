"""Trials made comparable: their objectives at one epoch that early stopping has not selected.

A pruned trial's objective stops at the rung where it was stopped. To compare it with the
objective of a whole training would confound the configuration with the epochs; to leave it out
would leave a sample of survivors, in which a hyperparameter that ruins trials seems not to
matter, since those it ruined are gone. Both are biased. What is not: every trial at an epoch
that all of them reached, or, later than that, those trials that nobody could have stopped
before, if there are enough of them. Which these are is told by their position among the
proposals alone (the brackets of hyperband), not by how they did.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hpsearch.search import Observation, observe
from hpsearch.storage import TrialRecord

ENOUGH_TRIALS = 50


@dataclass(frozen=True)
class Comparable:
    """Configurations with objectives that may be compared.

    Args:
        epoch: The best objective up to this epoch is compared, counted from 1; None for the
            whole training.
        observations: One a trial, each `complete` with that objective.
        note: One sentence where this is not the final objective of every trial; else empty.
    """

    epoch: int | None
    observations: tuple[Observation, ...]
    note: str = ""


def comparable(records: Sequence[TrialRecord]) -> Comparable:
    """The objectives of a study's trials at the latest epoch at which comparing them is fair.

    Failed and unfinished trials are left out. A trial that completed before the epoch, because
    it no longer improved, keeps its objective.

    Args:
        records: Every trial of a study.
    """
    ended = [r for r in records if r.state == "complete" or (r.state == "pruned" and r.rungs)]
    pruned = [record for record in ended if record.state == "pruned"]
    if not pruned:
        return Comparable(None, tuple(map(observe, ended)))
    shared = min(max(record.rungs) for record in pruned)
    for epoch in (None, *_rungs_after(ended, shared)):
        spared = [record for record in ended if _was_spared(record, epoch)]
        if len(spared) >= ENOUGH_TRIALS:
            return _at(epoch, spared, len(ended))
    return _at(shared, ended, len(ended))


def _rungs_after(records: Sequence[TrialRecord], epoch: int) -> list[int]:
    """The rungs later than an epoch, the latest first."""
    rungs = {rung for record in records for rung in record.rungs if rung > epoch}
    return sorted(rungs, reverse=True)


def _was_spared(record: TrialRecord, epoch: int | None) -> bool:
    """Whether it could not have been stopped before an epoch; None is the end of training.

    Replicates are repeated because they did well, so they are no fair sample.
    """
    if record.replicate_of is not None:
        return False
    if record.judged_from is None:
        return record.state == "complete"
    return epoch is not None and record.judged_from >= epoch


def _at(epoch: int | None, records: Sequence[TrialRecord], total: int) -> Comparable:
    values = [_value_at(record, epoch) for record in records]
    observations = tuple(
        observe(replace(record, state="complete", value=value))
        for record, value in zip(records, values, strict=True)
        if value is not None and math.isfinite(value)
    )
    return Comparable(epoch, observations, _note(epoch, len(observations), total))


def _value_at(record: TrialRecord, epoch: int | None) -> float | None:
    if epoch is None or (record.state == "complete" and epoch not in record.rungs):
        return record.value
    return record.rungs.get(epoch)


def _note(epoch: int | None, count: int, total: int) -> str:
    compared = f"all {count}" if count == total else f"{count} of {total}"
    if epoch is None:
        return (
            f"Compared by their final objective are the {count} of {total} trials that could "
            "not be stopped early."
        )
    which = "which every one reached" if count == total else "before which none could be stopped"
    return (
        f"Since trials were stopped early, {compared} trials are compared by their best "
        f"objective up to epoch {epoch}, {which}."
    )
