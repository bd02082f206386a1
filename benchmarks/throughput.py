"""How many trials a minute: stock tools, hpsearch and a bare loop train the same configurations.

    python -m benchmarks.throughput --images fashion_mnist.npz
    python -m benchmarks.throughput --space gtsrb_lenet

40 configurations × 3 epochs × batches of 64, three runs of each tool in turn, about 30 minutes
on 2 cores. Each run is written to `results/throughput.json` as soon as it has ended; the same
command goes on. `--trials 12` is for trying out.
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
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.configurations import BATCH, configurations
from benchmarks.fashion_subset import write_subset
from hpsearch.stages.arithmetic import arithmetic_of
from hpsearch.stages.provenance import provenance
from hpsearch.storage import TrialRecord, load

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "throughput.json"
EPOCHS = 3
PROCESSES = 2
SPACES = {"lenet_fashion": f"{HERE / 'lenet_fashion.py'}:build", "gtsrb_lenet": "gtsrb_lenet"}
Entry = dict[str, Any]


def job(space: str, trials: int, seed: int, folder: Path, data: Path) -> Entry:
    """What a process is told."""
    return {
        "space": space,
        "configurations": configurations(space, trials),
        "epochs": EPOCHS,
        "batch_size": BATCH,
        "seed": seed,
        "folder": str(folder),
        "data": str(data.absolute()),
    }


def run_processes(work: Entry, folder: Path, count: int) -> Entry:
    """Run some processes of `stock_runs.py` on one job; seconds and the trials of all of them."""
    started, running, files = time.time(), [], []
    for number in range(count):
        files.append(folder / f"found-{number}.json")
        own = {**work, "process": number, "processes": count, "out": str(files[-1])}
        own["seed"] = work["seed"] + 1000 * number
        (folder / f"job-{number}.json").write_text(json.dumps(own))
        command = [
            sys.executable,
            "-m",
            "benchmarks.stock_runs",
            str(folder / f"job-{number}.json"),
        ]
        running.append(_started(command, work))
    if any(process.wait() for process in running):
        raise SystemExit(f"A run of {work['tool']} failed; its job is {folder / 'job-0.json'}.")
    seconds = time.time() - started
    found = [json.loads(file.read_text()) for file in files]
    training = max(own["ended"] for own in found) - min(own["began"] for own in found)
    trials = sorted((t for own in found for t in own["trials"]), key=lambda t: t["number"])
    return {"seconds": seconds, "training_seconds": training, "trials": trials}


def _started(command: list[str], work: Entry) -> subprocess.Popen[bytes]:
    """A process with the threads of the job, or as many as its tool takes of itself."""
    own = {"OMP_NUM_THREADS": str(work["threads"])} if "threads" in work else {}
    environment = {**os.environ, **own}
    return subprocess.Popen(command, cwd=HERE.parent, env=environment, stderr=subprocess.DEVNULL)


def keras_tuner_run(work: Entry, folder: Path) -> Entry:
    return run_processes({**work, "tool": "keras_tuner"}, folder, 1)


def optuna_run(work: Entry, folder: Path) -> Entry:
    """Two processes on one journal file; to write the given points into it is not counted."""
    from benchmarks.optuna_journal import optuna_study

    study = optuna_study(work)
    for values in work["configurations"]:
        study.enqueue_trial({k: v for k, v in values.items() if k != "batch_size"})
    return run_processes({**work, "tool": "optuna"}, folder, PROCESSES)


def bare_run(precision: str) -> Callable[[Entry, Path], Entry]:
    def run(work: Entry, folder: Path) -> Entry:
        own = {**work, "tool": "bare", "precision": precision, "threads": 1}
        return run_processes(own, folder, PROCESSES)

    return run


def hpsearch_run(precision: str) -> Callable[[Entry, Path], Entry]:
    """`hpsearch coarse --try` with these points and no more."""

    def run(work: Entry, folder: Path) -> Entry:
        points = folder / "points.json"
        points.write_text(json.dumps(work["configurations"]))
        arguments = ["--space", SPACES[work["space"]], "--try", str(points)]
        if work["space"] == "lenet_fashion":
            arguments += ["--data", work["data"]]
        arguments += ["--trials", str(len(work["configurations"])), "--epochs", str(work["epochs"])]
        arguments += ["--batch-size", str(work["batch_size"]), "--workers", str(PROCESSES)]
        arguments += ["--algorithm", "random", "--pruner", "none", "--precision", precision]
        arguments += ["--seed", str(work["seed"])]
        return run_hpsearch(arguments, folder / "study")

    return run


def run_hpsearch(arguments: list[str], study: Path) -> Entry:
    """Run `hpsearch coarse` and read what it recorded of its trials."""
    command = [sys.executable, "-m", "hpsearch", "coarse", *arguments, "--out", str(study)]
    began = time.time()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.time() - began
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
    view = load(study)
    return {
        "seconds": seconds,
        "training_seconds": between(view.trials),
        "precision": asdict(arithmetic_of(view)),
        "trials": [trial_of(record) for record in sorted(view.trials, key=lambda r: r.index)],
    }


def trial_of(record: TrialRecord) -> Entry:
    """What is kept of a trial of ours."""
    return {
        "number": record.index,
        "score": record.value,
        "num_epochs": record.epochs,
        "seconds": record.seconds,
        "timings": dict(record.timings),
        "reused": record.reused,
    }


def between(records: Sequence[TrialRecord]) -> float:
    """Seconds from the start of the first trial to the end of the last one."""
    starts = [datetime.fromisoformat(record.started).timestamp() for record in records]
    ends = [s + (record.seconds or 0.0) for s, record in zip(starts, records, strict=True)]
    return max(ends) - min(starts)


TOOLS: dict[str, Callable[[Entry, Path], Entry]] = {
    "Keras Tuner": keras_tuner_run,
    "Optuna": optuna_run,
    "hpsearch float32": hpsearch_run("float32"),
    "hpsearch auto": hpsearch_run("auto"),
    "bare float32": bare_run("float32"),
    "bare bfloat16": bare_run("mixed_bfloat16"),
}


def write_signs(target: Path, seed: int) -> None:
    """The built-in signs, split and prepared as `hpsearch coarse --seed` has them."""
    import numpy as np

    from hpsearch.spaces import load_space

    data = load_space("gtsrb_lenet").space.dataset.load(None, seed=seed)
    prepare, parts = data.preprocessing.apply, {"train": data.train, "val": data.validation}
    images = {f"x_{name}": prepare(np.asarray(part.images)) for name, part in parts.items()}
    classes = {f"y_{name}": np.asarray(part.labels) for name, part in parts.items()}
    np.savez(target, **images, **classes)  # type: ignore[arg-type]


def measure(options: argparse.Namespace, results: dict[str, Any], scratch: Path) -> None:
    """Every run that is not known yet, the tools in turn."""
    data = scratch / "data.npz"
    if options.space == "lenet_fashion":
        write_subset(options.images, data)
    for run in range(options.runs):
        if options.space == "gtsrb_lenet":
            write_signs(data, run)
        for tool in options.tools:
            key = f"{options.space} | {options.trials} | {tool} | {run}"
            if key in results:
                continue
            folder = scratch / "run"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            busy = os.getloadavg()[0]
            found = TOOLS[tool](job(options.space, options.trials, run, folder, data), folder)
            results[key] = {**found, "load": busy, "made_on": provenance("benchmarks.throughput")}
            options.results.write_text(json.dumps(results, indent=1) + "\n")
            seconds = f"{found['seconds']:.0f} s, {found['training_seconds']:.0f} s of trials"
            print(f"{key}: {seconds}, load {busy:.1f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, help="npz of Fashion-MNIST")
    parser.add_argument("--space", choices=list(SPACES), default="lenet_fashion")
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tools", nargs="+", choices=list(TOOLS), default=list(TOOLS))
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    if options.space == "lenet_fashion" and options.images is None:
        parser.error("--images is needed for lenet_fashion")
    results = json.loads(options.results.read_text()) if options.results.exists() else {}
    with tempfile.TemporaryDirectory() as scratch:
        measure(options, results, Path(scratch))


if __name__ == "__main__":
    main()
