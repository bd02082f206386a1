"""Real searches of stock tools and of hpsearch, until an epoch meets the target.

`time_to_target.py --real` runs them; a stock search is a process of its own:

    python -m benchmarks.real_searches job.json
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.configurations import BATCH
from hpsearch.errors import HpsearchError
from hpsearch.storage import load

HERE = Path(__file__).parent
SPACE = f"{HERE / 'lenet_fashion.py'}:build_recorded"
EPOCHS = 8
TRIALS = 120
POLL_SECONDS = 0.5


def hpsearch_search(job: dict[str, Any]) -> float | None:
    """Seconds from the command to the end of the first trial that met the target."""
    study = Path(job["folder"]) / "study"
    command = [sys.executable, "-m", "hpsearch", "coarse", "--space", SPACE, "--data", job["data"]]
    command += ["--algorithm", job["tool"].split()[1], "--trials", str(TRIALS)]
    command += ["--epochs", str(EPOCHS), "--batch-size", str(BATCH), "--workers", "2"]
    command += ["--seed", str(job["seed"]), "--out", str(study)]
    began = time.time()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        time.sleep(POLL_SECONDS)
        if _has_met(study, job["target"]):
            seconds = time.time() - began
            process.send_signal(signal.SIGINT)
            process.wait()
            return seconds
    return None


def _has_met(study: Path, target: float) -> bool:
    try:
        best = load(study).best
    except HpsearchError:  # not there yet
        return False
    return best is not None and best.value is not None and best.value >= target


def stock_search(job: dict[str, Any]) -> float | None:
    """Seconds from the command to the end of the epoch that met the target."""
    folder, count = Path(job["folder"]), 2 if job["tool"].startswith("Optuna") else 1
    began, running = time.time(), []
    for number in range(count):
        file = folder / f"job-{number}.json"
        own = {"seed": job["seed"] + 1000 * number, "found": str(folder / "found")}
        file.write_text(json.dumps({**job, **own}))
        command = [sys.executable, "-m", "benchmarks.real_searches", str(file)]
        running.append(subprocess.Popen(command, cwd=HERE.parent, stderr=subprocess.DEVNULL))
    while not (folder / "found").exists() and any(process.poll() is None for process in running):
        time.sleep(POLL_SECONDS)
    seconds = time.time() - began
    for process in running:
        process.terminate()
        process.wait()
    return seconds if (folder / "found").exists() else None


def search_until_met(job: dict[str, Any]) -> None:
    """What a process of a stock tool does; it leaves a file when the target is met."""
    import keras

    from benchmarks.lenet_fashion import build_recorded
    from benchmarks.stock_runs import arrays

    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if logs["val_accuracy"] >= job["target"]:
                Path(job["found"]).touch()
                os._exit(0)

    keras.utils.set_random_seed(job["seed"] + 1)
    train, validation = arrays(job["data"])
    fit = {"validation_data": validation, "batch_size": BATCH, "verbose": 0}
    if job["tool"].startswith("Optuna"):
        _optuna(job, build_recorded, train, fit, Watch)
    else:
        _keras_tuner(job, build_recorded, train, fit, Watch)


def _keras_tuner(
    job: dict[str, Any], build: Any, train: Sequence[Any], fit: dict[str, Any], watch: Any
) -> None:
    import keras_tuner

    name = job["tool"].split()[-1]
    own = {"max_epochs": EPOCHS, "hyperband_iterations": TRIALS}
    options: dict[str, Any] = own if name == "Hyperband" else {"max_trials": TRIALS}
    options |= {"directory": job["folder"], "seed": job["seed"] + 1}
    tuner = getattr(keras_tuner, name)(build, objective="val_accuracy", **options)
    tuner.search(*train, epochs=EPOCHS, callbacks=[watch()], **fit)


def _optuna(
    job: dict[str, Any], build: Any, train: Sequence[Any], fit: dict[str, Any], watch: Any
) -> None:
    import keras
    import optuna

    from benchmarks.optuna_journal import Suggesting, optuna_study
    from benchmarks.stock_runs import pruning_callback

    pruner = optuna.pruners.HyperbandPruner(min_resource=1, max_resource=EPOCHS)
    study = optuna_study(job, pruner=pruner, sampler=optuna.samplers.TPESampler(seed=job["seed"]))

    def objective(trial: Any) -> float:
        keras.backend.clear_session()
        callbacks = [watch(), pruning_callback(trial)]
        model = build(Suggesting(trial))
        history = model.fit(*train, epochs=EPOCHS, callbacks=callbacks, **fit)
        return float(max(history.history["val_accuracy"]))

    study.optimize(objective, n_trials=TRIALS)


if __name__ == "__main__":
    search_until_met(json.loads(Path(sys.argv[1]).read_text()))
