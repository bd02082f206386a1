"""The section of the page on the time to a good configuration."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks import target_figures as target
from benchmarks.page_parts import table, verdict

SOONER = 2.0
SEEDS = 50  # what a final figure rests on


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
    yield "Scores are those of float32 whatever a tool computes in. Keras Tuner trains one trial at"
    yield "a time on both cores, the others two; its Hyperband goes on from checkpoints."
    yield "`hpsearch bayesian` is `hpsearch coarse --algorithm bayesian`; `hpsearch sobol` is the"
    yield "coarse stage as it is by default, which fills the space evenly to show what matters."
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
