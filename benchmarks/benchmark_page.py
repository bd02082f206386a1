"""Writes docs/benchmarks.md from what the benchmarks of speed have left in `results/`.

python -m benchmarks.benchmark_page
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import mean, median
from typing import Any

from benchmarks.overhead import EPOCHS, PHASES
from benchmarks.page_parts import machine_of, shares_of, table, verdict
from benchmarks.target_section import time_to_target
from benchmarks.throughput_section import throughput
from hpsearch.counting import count_of

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
SPACES = ("lenet_fashion", "gtsrb_lenet")
MOST_OVERHEAD = 0.10
MOST_OF_SECOND = 0.02  # of an epoch that takes one, for everything that is not its steps
MOST_GROWTH = 0.10
MOST_START = 8.0  # seconds
STARTS = ("trial", "step", "epoch")
EARLY, LATE = 30, 300
WHY = """With warm files, as after another study within the last minutes; this system forgets files
within one, and TensorFlow takes 2 to 3 s longer then (10.2 % instead, 3 runs at commit a194fb2).
Before the first trial TensorFlow is loaded (2 s) and the probe runs (2 s: how long a trial takes,
and in which precision); after the last one the space is narrowed (half a second).
Each trial builds its model, and each worker traces the structures that it meets. *Between trials*
has the time in which one worker waits for the last trial of the other one. Longer trials have the
same overhead and a smaller share of it."""
WHY_LATER = """Longer studies look longer before they leap: from about 20 minutes on they measure
how to share the cores (2.3 s). From about an hour on they time up to two more configurations
(1.4 s each) where the first one leaves the choice of the precision open, which it does not here.
All of that is at most half a per cent of their time. Where the system has dropped TensorFlow from
its file cache, all times are 2 to 3 s longer."""
HEAD = """# Speed

Written by `python -m benchmarks.benchmark_page` from what is in `benchmarks/results`; do not edit.
`make benchmarks IMAGES=fashion_mnist.npz` runs what is missing there. All tools train the same
networks on the same images, on the same machine, in turn. Medians of runs are given; a ratio
compares runs that were beside each other in time.

- **Keras Tuner** is stock `RandomSearch` with its own loop, `fit` and checkpoints; only its oracle
  is told which configurations to hand out.
- **Optuna** is two stock processes on one journal file, with pruning off. The callback of
  `optuna-integration` is written out in `benchmarks/stock_runs.py`, for the package is not among
  the project's.
- **hpsearch** is `hpsearch coarse --try` on the command line with two workers and `--precision`
  `float32` or `auto`.
- **bare** is two processes that do nothing but training and validation steps, one compiled epoch
  for each architecture, traced before time is taken: the ceiling without start-up.
"""


def read(name: str) -> dict[str, Any]:
    """What a benchmark has left so far."""
    file = HERE / "results" / f"{name}.json"
    return dict(json.loads(file.read_text())) if file.exists() else {}


def overhead(results: Mapping[str, Any]) -> Iterator[str]:
    """Where the seconds of a study go."""
    yield from ["## What is not training", ""]
    if not results:
        yield from ["Not measured yet.", ""]
        return
    most = max(int(key.split(" | ")[0]) for key in results)
    runs = [run for key, run in results.items() if key.startswith(f"{most} | ")]
    seconds = [trial["seconds"] for run in runs for trial in run["trials"]]
    whole = median(run["seconds"] for run in runs)
    text = f"{most} trials of {EPOCHS} epochs, {mean(seconds):.1f} s each on average "
    text += f"({median(seconds):.1f} s at the median), 2 workers, "
    text += f"{count_of(len(runs), 'run')} of the whole command, {whole:.0f} s."
    yield text
    yield from ["", machine_of(runs), ""]
    middle = shares_of(runs)
    rows = [[name, f"{share:.1%}"] for name, share in middle.items()]
    yield from table(["of wall-clock time × workers", "share"], rows)
    spent = 1 - middle["steps"]
    said = verdict(spent, MOST_OVERHEAD, at_least=False)
    yield f"- not steps: {spent:.1%}, goal at most {MOST_OVERHEAD:.0%}: {said}"
    epoch = median(_beside_steps(trial) for run in runs for trial in run["trials"]) / EPOCHS
    said = verdict(epoch, MOST_OF_SECOND, at_least=False)
    yield f"- beside its steps an epoch has {1000 * epoch:.0f} ms (checkpoint in memory, progress,"
    yield f"  pruning), {epoch:.1%} of one of a second, goal at most {MOST_OF_SECOND:.0%}: {said}"
    yield ""
    yield from [*WHY.splitlines(), ""]


def _beside_steps(trial: Mapping[str, Any]) -> float:
    """Seconds of a trial that are neither steps nor building and tracing."""
    return float(trial["seconds"] - sum(trial["timings"][name] for name in PHASES))


def start_up(results: Mapping[str, Any]) -> Iterator[str]:
    """When studies of several lengths begin to train."""
    yield from ["## Start-up", ""]
    if not results:
        yield from ["Not measured yet.", ""]
        return
    runs: dict[tuple[int, int], list[Any]] = {}
    for key, run in results.items():
        trials, epochs, _ = map(int, key.split(" | "))
        runs.setdefault((trials, epochs), []).append(run)
    count = count_of(min(map(len, runs.values())), "run")
    yield f"`hpsearch coarse` on lenet_fashion, {count} of each in turn with warm files: seconds"
    yield f"after the command. The goal is a first training step within {MOST_START:.0f} s."
    yield from ["", machine_of([run for own in runs.values() for run in own]), ""]
    heading = ["study", "first trial begins", "first step", "", "first epoch", "cores measured"]
    rows = []
    for (trials, epochs), own in runs.items():
        begins, step, ends = (median(run[what] for run in own) for what in STARTS)
        met = verdict(step, MOST_START, at_least=False)
        measured = "yes" if own[-1]["ways"] else "too short"
        name = f"{trials} trials × {epochs} epochs"
        seconds = [f"{begins:.1f} s", f"{step:.1f} s", met, f"{ends:.1f} s"]
        rows.append([name, *seconds, measured])
    yield from table(heading, rows)
    yield from [*WHY_LATER.splitlines(), ""]


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
    parts += [list(start_up(read("start_up")))]
    parts += [list(memory(read("trial_memory")))]
    parts += [["## Transfer learning", "", "See [transfer learning](transfer.md).", ""]]
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def main() -> None:
    PAGE.write_text(page())


if __name__ == "__main__":
    main()
