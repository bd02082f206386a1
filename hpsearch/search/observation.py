"""`Observation`: what a sampler learns from one earlier trial."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from hpsearch.spaces import Value
from hpsearch.storage import TrialRecord

TO_AVOID = ("diverged", "oom", "infeasible")

Outcome = Literal["complete", "pruned", "avoid", "running", "unknown"]


@dataclass(frozen=True)
class Observation:
    """A configuration and how it went.

    Args:
        params: The active hyperparameters by name.
        value: The objective; None if there is none.
        outcome: `avoid` for what must not be proposed again (diverged, out of memory,
            infeasible); `unknown` for failures that say nothing of the configuration.
    """

    params: Mapping[str, Value]
    value: float | None
    outcome: Outcome

    @property
    def identity(self) -> str:
        """A text that two observations share only if their configurations are the same."""
        return identify(self.params)


def identify(params: Mapping[str, Value]) -> str:
    """A text that two configurations share only if they are the same."""
    return json.dumps(dict(params), sort_keys=True)


def observe(record: TrialRecord) -> Observation:
    """What a sampler learns from a trial of the study storage."""
    outcome: Outcome
    if record.state in ("running", "waiting"):
        outcome = "running"
    elif record.state == "failed":
        outcome = "avoid" if record.failure in TO_AVOID else "unknown"
    else:
        outcome = "complete" if record.state == "complete" else "pruned"
    return Observation(record.params, record.value, outcome)


def expected_ends(records: Sequence[TrialRecord]) -> dict[int, float]:
    """What pruned trials would have come to: number → objective.

    What a trial had shown when it was stopped, and the median of what complete trials gained
    from that rung to their end.

    Args:
        records: The trials of a study.
    """
    pruned = [r for r in records if r.state == "pruned" and r.value is not None and r.rungs]
    if not pruned:
        return {}
    gains: dict[int, list[float]] = {}
    for record in records:
        if record.state == "complete" and record.value is not None:
            for rung, value in record.rungs.items():
                gains.setdefault(rung, []).append(record.value - value)
    gain = {rung: median(values) for rung, values in gains.items()}
    return {r.number: (r.value or 0.0) + gain.get(max(r.rungs), 0.0) for r in pruned}


class Tried:
    """The configurations tried or running, to tell whether one would be a repetition.

    A trial that ended in order names only the hyperparameters its model asked for. A
    configuration that agrees with it in these builds the same model, whatever else it says.

    Args:
        observations: What is known of earlier trials.
        names: The hyperparameters that are compared.
    """

    def __init__(self, observations: Iterable[Observation], names: Collection[str]) -> None:
        self._names = names
        self._by_names: dict[frozenset[str], set[frozenset[tuple[str, Value]]]] = {}
        for observation in observations:
            self.add(observation)

    def add(self, observation: Observation) -> None:
        """Enter one more."""
        params = [item for item in observation.params.items() if item[0] in self._names]
        if params or not self._names:  # one that failed before it met any says nothing of them
            names = frozenset(name for name, _ in params)
            self._by_names.setdefault(names, set()).add(frozenset(params))

    def __contains__(self, params: Mapping[str, Value]) -> bool:
        return any(
            frozenset(item for item in params.items() if item[0] in names) in known
            for names, known in self._by_names.items()
        )
