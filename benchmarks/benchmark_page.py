"""Writes docs/benchmarks.md from what the benchmarks of speed have left in `results/`.

python -m benchmarks.benchmark_page
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import target_figures as target
from benchmarks import throughput_figures as figures
from hpsearch.counting import count_of

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
SPACES = ("lenet_fashion", "gtsrb_lenet")
STOCK = "Keras Tuner"
LOWER_CORRELATION = 0.03
GOALS = {"Keras Tuner": 3.0, "Optuna": 1.7}
MOST_OVERHEAD = 0.10
MOST_GROWTH = 0.10
EARLY, LATE = 30, 300
SOONER = 2.0
RUNS, SEEDS, TRIALS = 3, 50, 40  # what a final figure rests on
HEAD = """# Speed

Written by `python -m benchmarks.benchmark_page` from what is in `benchmarks/results`; do not edit.
`make benchmarks IMAGES=fashion_mnist.npz` runs everything that is missing there. All tools train
the same networks on the same images, on the same machine, in turn. Medians of runs are given;
a ratio compares runs that were beside each other in time.
"""


def read(name: str) -> dict[str, Any]:
    """What a benchmark has left so far."""
    file = HERE / "results" / f"{name}.json"
    return dict(json.loads(file.read_text())) if file.exists() else {}


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


def throughput(results: Mapping[str, Any], space: str) -> Iterator[str]:
    """Trials a minute and how the scores agree."""
    sizes = figures.sizes(results, space)
    yield from [f"## Trials a minute: {space}", ""]
    if not sizes or not figures.runs_of(results, space, sizes[0], STOCK):
        yield from ["Not measured yet.", ""]
        return
    tools = list(dict.fromkeys(key.split(" | ")[2] for key in results if key.startswith(space)))
    runs = {tool: figures.runs_of(results, space, sizes[0], tool) for tool in tools}
    counts = [len(own) for own in runs.values()]
    text = f"{sizes[0]} configurations × 3 epochs × batches of 64, "
    text += f"{count_of(min(counts), 'run')} of each tool."
    if sizes[0] < TRIALS or min(counts) < RUNS:
        text += " **Preliminary**: fewer trials or runs than the benchmark asks for."
    yield from [text, "", machine_of([run for own in runs.values() for run in own]), ""]
    yield from _rates(runs)
    if figures.scores(runs[STOCK][0])[0] is not None:
        yield from _agreements(runs)


def _rates(runs: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    found = {tool: figures.rate(own, runs[STOCK]) for tool, own in runs.items()}
    heading = ["", "trials a minute", "without start-up"]
    heading += ["× stock Keras Tuner", "without start-up", "models reused", "computes in"]
    yield from table(heading, [_rate_row(tool, found[tool], runs[tool]) for tool in runs])
    ours = [tool for tool in runs if tool.startswith("hpsearch")]
    for tool, goal in GOALS.items():
        for own in (name for name in ours if tool in runs):
            times = median(
                one["seconds"] / other["seconds"]
                for one, other in zip(runs[tool], runs[own], strict=False)
            )
            yield f"- {own} against {tool}: {times:.2f}×, goal {goal}×: {verdict(times, goal)}"
    yield ""


def _rate_row(tool: str, rate: figures.Rate, runs: Sequence[Any]) -> list[str]:
    reused = figures.reuse_rate(runs)
    row = [tool, f"{rate.per_minute:.1f}", f"{rate.without_start:.1f}"]
    row += [f"{rate.times_stock:.2f}", f"{rate.times_without_start:.2f}"]
    precision = runs[0].get("precision", {}).get("precision", "—")
    return [*row, "—" if reused is None else f"{reused:.0%}", precision]


def _agreements(runs: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    among = figures.agreement_among(runs[STOCK])
    rows = [] if among is None else [_agreement_row(f"{STOCK}, two runs", among, "the measure")]
    for tool, own in runs.items():
        if tool == STOCK or tool.startswith("bare"):
            continue
        found = figures.agreement(own, runs[STOCK])
        goal = None if among is None else among.correlation - LOWER_CORRELATION
        if found is not None:
            said = "" if goal is None else verdict(found.correlation, goal)
            rows.append(_agreement_row(f"{tool} and {STOCK}", found, said))
    yield "Do the scores agree? Spearman's rank correlation and the mean difference, 95 %:"
    yield ""
    heading = ["", "rank correlation", "difference", "interval", "within 0.03 of stock's own"]
    yield from table(heading, rows)


def _agreement_row(name: str, found: figures.Agreement, said: str) -> list[str]:
    low, high = found.interval
    interval = f"{low:+.4f} to {high:+.4f}"
    return [name, f"{found.correlation:.3f}", f"{found.difference:+.4f}", interval, said]


def time_to_target(results: Mapping[str, Any]) -> Iterator[str]:
    """Seconds to the target, replayed and real."""
    yield from ["## Time to a good configuration", ""]
    searches = results.get("searches", {})
    if not searches:
        yield from ["Not measured yet.", ""]
        return
    tools = list(results["costs"])
    curves = results["num_curves"]
    goal = f"{results['target']:.4f}"
    yield f"The target is a validation accuracy of {goal}: the median best of random search after"
    yield f"60 trials × 8 epochs. Replayed on {curves} configurations that were really trained"
    yield "(`record_curves.py`), recorded seconds and each tool's measured costs added up by a"
    yield "simulated clock, proposals at the processor time they take (`time_to_target.py`)."
    if curves < len_recorded() or len(target.seconds_of(searches, tools[0])) < SEEDS:
        yield "**Preliminary**: not all configurations are recorded, or not all seeds replayed."
    yield ""
    rows = [_target_row(tool, results) for tool in tools if target.seconds_of(searches, tool)]
    heading = ["", "seeds", "median s", "quartiles s", "not found", "trials"]
    heading += ["s a trial", "s an epoch, times ours"]
    yield from table(heading, rows)
    yield from _sooner(searches, [tool for tool in tools if target.seconds_of(searches, tool)])
    yield from _real(results.get("real", {}))


def len_recorded() -> int:
    """The number of configurations of the whole grid."""
    from benchmarks.lenet_fashion import RECORDED

    return math.prod(map(len, RECORDED.values()))


def _target_row(tool: str, results: Mapping[str, Any]) -> list[str]:
    found = sorted(target.seconds_of(results["searches"], tool))
    quarter = len(found) // 4
    own = [e for key, e in results["searches"].items() if key.startswith(f"{tool} | ")]
    costs = results["costs"][tool]
    row = [tool, str(len(found)), f"{target.median(found):.0f}"]
    row += [f"{found[quarter]:.0f} to {found[-quarter - 1]:.0f}", str(found.count(math.inf))]
    row += [f"{median(entry['trials'] for entry in own):.0f}"]
    return [*row, f"{costs['per_trial']:.2f}", f"{costs['epoch_factor']:.2f}"]


def _sooner(searches: Mapping[str, Any], tools: Sequence[str]) -> Iterator[str]:
    ours = [tool for tool in tools if tool.startswith(target.OURS)]
    if not ours or len(ours) == len(tools):
        return
    peer = target.best_peer(searches, tools)
    for own in ours:
        found = target.ratio(target.seconds_of(searches, peer), target.seconds_of(searches, own))
        low, high = found.interval
        yield (
            f"- {own} against the best of the others, {peer}: {found.value:.2f}× as fast (95 %: "
            f"{low:.2f} to {high:.2f}), goal {SOONER:.0f}×: {verdict(found.value, SOONER)}"
        )
    yield ""


def _real(real: Mapping[str, Any]) -> Iterator[str]:
    if not real:
        yield from ["Real runs to check the replay: not made yet.", ""]
        return
    yield from ["Real runs, seconds from the command to the epoch that met the target:", ""]
    for key, entry in sorted(real.items()):
        seconds = entry["seconds"]
        yield f"- {key}: {'not met' if seconds is None else f'{seconds:.0f} s'}"
    yield ""


def overhead(results: Mapping[str, Any]) -> Iterator[str]:
    """Where the seconds of a study go."""
    yield from ["## What is not training", ""]
    if not results:
        yield from ["Not measured yet.", ""]
        return
    most = max(int(key.split(" | ")[0]) for key in results)
    runs = [run for key, run in results.items() if key.startswith(f"{most} | ")]
    yield f"{most} trials of 3 epochs, 2 workers, {count_of(len(runs), 'run')}, the whole command."
    yield from ["", machine_of(runs), ""]
    middle = {name: median(run["shares"][name] for run in runs) for name in runs[0]["shares"]}
    rows = [[name, f"{share:.1%}"] for name, share in middle.items()]
    yield from table(["of wall-clock time × workers", "share"], rows)
    spent = 1 - middle["steps"]
    said = verdict(spent, MOST_OVERHEAD, at_least=False)
    yield from [f"- not steps: {spent:.1%}, goal at most {MOST_OVERHEAD:.0%}: {said}", ""]


def memory(results: Mapping[str, Any]) -> Iterator[str]:
    """What a worker holds."""
    yield from ["## Memory of a worker", ""]
    sizes = {int(number): size for number, size in results.get("resident", {}).items()}
    if EARLY not in sizes or max(sizes) < LATE:
        yield from ["Not measured yet.", ""]
        return
    late = sizes[max(number for number in sizes if number <= LATE)]
    growth = late / sizes[EARLY] - 1
    megabytes = [f"{size / 2**20:.0f} MiB" for size in (sizes[EARLY], late)]
    said = verdict(growth, MOST_GROWTH, at_least=False)
    yield f"- {megabytes[0]} after {EARLY} trials, {megabytes[1]} after {LATE}: {growth:+.1%}, goal"
    yield from [f"  at most {MOST_GROWTH:.0%} more: {said}", ""]


def page() -> str:
    """The whole page."""
    runs = read("throughput")
    parts = [HEAD.splitlines(), [""]]
    parts += [list(throughput(runs, space)) for space in SPACES]
    parts += [list(time_to_target(read("time_to_target"))), list(overhead(read("overhead")))]
    parts += [list(memory(read("trial_memory")))]
    parts += [["## Transfer learning", "", "See [transfer learning](transfer.md).", ""]]
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def main() -> None:
    PAGE.write_text(page())


if __name__ == "__main__":
    main()
