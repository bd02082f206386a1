"""Pruners: which trial to stop early, judged by what others showed at the same epoch."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import mean, median
from typing import ClassVar

from hpsearch.errors import InputError
from hpsearch.search.seeding import uniform
from hpsearch.storage import TrialRecord

REDUCTION_FACTOR = 3
EARLIEST_RUNG = 2
FEWEST_PEERS = 5  # among fewer, being the best third or half is luck
MEDIAN_RUNGS = (1 / 6, 2 / 6, 3 / 6, 4 / 6)
HALVING_RUNGS = (1 / 6, 1 / 2)  # a reduction factor apart


@dataclass(frozen=True)
class Peer:
    """What another trial of the study showed, for comparison.

    Args:
        index: Its position among the proposals.
        best: Rung (an epoch, counted from 1) → its best objective up to there.
        curve: Objective after each epoch; empty while it still trains.
        final: Its objective if it completed, else None. It stands for the epochs that a trial
            without further improvement did not train.
    """

    index: int
    best: Mapping[int, float]
    curve: Sequence[float] = ()
    final: float | None = None

    def best_at(self, rung: int) -> float:
        """Its best objective up to a rung; NaN if it did not come so far."""
        return self.best.get(rung, math.nan if self.final is None else self.final)

    def average_at(self, rung: int) -> float:
        """The mean objective of its epochs up to a rung; NaN if it did not come so far."""
        if not self.curve or (self.final is None and len(self.curve) < rung):
            return math.nan
        return mean(self.curve[:rung])


@dataclass(frozen=True)
class Pruner:
    """Stops nothing; the base of those that do.

    A trial is judged at rungs, epochs fixed for the whole study, by its best objective so far.
    It then goes on or is stopped for good. The decision follows from the arguments alone, so
    that a study that is continued decides as one that was never interrupted.

    Args:
        rungs: Epochs at which trials say how they do, rising, counted from 1.
        direction: `maximize` or `minimize`.
        seed: The study's seed.
    """

    rungs: tuple[int, ...] = ()
    direction: str = "maximize"
    seed: int = 0
    name: ClassVar[str] = "none"

    def judged_at(self, index: int) -> tuple[int, ...]:
        """The rungs at which the trial at this position of the proposals can be stopped."""
        return self.rungs

    def is_pruned(self, index: int, rung: int, value: float, peers: Sequence[Peer]) -> bool:
        """Whether to stop a trial.

        Args:
            index: Its position among the proposals.
            rung: The epoch it has just finished.
            value: Its best objective so far.
            peers: The others; one that has not come so far, or whose value is NaN, is left out.

        Returns:
            Never true for a trial that no peer has beaten at this rung.
        """
        if rung not in self.judged_at(index):
            return False
        sign = 1 if self.direction == "maximize" else -1
        return self._loses(sign, index, rung, value, peers)

    def _loses(self, sign: int, index: int, rung: int, value: float, peers: Sequence[Peer]) -> bool:
        return False


class MedianPruner(Pruner):
    """The median stopping rule.

    A trial is stopped if its best objective so far is worse than the median of the running
    averages, up to the same epoch, of the trials that ended. Golovin et al., Google Vizier: A
    Service for Black-Box Optimization, KDD 2017, section 3.2.1. Trials that were stopped at or
    after this rung are among the peers: with the survivors alone the bar would rise with every
    trial stopped.
    """

    name = "median"

    def _loses(self, sign: int, index: int, rung: int, value: float, peers: Sequence[Peer]) -> bool:
        averages = _finite(sign * peer.average_at(rung) for peer in peers)
        return len(averages) >= FEWEST_PEERS and sign * value < median(averages)


class AshaPruner(Pruner):
    """Asynchronous successive halving that stops trials for good.

    Of the trials that came to a rung the best third goes on. Li et al., A System for Massively
    Parallel Hyperparameter Tuning, MLSys 2020, in the form that never pauses a trial: whoever
    is judged early has few peers, and is not called back when more have come.
    """

    name = "asha"

    def _loses(self, sign: int, index: int, rung: int, value: float, peers: Sequence[Peer]) -> bool:
        values = _finite(sign * peer.best_at(rung) for peer in peers)
        if len(values) < FEWEST_PEERS:
            return False
        better = sum(other > sign * value for other in values)
        return better >= max(1, (len(values) + 1) // REDUCTION_FACTOR)


class HyperbandPruner(AshaPruner):
    """Successive halving in brackets, which begin to stop trials at different rungs.

    Li et al., Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization, JMLR
    2018. A trial's bracket follows from its position and the seed, in proportion to the number
    of configurations that the paper gives each bracket; it is compared within its bracket. The
    last bracket is never stopped: it is what a slow learner hopes for.
    """

    name = "hyperband"

    def bracket(self, index: int) -> int:
        """How many rungs the trial passes before it is judged for the first time."""
        shares = list(accumulate(self._sizes()))
        return bisect_right(shares, uniform(self.seed, index, "bracket") * shares[-1])

    def _sizes(self) -> list[int]:
        """Configurations of each bracket, the one that is judged first being the largest."""
        most = len(self.rungs)
        halvings = range(most, -1, -1)
        return [math.ceil((most + 1) / (s + 1) * REDUCTION_FACTOR**s) for s in halvings]

    def judged_at(self, index: int) -> tuple[int, ...]:
        return self.rungs[self.bracket(index) :]

    def _loses(self, sign: int, index: int, rung: int, value: float, peers: Sequence[Peer]) -> bool:
        own = self.bracket(index)
        same = [peer for peer in peers if self.bracket(peer.index) == own]
        return super()._loses(sign, index, rung, value, same)


PRUNERS: Mapping[str, type[Pruner]] = {
    kind.name: kind for kind in (Pruner, MedianPruner, AshaPruner, HyperbandPruner)
}


def rungs_of(name: str, epochs: int) -> tuple[int, ...]:
    """The epochs at which a pruner judges, for trials of at most so many epochs.

    Args:
        name: A key of `PRUNERS`.
        epochs: Most epochs a trial, 1 or more.

    Returns:
        For `asha` and `hyperband` a sixth and a half of the epochs, for `median` every sixth up
        to two thirds; never before epoch 2 and never the last epoch.
    """
    parts = {"none": (), "median": MEDIAN_RUNGS}.get(name, HALVING_RUNGS)
    rungs = {round(epochs * part) for part in parts}
    return tuple(sorted(rung for rung in rungs if EARLIEST_RUNG <= rung < epochs))


def make_pruner(name: str, rungs: Sequence[int], *, direction: str, seed: int = 0) -> Pruner:
    """A pruner by name.

    Args:
        name: `none`, `median`, `asha` or `hyperband`.
        rungs: Epochs at which trials are judged, as `rungs_of` gives them.
        direction: `maximize` or `minimize`.
        seed: The study's seed.

    Raises:
        InputError: There is no such pruner.
    """
    if name not in PRUNERS:
        raise InputError(f"No pruner '{name}'.", f"Use {', '.join(PRUNERS)}.")
    return PRUNERS[name](tuple(rungs), direction, seed)


def peers_of(records: Sequence[TrialRecord], index: int, objective: str) -> list[Peer]:
    """What the other trials of a study showed.

    Left out are trials that failed, whose second try speaks for them, trials that wait to be
    trained anew, and deliberate replicates, of which there are only good ones.

    Args:
        records: The trials.
        index: Position of the trial that is judged.
        objective: Name of the metric in their histories.
    """
    return [
        _peer(record, objective)
        for record in records
        if record.index != index
        and record.replicate_of is None
        and record.state in ("running", "complete", "pruned")
    ]


def _peer(record: TrialRecord, objective: str) -> Peer:
    curve = [value for value in record.history.get(objective, ()) if value is not None]
    final = record.value if record.state == "complete" else None
    return Peer(record.index, record.rungs, curve, final)


def _finite(values: Iterable[float]) -> list[float]:
    return [value for value in values if math.isfinite(value)]
