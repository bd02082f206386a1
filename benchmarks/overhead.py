"""What of a study's time is not training or validation steps.

    python -m benchmarks.overhead --images fashion_mnist.npz

100 trials of 4 epochs, which take about 3 s each, two workers, three runs with warm files, each
written to `results/overhead.json`; the same command goes on. `--trials 12 --runs 1` is for trying
out.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.configurations import BATCH
from benchmarks.fashion_subset import write_subset
from benchmarks.start_up import warm_files
from benchmarks.throughput import PROCESSES, SPACES, run_hpsearch
from hpsearch.stages.provenance import provenance

RESULTS = Path(__file__).parent / "results" / "overhead.json"
EPOCHS = 4

PHASES = {"train": "steps", "validate": "steps", "trace": "tracing", "build": "build"}


def shares(run: Mapping[str, Any], workers: int) -> dict[str, float]:
    """Where the workers' seconds went, as shares of wall-clock time × workers; they add up to 1.

    Args:
        run: What `run_hpsearch` returned.
        workers: Processes that trained.
    """
    whole = run["seconds"] * workers
    parts = dict.fromkeys(PHASES.values(), 0.0)
    ending = 0.0
    for trial in run["trials"]:
        timings = trial["timings"]
        for phase, part in PHASES.items():
            parts[part] += timings.get(phase, 0.0)
        ending += trial["seconds"] - sum(timings.get(phase, 0.0) for phase in PHASES)
    around = (run["seconds"] - run["training_seconds"]) * workers
    between = whole - sum(parts.values()) - ending - around
    found = {**parts, "rest of trials": ending, "between trials": between}
    found["start and end of the command"] = around
    return {name: seconds / whole for name, seconds in found.items()}


def arguments(data: Path, trials: int, seed: int) -> list[str]:
    """Of `hpsearch coarse`."""
    return [
        *("--space", SPACES["lenet_fashion"], "--data", str(data.absolute())),
        *("--trials", str(trials), "--epochs", str(EPOCHS), "--batch-size", str(BATCH)),
        *("--workers", str(PROCESSES), "--pruner", "none", "--seed", str(seed)),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True, help="npz of Fashion-MNIST")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    results = json.loads(options.results.read_text()) if options.results.exists() else {}
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "fashion_subset.npz"
        write_subset(options.images, data)
        for number in range(options.runs):
            key = f"{options.trials} | {number}"
            if key in results:
                continue
            warm_files(data, Path(scratch) / "warm")
            busy = os.getloadavg()[0]
            given = arguments(data, options.trials, number)
            run = run_hpsearch(given, Path(scratch) / f"study-{number}")
            facts = {"load": busy, "made_on": provenance("benchmarks.overhead")}
            results[key] = {**run, **facts}
            options.results.write_text(json.dumps(results, indent=1) + "\n")
            print(key, shares(run, PROCESSES), flush=True)


if __name__ == "__main__":
    main()
