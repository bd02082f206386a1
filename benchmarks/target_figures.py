"""How much sooner a search meets its target than another, with a bootstrap interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

OURS = "hpsearch"


@dataclass(frozen=True)
class Ratio:
    """How many times as long another tool takes.

    Args:
        value: Median seconds of the other over median seconds of ours.
        interval: 95 %, by drawing the seeds of both anew.
    """

    value: float
    interval: tuple[float, float]


def seconds_of(searches: Mapping[str, Mapping[str, Any]], tool: str) -> list[float]:
    """Seconds of each seed; infinite where the target was not met."""
    found = [entry for key, entry in searches.items() if key.rpartition(" | ")[0] == tool]
    return [math.inf if e["seconds"] is None else float(e["seconds"]) for e in found]


def ratio(other: Sequence[float], own: Sequence[float], draws: int = 2000) -> Ratio:
    """How many times as long another tool takes.

    Args:
        other: Its seconds, one for each seed.
        own: Ours.
        draws: Of the bootstrap.
    """
    generator = np.random.default_rng(0)
    medians = [_medians(values, generator, draws) for values in (other, own)]
    with np.errstate(invalid="ignore"):
        drawn = medians[0] / medians[1]
    low, high = np.nanquantile(drawn, [0.025, 0.975], method="inverted_cdf")
    return Ratio(median(other) / median(own), (float(low), float(high)))


def median(values: Sequence[float]) -> float:
    """The middle value, the higher of two: with infinite ones no mean can be taken."""
    return sorted(values)[len(values) // 2]


def _medians(values: Sequence[float], generator: np.random.Generator, draws: int) -> Any:
    chosen = generator.choice(np.asarray(values), size=(draws, len(values)))
    return np.sort(chosen, axis=1)[:, len(values) // 2]


def best_peer(searches: Mapping[str, Mapping[str, Any]], tools: Sequence[str]) -> str:
    """The tool that is not ours with the smallest median."""
    peers = [tool for tool in tools if not tool.startswith(OURS)]
    return min(peers, key=lambda tool: median(seconds_of(searches, tool)))
