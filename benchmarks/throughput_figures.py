"""What the runs of `throughput.py` say: trials a minute, ratios, agreement of scores, costs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any

from benchmarks.simulated_clock import Costs

Entry = Mapping[str, Any]
STOCK = "Keras Tuner"
WORKERS = {"Keras Tuner": 1}  # all others have two


def runs_of(results: Mapping[str, Entry], space: str, trials: int, tool: str) -> list[Entry]:
    """The runs of a tool, in order."""
    start = f"{space} | {trials} | {tool} | "
    keys = sorted((key for key in results if key.startswith(start)), key=_run)
    return [results[key] for key in keys]


def _run(key: str) -> int:
    return int(key.rpartition("|")[2])


def sizes(results: Mapping[str, Entry], space: str) -> list[int]:
    """The numbers of trials with which a space was run, largest first."""
    found = {int(key.split(" | ")[1]) for key in results if key.startswith(f"{space} | ")}
    return sorted(found, reverse=True)


@dataclass(frozen=True)
class Rate:
    """How fast a tool was.

    Args:
        per_minute: Trials a minute, everything included: median of the runs.
        without_start: The same from the beginning of the first trial to the end of the last.
        times_stock: How many times as fast as stock Keras Tuner: median over the runs in turn.
        times_without_start: Likewise without start-up.
        runs: Number of runs.
    """

    per_minute: float
    without_start: float
    times_stock: float
    times_without_start: float
    runs: int


def rate(own: Sequence[Entry], stock: Sequence[Entry]) -> Rate:
    """The rate of a tool, each run compared with the one of stock that was beside it in time."""
    pairs = list(zip(own, stock, strict=False))
    return Rate(
        median(60 * len(run["trials"]) / run["seconds"] for run in own),
        median(60 * len(run["trials"]) / run["training_seconds"] for run in own),
        median(other["seconds"] / run["seconds"] for run, other in pairs),
        median(other["training_seconds"] / run["training_seconds"] for run, other in pairs),
        len(pairs),
    )


def scores(run: Entry) -> list[float | None]:
    """The score of each configuration; None where training diverged."""
    return [trial["score"] for trial in sorted(run["trials"], key=lambda t: t["number"])]


@dataclass(frozen=True)
class Agreement:
    """How the scores of two sets of runs go together.

    Args:
        correlation: Spearman's rank correlation, mean over the pairs of runs.
        difference: Mean score of the first less that of the second.
        interval: 95 % interval of the difference, from the differences by configuration.
        pairs: Pairs of runs.
        left_out: Configurations that diverged in one of the runs.
    """

    correlation: float
    difference: float
    interval: tuple[float, float]
    pairs: int
    left_out: int = 0


def agreement(own: Sequence[Entry], other: Sequence[Entry]) -> Agreement | None:
    """Compare runs with runs of another tool; None if there are none."""
    return _agreement(list(itertools.product(map(scores, own), map(scores, other))))


def agreement_among(runs: Sequence[Entry]) -> Agreement | None:
    """Compare the runs of one tool with each other; None if there is but one."""
    return _agreement(list(itertools.combinations(map(scores, runs), 2)))


def _agreement(
    pairs: Sequence[tuple[list[float | None], list[float | None]]],
) -> Agreement | None:
    import numpy as np
    from scipy import stats

    if not pairs:
        return None
    table = np.array(pairs, dtype=float)  # pair of runs, one or the other, configuration
    known = np.isfinite(table).all(axis=(0, 1))
    pairs = [(one, two) for one, two in table[..., known]]
    found = [float(stats.spearmanr(one, two).statistic) for one, two in pairs]
    apart = np.mean([np.subtract(one, two) for one, two in pairs], axis=0)
    half = float(stats.sem(apart) * stats.t.ppf(0.975, len(apart) - 1))
    middle = float(apart.mean())
    interval = (middle - half, middle + half)
    return Agreement(mean(found), middle, interval, len(pairs), int((~known).sum()))


def reuse_rate(runs: Sequence[Entry]) -> float | None:
    """Share of trials that took over a compiled model; None where that was not recorded."""
    told = [trial.get("reused") for run in runs for trial in run["trials"]]
    known = [bool(value) for value in told if value is not None]
    return mean(known) if known else None


def steady_epochs(run: Entry) -> list[float]:
    """Seconds of an epoch of each configuration without tracing: that of `fit` is in its first."""
    ordered = sorted(run["trials"], key=lambda t: t["number"])
    return [_steady(trial) for trial in ordered]


def _steady(trial: Entry) -> float:
    if "timings" in trial:
        timings = trial["timings"]
        return float(timings["train"] + timings["validate"]) / trial["num_epochs"]
    return float(mean(trial["epochs"][1:]))


def costs(own: Sequence[Entry], base: Sequence[Entry], workers: int, epochs: int) -> Costs:
    """What a tool takes besides the recorded seconds.

    Args:
        own: Runs of the tool.
        base: Runs of what recorded the curves, in turn with them.
        workers: Trials at a time.
        epochs: Of each trial.
    """
    ratios, per_trial = [], []
    for run, other in zip(own, base, strict=False):
        steady = steady_epochs(run)
        ratios += [a / b for a, b in zip(steady, steady_epochs(other), strict=True)]
        spare = run["training_seconds"] * workers - epochs * sum(steady)
        per_trial.append(max(0.0, spare / len(steady)))
    start = median(run["seconds"] - run["training_seconds"] for run in own)
    return Costs(workers, median(per_trial), median(ratios), start)
