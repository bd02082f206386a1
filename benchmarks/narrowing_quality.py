"""How well importance and narrowing do on simulated objectives whose truth is known.

    python -m benchmarks.narrowing_quality --repetitions 100 --jobs 2 --markdown table.md

Measured are, over repetitions of random search with noise: how often a hyperparameter without
effect is called important, how often one that explains at least a fifth is, how often a pair
whose shares differ four times is in the right order; how often the narrowed space still holds a
point within a quarter of the noise's standard deviation of the optimum, and how much smaller it
is (a fixed hyperparameter counts as one tenth).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.narrowing_functions import FUNCTIONS, Simulated, place
from hpsearch.search import make_sampler
from hpsearch.spaces import Fixed, Parameter, Space
from hpsearch.stages.narrow import narrow_space
from hpsearch.stages.narrow_settings import NarrowSettings
from hpsearch.stages.narrowing import NarrowedSpace
from hpsearch.storage import TrialRecord

NUM_TRIALS = 60
NOISES = (0.1, 0.3)
LARGE = 0.2
APART = 4.0
FIXED_VOLUME = 0.1
CLOSE = 0.25


@dataclass(frozen=True)
class Outcome:
    """One repetition.

    Args:
        false_calls: For each hyperparameter without effect, whether it was called important.
        detected: For each with a share of a fifth or more, whether it was.
        ordered: For each pair whose shares differ four times, whether it is in order.
        loss: What the best of the narrowed space lacks, in standard deviations of the noise.
        shrinkage: How many times smaller the narrowed space is.
        num_fixed: Hyperparameters fixed.
        seconds: Time of narrowing.
    """

    false_calls: list[bool]
    detected: list[bool]
    ordered: list[bool]
    loss: float
    shrinkage: float
    num_fixed: int
    seconds: float


def simulate(
    name: str, noise: float, seed: int, *, trials: int = NUM_TRIALS, risk: float = 0.05
) -> Outcome:
    """One repetition: random search with noise, then narrowing."""
    generator = np.random.default_rng([seed, 1])
    truth = FUNCTIONS[name](generator)
    spread = float(truth.at_places(truth.random_places(4000, generator)).std())
    records = _trials(truth, noise * spread, seed, trials, generator)
    start = time.perf_counter()
    narrowed = narrow_space(truth.space, records, "maximize", settings=NarrowSettings(risk=risk))
    seconds = time.perf_counter() - start
    false_calls, detected, ordered = _importance_outcome(truth, narrowed, generator)
    return Outcome(
        false_calls,
        detected,
        ordered,
        loss=_loss(truth, narrowed.space) / (noise * spread),
        shrinkage=1 / volume(truth.space, narrowed.space),
        num_fixed=sum(isinstance(p, Fixed) for p in narrowed.space),
        seconds=seconds,
    )


def _trials(
    truth: Simulated, noise: float, seed: int, number: int, generator: np.random.Generator
) -> list[TrialRecord]:
    sampler = make_sampler("random", truth.space, seed=seed)
    records = []
    for index in range(number):
        proposal = sampler.propose(index)
        params = proposal.params if proposal else {}
        value = truth.at(params) + noise * generator.normal()
        records.append(TrialRecord(index, "complete", params=params, value=value))
    return records


def true_shares(truth: Simulated, generator: np.random.Generator) -> list[float]:
    """The share of the variation that each hyperparameter explains for itself."""
    places = truth.random_places(20000, generator)
    values = truth.at_places(places)
    shares = []
    for column in places.T:
        active = ~np.isnan(column)
        bins = np.digitize(column[active], np.linspace(0, max(np.nanmax(column), 1), 33))
        means = [values[active][bins == own].mean() for own in np.unique(bins)]
        counts = [float((bins == own).sum()) for own in np.unique(bins)]
        between = np.average((np.array(means) - values[active].mean()) ** 2, weights=counts)
        shares.append(float(between * active.mean() / values.var()))
    return shares


def _importance_outcome(
    truth: Simulated, narrowed: NarrowedSpace, generator: np.random.Generator
) -> tuple[list[bool], list[bool], list[bool]]:
    shares = true_shares(truth, generator)
    found = {d.name: d.importance for d in narrowed.decisions if d.importance}
    own = [found[name] for name in truth.space.names]
    idle = [i for i, name in enumerate(truth.space.names) if _is_idle(truth, i)]
    false_calls = [own[i].is_shown for i in idle]
    detected = [own[i].is_shown for i, share in enumerate(shares) if share >= LARGE]
    known = [0.0 if i in idle else share for i, share in enumerate(shares)]
    ordered = [
        own[i].share > own[j].share
        for i, one in enumerate(known)
        for j, other in enumerate(known)
        if one > APART * other and one >= 0.01
    ]
    return false_calls, detected, ordered


def _is_idle(truth: Simulated, number: int) -> bool:
    """Whether a hyperparameter has no effect at all."""
    generator = np.random.default_rng(0)
    places = truth.random_places(200, generator)
    moved = places.copy()
    moved[:, number] = np.where(np.isnan(places[:, number]), np.nan, places[::-1, number])
    rows = ~np.isnan(moved[:, number])
    return bool(np.allclose(truth.at_places(places[rows]), truth.at_places(moved[rows])))


def _loss(truth: Simulated, narrowed: Space) -> float:
    """How much the narrowed space's best lies below the optimum, by moves along one axis."""
    options = [
        _options(old, new, best)
        for old, new, best in zip(truth.space, narrowed, truth.best, strict=True)
    ]
    at = np.array(
        [
            own[np.abs(own - best).argmin()] if not np.isnan(best) else best
            for own, best in zip(options, truth.best, strict=True)
        ]
    )
    starts = [at]
    for parent in range(len(options)):
        if truth.space.parameters[parent].is_ordered:
            continue
        starts += [_with(at, parent, choice) for choice in options[parent]]
    return float(truth.at_places(truth.best[None])[0]) - max(
        _climb(truth, options, start) for start in starts
    )


def _with(at: np.ndarray, number: int, value: float) -> np.ndarray:
    moved = at.copy()
    moved[number] = value
    return moved


def _climb(truth: Simulated, options: Sequence[np.ndarray], at: np.ndarray) -> float:
    for _ in range(4):
        for number, own in enumerate(options):
            moved = np.repeat(at[None], len(own), axis=0)
            moved[:, number] = own
            at = moved[truth.at_places(moved).argmax()]
    return float(truth.at_places(at[None])[0])


def _options(old: Parameter, new: Parameter, best: float) -> np.ndarray:
    """Places on the old axis that the new one still has; the optimum's if it is among them."""
    places = np.array([place(old, value) for value in new.grid_values(201)])
    if old.num_values is None and new.num_values is None and places[0] <= best <= places[-1]:
        return np.append(places, best)
    return places


def volume(before: Space, after: Space) -> float:
    """The product of the kept shares; what is fixed counts as one tenth."""
    return float(np.prod([kept_share(old, new) for old, new in zip(before, after, strict=True)]))


def kept_share(old: Parameter, new: Parameter) -> float:
    """The part of an axis that is left."""
    if isinstance(new, Fixed):
        return 1.0 if isinstance(old, Fixed) else FIXED_VOLUME
    if old.num_values is not None:
        return (new.num_values or 1) / old.num_values
    ends = [place(old, new.grid_values(2)[i]) for i in (0, -1)]
    return ends[1] - ends[0]


@dataclass(frozen=True)
class Row:
    """One line of the table: a function at one level of noise."""

    function: str
    noise: float
    false_calls: float | None
    detected: float | None
    ordered: float
    contained: float
    median_shrinkage: float
    mean_fixed: float
    seconds: float


def summarise(name: str, noise: float, outcomes: Sequence[Outcome]) -> Row:
    """What the repetitions show together."""
    pooled = {
        field: [flag for own in outcomes for flag in getattr(own, field)]
        for field in ("false_calls", "detected", "ordered")
    }
    rates = {field: float(np.mean(flags)) if flags else None for field, flags in pooled.items()}
    return Row(
        name,
        noise,
        rates["false_calls"],
        rates["detected"],
        rates["ordered"] or 0.0,
        float(np.mean([own.loss <= CLOSE for own in outcomes])),
        float(np.median([own.shrinkage for own in outcomes])),
        float(np.mean([own.num_fixed for own in outcomes])),
        float(np.mean([own.seconds for own in outcomes])),
    )


HEADINGS = (
    "function",
    "noise / sd",
    "idle called important",
    "share ≥ 0.2 detected",
    "pairs ≥ 4× in order",
    "optimum contained",
    "median shrinkage",
    "fixed",
    "seconds",
)


def as_markdown(rows: Sequence[Row]) -> str:
    """The table for the documentation."""
    lines = ["| " + " | ".join(HEADINGS) + " |", "|---" * len(HEADINGS) + "|"]
    for row in rows:
        detected = "–" if row.detected is None else f"{row.detected:.0%}"
        false_calls = "–" if row.false_calls is None else f"{row.false_calls:.1%}"
        cells = (
            row.function,
            f"{row.noise:g}",
            false_calls,
            detected,
            f"{row.ordered:.0%}",
            f"{row.contained:.0%}",
            f"{row.median_shrinkage:.1f}×",
            f"{row.mean_fixed:.1f}",
            f"{row.seconds:.2f}",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the simulation and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repetitions", type=int, default=100)
    parser.add_argument("--trials", type=int, default=NUM_TRIALS)
    parser.add_argument("--risk", type=float, default=0.05)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--functions", default=",".join(FUNCTIONS), help="names, comma-separated")
    parser.add_argument("--markdown", type=Path, help="file for the table")
    parser.add_argument("--json", type=Path, help="file for the rows")
    given = parser.parse_args(arguments)
    rows = []
    seeds = range(given.first_seed, given.first_seed + given.repetitions)
    with ProcessPoolExecutor(given.jobs) as pool:
        for name in given.functions.split(","):
            for noise in NOISES:
                run = partial(simulate, name, noise, trials=given.trials, risk=given.risk)
                rows.append(summarise(name, noise, list(pool.map(run, seeds))))
                sys.stdout.write(as_markdown(rows).splitlines()[-1] + "\n")
                sys.stdout.flush()
    if given.markdown:
        given.markdown.write_text(as_markdown(rows), encoding="utf-8")
    if given.json:
        given.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


if __name__ == "__main__":
    main()
