"""The section of the page on trials a minute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks import throughput_figures as figures
from benchmarks.page_parts import machine_of, shares_of, table, verdict
from hpsearch.counting import count_of

STOCK = "Keras Tuner"
LOWER_CORRELATION = 0.03
GOALS = {"Keras Tuner": 3.0, "Optuna": 1.7}
RUNS, TRIALS = 3, 40  # what a final figure rests on
NOTES = {
    "gtsrb_lenet": """Each run has a split of its own, the same for all tools; two runs differ by
their splits, too. One configuration became NaN in bfloat16 in two of our runs; hpsearch has
trained such trials again in float32 since (`in_float32`).""",
}


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
    if space in NOTES:
        yield from [*NOTES[space].splitlines(), ""]


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
    yield from _profile({tool: runs[tool] for tool in ours})


def _profile(runs: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    """Where the seconds of our workers go."""
    found = {tool: shares_of(own) for tool, own in runs.items()}
    if found:
        names = list(next(iter(found.values())))
        rows = [[name, *(f"{own[name]:.1%}" for own in found.values())] for name in names]
        yield from table(["share of wall-clock time × workers", *found], rows)


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
    name += f" (without {found.left_out} that diverged)" if found.left_out else ""
    return [name, f"{found.correlation:.3f}", f"{found.difference:+.4f}", interval, said]
