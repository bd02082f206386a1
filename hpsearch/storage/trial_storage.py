"""`TrialStorage`: what `StudyStore` needs of a place for trials, whichever it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from hpsearch.storage.records import State, TrialRecord

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

OPTUNA_STATES: dict[State, str] = {
    "waiting": "WAITING",
    "running": "RUNNING",
    "complete": "COMPLETE",
    "pruned": "PRUNED",
    "failed": "FAIL",
}


@dataclass(frozen=True)
class TrialChange:
    """What becomes different about a trial that has not ended, all of it at once.

    Args:
        state: The new state; None leaves it.
        value: The objective.
        attributes: Facts by name, JSON without NaN.
        rungs: Epoch → best objective so far; NaN for one that no longer counts.
        params: Hyperparameters met for the first time, by key: value and distribution.
    """

    state: State | None = None
    value: float | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    rungs: Mapping[int, float] = field(default_factory=dict)
    params: Mapping[str, tuple[Any, BaseDistribution]] = field(default_factory=dict)


class TrialStorage(Protocol):
    """A place for the trials of one study."""

    def locked(self) -> AbstractContextManager[None]:
        """Hold the study lock; it is freed if this process dies. Not reentrant."""

    def hurry(self) -> None:
        """From now on wait seconds, not minutes, for a storage that does not answer."""

    def read(self, unfinished: Collection[int], known: int) -> list[TrialRecord]:
        """The trials that may have changed, in order of number.

        Args:
            unfinished: The trials known and not known to be finished.
            known: How many trials are known; all from this number on are read.
        """

    def create(
        self,
        params: Mapping[str, tuple[Any, BaseDistribution]],
        attributes: Mapping[str, Any],
        state: State,
    ) -> int:
        """Add a trial with everything known of it, and return its number."""

    def change(self, number: int, change: TrialChange) -> bool:
        """Change a trial; False if it has ended, and nothing is changed then."""
