"""Stock tuners on tuning tables: which configuration each would choose after so many trials."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tuning_tables import Table

from hpsearch.spaces import Parameter, Value


@dataclass
class Run:
    """The trials of one search.

    Args:
        params: The configurations in order.
        values: What each showed.
        seconds: How long all proposals took together.
        chosen: Number of trials → what the tuner would choose then, where that is not simply
            the trial with the best value.
    """

    params: list[dict[str, Value]] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    seconds: float = 0.0
    chosen: dict[int, dict[str, Value]] = field(default_factory=dict)

    def choice_at(self, trials: int) -> dict[str, Value]:
        """What the tuner would choose after so many trials."""
        if trials in self.chosen:
            return self.chosen[trials]
        return self.params[int(np.argmax(self.values[:trials]))]


Peer = Callable[[Table, int, int], Run]


def optuna_peer(make_sampler: Callable[[int], Any]) -> Peer:
    """A peer that runs an Optuna sampler; numbers are positions on their own scale."""

    def search(table: Table, trials: int, seed: int) -> Run:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        generator = np.random.default_rng([seed, 1])
        run = Run()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            study = optuna.create_study(direction="maximize", sampler=make_sampler(seed))
            for _ in range(trials):
                started = time.perf_counter()
                trial = study.ask()
                params = {p.name: p.value_at(_suggest(trial, p)) for p in table.space}
                run.seconds += time.perf_counter() - started
                value = table.draw(params, generator)
                study.tell(trial, value)
                run.params.append(params)
                run.values.append(value)
        return run

    return search


def _suggest(trial: Any, parameter: Parameter) -> int:
    count = parameter.num_values or 1
    if parameter.is_ordered:
        return int(trial.suggest_int(parameter.name, 0, count - 1))
    return int(trial.suggest_categorical(parameter.name, list(range(count))))


def _random(seed: int) -> Any:
    import optuna

    return optuna.samplers.RandomSampler(seed=seed)


def _tpe(seed: int) -> Any:
    import optuna

    return optuna.samplers.TPESampler(seed=seed)


def _cmaes(seed: int) -> Any:
    import optuna

    return optuna.samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False)


def keras_tuner_bayesian(table: Table, trials: int, seed: int, folder: str) -> Run:
    """Keras Tuner's `BayesianOptimizationOracle`; numbers are positions on their own scale."""
    import keras_tuner
    from keras_tuner.src.engine import trial as trials_module

    generator = np.random.default_rng([seed, 1])
    hyperparameters = keras_tuner.HyperParameters()
    for parameter in table.space:
        count = parameter.num_values or 1
        if parameter.is_ordered:
            hyperparameters.Int(parameter.name, 0, count - 1)
        else:
            hyperparameters.Choice(parameter.name, [str(i) for i in range(count)])
    oracle = keras_tuner.oracles.BayesianOptimizationOracle(
        keras_tuner.Objective("score", "max"),
        max_trials=trials,
        seed=seed + 1,
        hyperparameters=hyperparameters,
    )
    oracle._set_project_dir(folder, f"{table.name}-{seed}".replace("/", "-"))  # noqa: SLF001
    run = Run()
    for _ in range(trials):
        started = time.perf_counter()
        trial = oracle.create_trial("tuner")
        run.seconds += time.perf_counter() - started
        params = {
            p.name: p.value_at(int(trial.hyperparameters.values[p.name])) for p in table.space
        }
        value = table.draw(params, generator)
        oracle.update_trial(trial.trial_id, {"score": value})
        trial.status = trials_module.TrialStatus.COMPLETED
        oracle.end_trial(trial)
        run.params.append(params)
        run.values.append(value)
    return run


PEERS: dict[str, Peer] = {
    "random": optuna_peer(_random),
    "Optuna TPE": optuna_peer(_tpe),
    "Optuna CMA-ES": optuna_peer(_cmaes),
}
