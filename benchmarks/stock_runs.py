"""One process of a stock tool, or of a bare training loop, on configurations that are given.

`throughput.py` starts it with a JSON file of what to do and reads what it leaves in another:

    python -m benchmarks.stock_runs job.json

It trains as a user of the tool would; hpsearch is only asked for the space, where that is one of
its own.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from benchmarks.optuna_journal import Suggesting, optuna_study

Job = dict[str, Any]
Arrays = tuple[tuple[Any, Any], tuple[Any, Any]]


def builder(space: str) -> Any:
    """`build(hp)` of a space."""
    if space == "lenet_fashion":
        from benchmarks.lenet_fashion import build

        return build
    from hpsearch.spaces import load_space

    return load_space(space).space


def arrays(file: str) -> Arrays:
    """Images to train and to validate on, in [0, 1] where they are stored as bytes."""
    with np.load(file, allow_pickle=False) as data:
        parts = [(data[f"x_{part}"], data[f"y_{part}"]) for part in ("train", "val")]
    return tuple((_scaled(x), y.astype(np.int32)) for x, y in parts)  # type: ignore[return-value]


def _scaled(images: Any) -> Any:
    images = images[..., None] if images.ndim == 3 else images
    return images.astype(np.float32) / 255 if images.dtype == np.uint8 else images


class EpochTimes(keras.callbacks.Callback):
    """Notes when each epoch began and ended; `fit` validates inside of an epoch."""

    seconds: list[list[float]] = []  # noqa: RUF012  (Keras Tuner copies callbacks; one list for all)

    def on_train_begin(self, logs: Any = None) -> None:
        self.seconds.append([])

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.seconds[-1].append(time.perf_counter() - self._began)


def keras_tuner_run(job: Job) -> list[dict[str, Any]]:
    """Stock `RandomSearch`, whose oracle hands out the configurations instead of drawing them."""
    import keras_tuner

    class Given(keras_tuner.oracles.RandomSearchOracle):
        def populate_space(self, trial_id: str) -> dict[str, Any]:
            values = job["configurations"][int(trial_id)]
            return {"status": "RUNNING", "values": dict(values)}

    train, validation = arrays(job["data"])
    options = {"directory": job["folder"], "project_name": "search"}
    tuner = keras_tuner.RandomSearch(
        builder(job["space"]),
        objective="val_accuracy",
        max_trials=len(job["configurations"]),
        seed=job["seed"],
        **options,
    )
    tuner.oracle.__class__ = Given  # the tuner and its oracle are as `RandomSearch` makes them
    job["began"] = time.time()
    tuner.search(
        *train,
        validation_data=validation,
        epochs=job["epochs"],
        batch_size=job["batch_size"],
        callbacks=[EpochTimes()],
        verbose=0,
    )
    trials = sorted(tuner.oracle.trials.values(), key=lambda trial: int(trial.trial_id))
    return [
        {"number": number, "score": trial.score, "epochs": seconds}
        for number, (trial, seconds) in enumerate(zip(trials, EpochTimes.seconds, strict=True))
    ]


def pruning_callback(trial: Any) -> Any:
    """What `optuna_integration.KerasPruningCallback` does, which is not installed here."""
    import optuna

    class Pruning(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            trial.report(float(logs["val_accuracy"]), step=epoch)
            if trial.should_prune():
                raise optuna.TrialPruned

    return Pruning()


def optuna_run(job: Job) -> list[dict[str, Any]]:
    """A process that trains what is waiting in a study that another may be working on, too."""
    import optuna

    study = optuna_study(job)
    build, (train, validation) = builder(job["space"]), arrays(job["data"])
    done: list[dict[str, Any]] = []

    def objective(trial: Any) -> float:
        keras.backend.clear_session()
        model = build(Suggesting(trial))
        history = model.fit(
            *train,
            validation_data=validation,
            epochs=job["epochs"],
            batch_size=job["batch_size"],
            callbacks=[EpochTimes(), pruning_callback(trial)],
            verbose=0,
        )
        score = max(history.history["val_accuracy"])
        entry = {"number": trial.number, "score": score, "epochs": EpochTimes.seconds[-1]}
        done.append(entry)
        return float(score)

    def stop_at_the_end(study: Any, _: Any) -> None:
        if not study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.WAITING,)):
            study.stop()

    job["began"] = time.time()
    study.optimize(objective, callbacks=[stop_at_the_end])
    return [entry for entry in done if entry["number"] < len(job["configurations"])]


def bare_run(job: Job) -> list[dict[str, Any]]:
    """Nothing but steps: one compiled epoch for each architecture, traced before time is taken."""
    import keras_tuner

    from benchmarks.bare_loop import BareLoop

    if job["precision"] != "float32":
        keras.config.set_dtype_policy(job["precision"])
    data, build = arrays(job["data"]), builder(job["space"])
    own = job["configurations"][job["process"] :: job["processes"]]
    loops: dict[str, BareLoop] = {}
    structures = [json.dumps(structure(values), sort_keys=True) for values in own]
    for name, values in zip(structures, own, strict=True):
        if name not in loops:
            hp = keras_tuner.HyperParameters()
            hp.values = dict(values)
            loops[name] = BareLoop(build(hp), *data, job["batch_size"])
            loops[name].epoch()
    _wait_for_others(job)
    job["began"] = time.time()
    return [
        {"number": number, "score": None, "epochs": [loops[name].epoch() for _ in job["range"]]}
        for number, name in enumerate(structures)
    ]


def _wait_for_others(job: Job) -> None:
    """Until every process has traced, so that the time taken is that of steps alone."""
    folder = Path(job["folder"])
    (folder / f"ready-{job['process']}").touch()
    while len(list(folder.glob("ready-*"))) < job["processes"]:
        time.sleep(0.05)


def structure(values: dict[str, Any]) -> dict[str, Any]:
    """What changes the graph: everything but numbers that can be assigned."""
    assigned = ("learning_rate", "l2", "dropout", "momentum", "initializer")
    return {
        name: value
        for name, value in values.items()
        if not name.endswith(assigned) and name != "batch_size"
    }


RUNS = {"keras_tuner": keras_tuner_run, "optuna": optuna_run, "bare": bare_run}


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text())
    job["range"] = list(range(job["epochs"]))
    if "threads" in job:
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(job["threads"])
        tf.config.threading.set_inter_op_parallelism_threads(1)
    keras.utils.set_random_seed(job["seed"])
    trials = RUNS[job["tool"]](job)
    found = {"began": job["began"], "ended": time.time(), "trials": trials}
    Path(job["out"]).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
