"""Tables, verdicts and the machine: what every section of the page of benchmarks is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks.overhead import shares

WORKERS = 2


def verdict(value: float, goal: float, *, at_least: bool = True) -> str:
    """Whether a figure meets its goal."""
    return "reached" if (value >= goal) == at_least or value == goal else "**not reached**"


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Markdown."""
    lines = [heading, ["---"] * len(heading), *rows]
    return [*("| " + " | ".join(line) + " |" for line in lines), ""]


def machine_of(runs: Sequence[Mapping[str, Any]]) -> str:
    """On what some runs were made, and how busy it was."""
    facts = runs[-1]["made_on"]
    hardware, versions = facts["hardware"], facts["versions"]
    busy = [run["load"] for run in runs if "load" in run]
    load = f", load average before a run {min(busy):.1f} to {max(busy):.1f}" if busy else ""
    kept = ("python", "tensorflow", "keras", "keras-tuner", "optuna")
    return (
        f"{hardware['processor']}, {hardware['cores']} cores, {hardware['memory_gib']} GiB; "
        f"{', '.join(f'{name} {versions[name]}' for name in kept)}; commit {facts['git_commit']}, "
        f"{facts['created'][:10]}{load}."
    )


def shares_of(runs: Sequence[Any]) -> dict[str, float]:
    """The median share of each part of the time over some runs of ours."""
    each = [shares(run, WORKERS) for run in runs]
    return {name: median(own[name] for own in each) for name in each[0]}
