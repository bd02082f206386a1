"""Trains every configuration of a grid once and writes each epoch's validation accuracy.

    python -m benchmarks.record_curves --images fashion_mnist.npz

hpsearch itself trains, one worker, float32, the 360 configurations of `lenet_fashion.py` in random
order, 8 epochs each. It takes about an hour; the same command goes on where it was stopped, and
writes what there is to `results/curves.csv`.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import subprocess
import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.fashion_subset import write_subset
from benchmarks.lenet_fashion import RECORDED
from hpsearch.storage import RunDirectory, StudyStore, TrialRecord

HERE = Path(__file__).parent
CURVES = HERE / "results" / "curves.csv"
SPACE = f"{HERE / 'lenet_fashion.py'}:build_recorded"
EPOCHS = 8
BATCH = 64
DIGITS = 4  # 2,000 images to validate on: one of them is 0.0005


def points(seed: int = 0) -> list[dict[str, Any]]:
    """All configurations in random order, so that a part of them is a fair sample."""
    found = [dict(zip(RECORDED, values, strict=True)) for values in product(*RECORDED.values())]
    random.Random(seed).shuffle(found)
    return found


def train(folder: Path, data: Path, trials: int) -> None:
    """Let hpsearch train what is not trained yet."""
    chosen = folder / "configurations.json"
    chosen.write_text(json.dumps(points()))
    command = [sys.executable, "-m", "hpsearch", "coarse", "--space", SPACE, "--data", str(data)]
    command += ["--trials", str(trials), "--epochs", str(EPOCHS), "--batch-size", str(BATCH)]
    command += ["--workers", "1", "--pruner", "none", "--algorithm", "grid", "--grid-points", "5"]
    command += ["--partial-grid", "--precision", "float32", "--deterministic"]
    command += ["--try", str(chosen), "--out", str(folder / "study")]
    subprocess.run(command, check=False)


def row(record: TrialRecord) -> dict[str, Any]:
    """One configuration: its values, seconds of an epoch and all validation accuracies."""
    steady = (record.timings["train"] + record.timings["validate"]) / record.epochs
    accuracies = [f"{value:.{DIGITS}f}" for value in record.history["val_accuracy"]]
    return {
        **{name: record.params[name] for name in RECORDED},
        "seconds_per_epoch": round(steady, 3),
        **{f"epoch_{number + 1}": value for number, value in enumerate(accuracies)},
    }


def write_curves(records: Sequence[TrialRecord], file: Path) -> int:
    """Write the table of what has been trained whole; how many lines it has."""
    rows = [row(r) for r in records if r.state == "complete" and r.epochs == EPOCHS]
    rows.sort(key=lambda r: tuple(str(r[name]) for name in RECORDED))
    if rows:
        with file.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return len(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True, help="npz of Fashion-MNIST")
    parser.add_argument("--folder", type=Path, default=Path("results/benchmarks/curves"))
    parser.add_argument("--trials", type=int, default=len(points()))
    parser.add_argument("--write-only", action="store_true", help="write what there is")
    options = parser.parse_args()
    data = options.folder / "fashion_subset.npz"
    write_subset(options.images, data)
    if not options.write_only:
        train(options.folder, data.absolute(), options.trials)
    records = StudyStore(RunDirectory(options.folder / "study")).records()
    print(f"{write_curves(records, CURVES)} configurations in {CURVES}")


if __name__ == "__main__":
    main()
