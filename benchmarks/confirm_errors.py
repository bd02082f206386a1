"""Error rates and power of the race of `hpsearch confirm`, on noisy scores with known means.

    python benchmarks/confirm_errors.py --repetitions 5000

Prints a Markdown table. A *false drop* is a race in which any candidate that is as good as the
best was given up; *power* is the share of the worse candidates that were given up; *saved* is the
share of all seeds that were not trained. Gaps are in standard deviations of the noise.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from hpsearch.analysis.confirmation import Race
from hpsearch.analysis.intervals import wilson_interval

HOPELESS = 6.0
Noise = Callable[[np.random.Generator, tuple[int, int]], Any]


def normal(generator: np.random.Generator, shape: tuple[int, int]) -> Any:
    return generator.normal(size=shape)


def unequal(generator: np.random.Generator, shape: tuple[int, int]) -> Any:
    """Every second candidate scatters five times as much."""
    return generator.normal(size=shape) * np.where(np.arange(shape[0]) % 2, 5.0, 1.0)[:, None]


def skewed(generator: np.random.Generator, shape: tuple[int, int]) -> Any:
    """Accuracies near 1: the errors are log-normal, so the scores have a tail downwards."""
    errors = generator.lognormal(sigma=0.6, size=shape)
    mean = np.exp(0.18)
    return (mean - errors) / np.sqrt((np.exp(0.36) - 1) * np.exp(0.36))


def collapsing(generator: np.random.Generator, shape: tuple[int, int]) -> Any:
    """One run in twenty ends at chance level, thirty deviations below."""
    return generator.normal(size=shape) - 30.0 * (generator.random(shape) < 0.05)


def one_collapses(generator: np.random.Generator, shape: tuple[int, int]) -> Any:
    """Only the first candidate collapses, and it is as much better otherwise: equal means."""
    scores = normal(generator, shape)
    scores[0] += 1.5 - 30.0 * (generator.random(shape[1]) < 0.05)
    return scores


class Scenario(NamedTuple):
    """What is simulated: the gaps of the candidates to the best, their noise, their seeds."""

    name: str
    noise: Noise
    gaps: tuple[float, ...]
    seeds: int = 12


class Rates(NamedTuple):
    """Races with a false drop; worse candidates dropped, of how many; share of seeds saved."""

    false_drops: int
    dropped: int
    worse: int
    saved: float


def simulate(scenario: Scenario, repetitions: int, seed: int) -> Rates:
    """Run races on scores with known means."""
    generator = np.random.default_rng([seed, len(scenario.gaps), scenario.seeds])
    gaps = np.array(scenario.gaps)
    race = Race(len(gaps), scenario.seeds)
    false_drops = dropped = unused = 0
    for _ in range(repetitions):
        scores = scenario.noise(generator, (len(gaps), scenario.seeds)) - gaps[:, None]
        out = race.drops(scores.tolist())
        false_drops += any(gaps[candidate] == 0 for candidate in out)
        dropped += sum(gaps[candidate] > 0 for candidate in out)
        unused += sum(scenario.seeds - drop.after for drop in out.values())
    total = repetitions * len(gaps) * scenario.seeds
    return Rates(false_drops, dropped, repetitions * int((gaps > 0).sum()), unused / total)


def null_scenarios() -> Iterator[Scenario]:
    """Scenarios in which two or more candidates are equally good."""
    for count in (2, 3, 4, 5, 6):
        yield Scenario(f"{count} equal", normal, (0.0,) * count)
    yield Scenario("4 equal, 6 seeds", normal, (0.0,) * 4, 6)
    yield Scenario("4 equal, 20 seeds", normal, (0.0,) * 4, 20)
    yield Scenario("2 equal, 2 hopeless", normal, (0.0, 0.0, HOPELESS, HOPELESS))
    yield Scenario("2 equal, 2 worse by 0.5", normal, (0.0, 0.0, 0.5, 0.5))
    yield Scenario("3 equal, 1 worse by 1.5", normal, (0.0, 0.0, 0.0, 1.5))
    for name, noise in (
        ("unequal scatter 1:5", unequal),
        ("skewed", skewed),
        ("5 % collapse", collapsing),
    ):
        for count in (2, 4, 6):
            yield Scenario(f"{count} equal, {name}", noise, (0.0,) * count)
        yield Scenario(f"2 equal, {name}, 6 seeds", noise, (0.0, 0.0), 6)
        yield Scenario(f"4 equal, {name}, 20 seeds", noise, (0.0,) * 4, 20)
        gaps = (0.0, 0.0, 40.0, 40.0)
        yield Scenario(f"2 equal, 2 hopeless, {name}", noise, gaps)
    yield Scenario("4 equal, only one of them collapses", one_collapses, (0.0,) * 4)


def power_scenarios() -> Iterator[Scenario]:
    """Scenarios with one best candidate."""
    for gap in (0.5, 1.0, 1.5, 2.0):
        yield Scenario(f"1 rival behind by {gap:g}", normal, (0.0, gap))
        yield Scenario(f"3 rivals behind by {gap:g}", normal, (0.0, gap, gap, gap))
        yield Scenario(f"3 rivals behind by {gap:g}, 20 seeds", normal, (0.0, gap, gap, gap), 20)
    yield Scenario("1 rival behind by 1, 2 hopeless", normal, (0.0, 1.0, HOPELESS, HOPELESS))
    yield Scenario("3 rivals behind by 2, skewed", skewed, (0.0, 2.0, 2.0, 2.0))
    yield Scenario("3 rivals behind by 2, 5 % collapse", collapsing, (0.0, 2.0, 2.0, 2.0))


def percent(successes: int, total: int) -> str:
    """A share with its 95 % interval, in per cent."""
    if not total:
        return "–"
    share = wilson_interval(successes, total)
    return f"{100 * share.mean:.1f} ({100 * (share.low or 0):.1f}–{100 * (share.high or 0):.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=5000, help="races a scenario")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print(f"{given.repetitions} races a scenario; 95 % binomial intervals; 12 seeds unless said.\n")
    print("| candidates | false drop, % | power, % | seeds saved, % |\n|---|---|---|---|")
    for scenario in (*null_scenarios(), *power_scenarios()):
        rates = simulate(scenario, given.repetitions, given.seed)
        false_drops = percent(rates.false_drops, given.repetitions)
        power = percent(rates.dropped, rates.worse)
        print(
            f"| {scenario.name} | {false_drops} | {power} | {100 * rates.saved:.0f} |", flush=True
        )


if __name__ == "__main__":
    main()
