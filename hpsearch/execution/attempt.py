"""`Attempt`: one worker's go at a trial, and what is kept of it if it must stop."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hpsearch.execution.checkpoints import Checkpoint
from hpsearch.execution.claims import Claim

if TYPE_CHECKING:
    from hpsearch.training.hyperparameters import LiveHyperParameters
    from hpsearch.training.progress import Progress
    from hpsearch.training.snapshot import Snapshot


@dataclass
class Attempt:
    """A trial that this worker trains.

    Args:
        claim: The trial.
        hp: Its values, as the builder asks for them.
        before: What an earlier attempt left, if this one goes on from there.
        gap: Seconds before it by what they were spent on, as `Gap` has them.
        repeats: Seconds of an attempt in a lower precision that has diverged, after which this one
            computes in float32; None where there was none.
    """

    claim: Claim
    hp: LiveHyperParameters
    before: Checkpoint | None = None
    gap: Mapping[str, float] = field(default_factory=dict)
    repeats: float | None = None
    _snapshot: Snapshot | None = None
    _started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Seconds spent on the trial, earlier attempts that it continues or repeats included."""
        earlier = 0.0 if self.before is None else self.before.seconds
        return earlier + (self.repeats or 0.0) + time.monotonic() - self._started

    @property
    def in_float32(self) -> bool:
        """Whether the trial has diverged in a lower precision and is trained in float32."""
        continued = self.before is not None and self.before.in_float32
        return continued or self.repeats is not None

    @property
    def resumed(self) -> int:
        """How often the trial went on from a checkpoint."""
        return 0 if self.before is None else self.before.resumed + 1

    def note(self, progress: Progress, epochs: int) -> None:
        """Keep the state after an epoch that is not the last one.

        Args:
            progress: The trial after the epoch.
            epochs: Most epochs it trains.
        """
        from hpsearch.training.snapshot import take_snapshot

        if progress.model is not None and progress.epochs < epochs:
            self._snapshot = take_snapshot(progress)

    def checkpoint(self) -> Checkpoint | None:
        """What the next attempt needs; None before the end of this one's first epoch."""
        snapshot = self._snapshot
        if snapshot is None:
            return None
        names = [parameter.name for parameter in self.hp.discovered]
        drawn = {name: self.hp.values[name] for name in names if name in self.hp.values}
        return Checkpoint(snapshot, self.seconds, self.resumed, drawn, self.in_float32)
