"""Search tools for the simulated clock: what each would train next, and what it stops early."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from benchmarks.lenet_fashion import RECORDED
from benchmarks.recorded import recorded_space
from benchmarks.simulated_clock import Job
from hpsearch.search import Observation, expected_ends, make_sampler, observe
from hpsearch.search.pruning import make_pruner, peers_of, rungs_of
from hpsearch.storage import TrialRecord

EPOCHS = 8
MOST = 120  # trials of a search; one that has not met its target by then is not counted on


class KerasTuner:
    """An oracle of Keras Tuner over the choices that a user's `build` declares.

    `Hyperband` gives a trial its epochs; one that is promoted goes on from its checkpoint.

    Args:
        make: Makes the oracle of an objective, hyperparameters and a seed.
        seed: Of the oracle.
        folder: Where it keeps its files.
    """

    def __init__(self, make: Callable[..., Any], seed: int, folder: str) -> None:
        import keras_tuner

        hp = keras_tuner.HyperParameters()
        for name, values in RECORDED.items():
            hp.Choice(name, values, default=1e-3 if name == "learning_rate" else None)
        objective = keras_tuner.Objective("val_accuracy", "max")
        # 0 is no seed to Keras Tuner: it would draw one.
        self.oracle = make(objective=objective, hyperparameters=hp, seed=seed + 1)
        self.oracle._set_project_dir(folder, str(seed))  # noqa: SLF001
        self.oracle.verbose = 0

    def propose(self) -> Job | None:
        trial = self.oracle.create_trial("tuner")
        if trial.status == "STOPPED":
            return None
        values = trial.hyperparameters.values
        first, last = values.get("tuner/initial_epoch", 0), values.get("tuner/epochs", EPOCHS)
        return Job({name: values[name] for name in RECORDED}, first, last, trial)

    def stops(self, job: Job, shown: Sequence[float]) -> bool:
        return False

    def end(self, job: Job, shown: Sequence[float], *, is_stopped: bool) -> None:
        self.oracle.update_trial(job.key.trial_id, {"val_accuracy": max(shown)})
        job.key.status = "COMPLETED"
        self.oracle.end_trial(job.key)


class OptunaTpe:
    """Optuna's TPE with its Hyperband pruner; what is ordered is a number to it.

    Args:
        seed: Of the sampler.
    """

    def __init__(self, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        self.optuna = optuna
        self.study = optuna.create_study(
            direction="maximize",
            sampler=optuna.samplers.TPESampler(seed=seed),
            pruner=optuna.pruners.HyperbandPruner(min_resource=1, max_resource=EPOCHS),
        )
        self._left = MOST

    def propose(self) -> Job | None:
        if not self._left:
            return None
        self._left -= 1
        trial = self.study.ask()
        return Job({name: _suggested(trial, name) for name in RECORDED}, 0, EPOCHS, trial)

    def stops(self, job: Job, shown: Sequence[float]) -> bool:
        job.key.report(shown[-1], len(shown) - 1)  # from 0, as its callback
        return bool(job.key.should_prune())

    def end(self, job: Job, shown: Sequence[float], *, is_stopped: bool) -> None:
        state = self.optuna.trial.TrialState.PRUNED if is_stopped else None
        self.study.tell(job.key, None if is_stopped else max(shown), state=state)


def _suggested(trial: Any, name: str) -> Any:
    values = RECORDED[name]
    if isinstance(values[0], str):
        return trial.suggest_categorical(name, values)
    return values[trial.suggest_int(name, 0, len(values) - 1)]


class Hpsearch:
    """Our samplers and early stopping, as the workers of one study use them.

    Args:
        seed: The study's.
        algorithm: Name of a sampler.
        pruner: Name of a pruner.
    """

    def __init__(self, seed: int, algorithm: str = "bayesian", pruner: str = "median") -> None:
        self.sampler = make_sampler(algorithm, recorded_space(), seed=seed)
        self.pruner = make_pruner(pruner, rungs_of(pruner, EPOCHS), direction="maximize", seed=seed)
        self.records: list[TrialRecord] = []

    def propose(self) -> Job | None:
        number = len(self.records)
        proposal = self.sampler.propose(number, self._observations()) if number < MOST else None
        if proposal is None:
            return None
        record = TrialRecord(number, "running", proposal.params, index=number)
        self.records.append(replace(record, replicate_of=proposal.replicate_of))
        return Job(proposal.params, 0, EPOCHS, number)

    def _observations(self) -> list[Observation]:
        seen = [observe(record) for record in self.records]
        for number, value in expected_ends(self.records).items():
            seen[number] = replace(seen[number], value=value)
        return seen

    def stops(self, job: Job, shown: Sequence[float]) -> bool:
        epoch, best = len(shown), max(shown)
        if epoch not in self.pruner.rungs:
            return False
        own = self.records[job.key]
        self.records[job.key] = own = replace(own, rungs={**own.rungs, epoch: best})
        if own.replicate_of is not None:
            return False
        peers = peers_of(self.records, own.index, "val_accuracy")
        return self.pruner.is_pruned(own.index, epoch, best, peers)

    def end(self, job: Job, shown: Sequence[float], *, is_stopped: bool) -> None:
        own = self.records[job.key]
        state = "pruned" if is_stopped else "complete"
        history = {"val_accuracy": tuple(shown)}
        self.records[job.key] = replace(own, state=state, value=max(shown), history=history)
