"""How much memory a worker holds after 30 trials and after 300.

    python -m benchmarks.trial_memory --images fashion_mnist.npz

One worker, trials of one epoch on 1,000 images, random configurations of `lenet_fashion.py`;
about ten minutes. `results/trial_memory.json` has the resident size after each tenth trial.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.fashion_subset import write_subset
from benchmarks.throughput import SPACES
from benchmarks.worker_memory import watch
from hpsearch.stages.provenance import provenance

RESULTS = Path(__file__).parent / "results" / "trial_memory.json"
TRAIN, VALIDATION = 1000, 500


def write_small(images: Path, target: Path) -> None:
    """A part of the benchmark's images."""
    whole = target.with_name("whole.npz")
    write_subset(images, whole)
    with np.load(whole, allow_pickle=False) as data:
        parts = [(f"{axis}_train", TRAIN) for axis in "xy"]
        parts += [(f"{axis}_val", VALIDATION) for axis in "xy"]
        np.savez(target, **{name: data[name][:count] for name, count in parts})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True, help="npz of Fashion-MNIST")
    parser.add_argument("--trials", type=int, default=305)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        data, study = Path(scratch) / "small.npz", Path(scratch) / "study"
        write_small(options.images, data)
        command = [sys.executable, "-m", "hpsearch", "coarse", "--space", SPACES["lenet_fashion"]]
        command += ["--data", str(data), "--trials", str(options.trials), "--epochs", "1"]
        command += ["--workers", "1", "--algorithm", "random", "--out", str(study)]
        command += ["--batch-size", "64", "--precision", "float32"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        sizes = watch(subprocess.Popen(command, **quiet), study)  # type: ignore[call-overload]
    found = {"resident": sizes, "made_on": provenance("benchmarks.trial_memory")}
    options.results.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
