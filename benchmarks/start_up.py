"""Seconds from the command to the first training, in studies of several lengths.

    python -m benchmarks.start_up --images fashion_mnist.npz

`hpsearch coarse` on two workers; each study is ended after the first epoch of its first trial.
One study is run before, so that TensorFlow's files are in memory. Three runs of each in turn,
about three minutes, each written to `results/start_up.json`; the same command goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.configurations import BATCH
from benchmarks.fashion_subset import write_subset
from benchmarks.throughput import SPACES
from hpsearch.stages.provenance import provenance
from hpsearch.storage import RunDirectory, load

RESULTS = Path(__file__).parent / "results" / "start_up.json"
LENGTHS = ((8, 4), (100, 4), (100, 15), (100, 40), (100, 400))
"""Trials and epochs."""
LONGEST_WAIT = 120.0
POLL_SECONDS = 0.02


def start_of(data: Path, trials: int, epochs: int, study: Path) -> dict[str, Any]:
    """Seconds after the command when its first trial begins, takes a step and ends an epoch.

    Raises:
        SystemExit: It trained nothing.
    """
    command = [
        *(sys.executable, "-m", "hpsearch", "coarse", "--space", SPACES["lenet_fashion"]),
        *("--data", str(data), "--trials", str(trials), "--epochs", str(epochs)),
        *("--batch-size", str(BATCH), "--pruner", "none", "--out", str(study)),
    ]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found: dict[str, Any] = {}
    seconds = 0.0
    try:
        while "epoch" not in found and process.poll() is None and seconds < LONGEST_WAIT:
            time.sleep(POLL_SECONDS)
            seconds = time.monotonic() - began
            for number, epoch in _epochs(study):
                found.setdefault("trial", seconds)
                if epoch and "epoch" not in found:
                    found |= {"epoch": seconds, "number": number}
    finally:
        process.terminate()
        process.wait()
    if "epoch" not in found:
        raise SystemExit(f"{' '.join(command)} has trained nothing.")
    timings = _timings(study, found.pop("number"))
    found["step"] = found["trial"] + timings["build"] + timings["trace"]
    facts = json.loads((study / "study.json").read_text())
    probed = facts["plan"]["training"]["precision_reason"]
    ways = (facts["parallelism"] or {}).get("rates", ())
    return {**found, "probed": probed, "ways": len(ways)}


def warm_files(data: Path, study: Path) -> None:
    """Begin a short study, so that the system has every file that one reads in its cache."""
    start_of(data, *LENGTHS[0], study)
    shutil.rmtree(study)


def _epochs(study: Path) -> list[tuple[int, int]]:
    """The running trials and how many epochs each has ended, as the workers tell the screen."""
    told = []
    for file in study.glob("logs/*.live.json"):
        try:
            facts = json.loads(file.read_text())
            told.append((int(facts["number"]), int(facts["epoch"])))
        except OSError:  # the worker has ended
            continue
    return told


def _timings(study: Path, number: int) -> dict[str, float]:
    """Seconds by phase of a trial that has ended or was given back."""
    ended = load(study).trials[number].timings
    if ended:
        return dict(ended)
    with np.load(RunDirectory(study).checkpoint_file(number)) as kept:
        return dict(json.loads(kept["facts"].tobytes())["snapshot"]["timings"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True, help="npz of Fashion-MNIST")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    results = json.loads(options.results.read_text()) if options.results.exists() else {}
    with tempfile.TemporaryDirectory() as scratch:
        data, study = Path(scratch) / "fashion_subset.npz", Path(scratch) / "study"
        write_subset(options.images, data)
        warm_files(data, study)
        for number in range(options.runs):
            for trials, epochs in LENGTHS:
                key = f"{trials} | {epochs} | {number}"
                if key in results:
                    continue
                busy = os.getloadavg()[0]
                found = start_of(data, trials, epochs, study)
                shutil.rmtree(study)
                facts = {"load": busy, "made_on": provenance("benchmarks.start_up")}
                results[key] = {**found, **facts}
                options.results.write_text(json.dumps(results, indent=1) + "\n")
                print(key, found["trial"], found["step"], found["epoch"], flush=True)


if __name__ == "__main__":
    main()
