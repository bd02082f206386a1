"""What the storage costs a trial: many workers on one study, without TensorFlow.

    python benchmarks/storage_overhead.py [--storage postgresql://user@host/database]

Each worker claims, sleeps for as long as a trial is to take, and ends the trial with the history
of ten epochs, as a real worker does. What is more than the sleep is the overhead.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from hpsearch.execution.claims import Claims
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.spaces import Choice, Float, Int, Space
from hpsearch.stages.opening import create_study, remove_study
from hpsearch.storage import RunDirectory, StudyStore, counted
from hpsearch.storage.address import asked_address
from hpsearch.storage.database import redone

SPACE = Space(
    (
        Float("learning_rate", 1e-5, 1e-1, sampling="log"),
        Choice("filters", (6, 12, 24, 48)),
        Choice("activation", ("relu", "elu", "tanh")),
        Float("dropout_rate", 0.0, 0.6),
        Int("num_conv_layers", 2, 4),
    )
)
EPOCHS = 10
METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")


def create(folder: Path, storage: str, trials: int) -> RunDirectory:
    """A study of random search in a folder."""
    directory = RunDirectory(folder)
    plan = StudyPlan("none", algorithm="random")
    facts = {
        "stage": "coarse",
        "space": {"name": "none", "reference": "none"},
        "identity": {
            "objective": "val_accuracy",
            "direction": "maximize",
            "epochs": EPOCHS,
            "seed": 0,
        },
        "data": {"source": "no data"},
        "provenance": {"created": "now"},
        "plan": plan.to_json(),
        "budget": {"trials": trials},
    }
    create_study(directory, facts, SPACE, None, storage=asked_address(storage))
    return directory


def work(folder: Path, name: str, seconds: float, workers: int = 1) -> list[float]:
    """Wait for the others, then work until nothing is left to claim.

    Returns:
        The overhead of each trial in seconds.
    """
    directory = RunDirectory(folder)
    store = StudyStore(directory)
    claims = Claims(directory, store, StudyPlan.read(directory))
    store.records()
    (directory.logs / f"{name}.ready").touch()
    while len(list(directory.logs.glob("*.ready"))) < workers:
        time.sleep(0.05)  # the start of sixteen interpreters is no cost of the storage
    overheads = []
    while True:
        begin = time.perf_counter()
        claim = claims.claim(name)
        if claim is None:
            return overheads
        claimed = time.perf_counter()
        time.sleep(seconds)
        trained = time.perf_counter()
        _end(store, claim.number)
        overheads.append(claimed - begin + time.perf_counter() - trained)


@redone
def _end(store: StudyStore, number: int) -> None:
    with store.locked():
        store.finish(number, "complete", 0.5, _result(number))


def _result(number: int) -> dict[str, Any]:
    history = {metric: [number / (1 + epoch) for epoch in range(EPOCHS)] for metric in METRICS}
    return {"history": history, "best_epoch": 1, "seconds": 1.0, "failure": None, "message": ""}


def measure(folder: Path, workers: int, seconds: float) -> list[float]:
    """The overheads of all trials of all workers."""
    command = [sys.executable, __file__, "--work", str(folder), "--seconds", str(seconds)]
    command += ["--workers", str(workers)]
    processes = [
        subprocess.Popen([*command, "--name", f"worker-{n}"], stdout=subprocess.PIPE, text=True)
        for n in range(workers)
    ]
    printed = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise SystemExit("A worker failed.")
    return [overhead for text in printed for overhead in json.loads(text)]


def report(overheads: list[float], seconds: float, load: float) -> None:
    median, tenths = statistics.median(overheads), statistics.quantiles(overheads, n=10)
    print(
        f"{len(overheads)} trials: {1000 * median:.1f} ms a trial a worker at the median, "
        f"{1000 * tenths[-1]:.1f} ms at the 90th percentile, in {seconds:.0f} s; "
        f"load before {load:.1f}, after {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--storage", default="journal")
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=0.9, help="how long a trial takes")
    parser.add_argument("--folder", type=Path, help="where to make the run directory")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--name", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        print(json.dumps(work(options.work, options.name, options.seconds, options.workers)))
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        directory = create(Path(folder) / "run", options.storage, options.trials)
        load, begin = os.getloadavg()[0], time.perf_counter()
        overheads = measure(directory.path, options.workers, options.seconds)
        report(overheads, time.perf_counter() - begin, load)
        records = StudyStore(directory).records()
        assert len(records) == len(counted(records)) == options.trials
        assert sorted(record.index for record in records) == list(range(options.trials))
        remove_study(directory)


if __name__ == "__main__":
    main()
