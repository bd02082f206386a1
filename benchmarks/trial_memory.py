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
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.fashion_subset import write_subset
from benchmarks.throughput import SPACES
from hpsearch.errors import HpsearchError
from hpsearch.stages.provenance import provenance
from hpsearch.storage import load

RESULTS = Path(__file__).parent / "results" / "trial_memory.json"
EVERY = 10
TRAIN, VALIDATION = 1000, 500
POLL_SECONDS = 0.5


def children(pid: int) -> Iterator[int]:
    """All processes below one."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in map(int, task.read_text().split()):
                yield child
                yield from children(child)
        except OSError:  # it has ended meanwhile
            continue


def resident(pid: int) -> int:
    """Resident size in bytes, 0 if the process has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    sizes = [line.split()[1] for line in status if line.startswith("VmRSS:")]
    return int(sizes[0]) * 1024 if sizes else 0


def is_worker(pid: int) -> bool:
    try:
        return b"worker_process" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def watch(process: subprocess.Popen[bytes], study: Path) -> dict[int, int]:
    """Number of finished trials → bytes that the worker held then, every ten trials."""
    sizes: dict[int, int] = {}
    while process.poll() is None:
        time.sleep(POLL_SECONDS)
        try:
            finished = sum(load(study).count().values())
        except HpsearchError:  # not there yet
            continue
        held = max((resident(pid) for pid in children(process.pid) if is_worker(pid)), default=0)
        if held and finished:
            sizes.setdefault(finished // EVERY * EVERY, held)
    return sizes


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
    print({number: f"{size / 2**20:.0f} MiB" for number, size in sizes.items()})


if __name__ == "__main__":
    main()
