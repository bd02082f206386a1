"""`OptunaOracle`: our search as a `keras_tuner.Oracle`, for any stock Keras Tuner tuner."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import Any

import keras_tuner

from hpsearch.errors import InputError
from hpsearch.interop.conversion import space_from_hyperparameters
from hpsearch.search import ALGORITHMS, Observation, Sampler, draw_value, make_sampler
from hpsearch.spaces import Grid, Parameter, Space, Value, finest_grid, make_grid
from hpsearch.training.hyperparameters import LiveHyperParameters

logger = logging.getLogger(__name__)

RUNNING, STOPPED, COMPLETED = "RUNNING", "STOPPED", "COMPLETED"


class OptunaOracle(keras_tuner.Oracle):
    """Asks hpsearch's samplers for the trials of a stock Keras Tuner tuner.

    Beyond the stock oracles: a failed trial is a point to keep away from, a grid includes both
    ends of every range and keeps its place on resume, `seed=0` is a seed, and a hyperparameter
    that a build meets for the first time gets its value from the sampler and is in the trial's
    hyperparameters. Keras Tuner offers no way to do the last for a worker that talks to its
    oracle over the network; such a worker gets the default, which is recorded.

    Args:
        objective: Name of a metric, a `keras_tuner.Objective`, or a list of them; as in
            `keras_tuner.Oracle`.
        max_trials: Most trials to run, failed ones counted and second tries not; None for no
            limit.
        algorithm: `bayesian`, `random`, `sobol`, `grid` or `cmaes`.
        seed: Seed of the proposals; None draws one. The same seed and results give the same
            trials.
        hyperparameters: Hyperparameters declared in advance, which override those of the build.
        grid_points: For `grid`: most values of an ordered hyperparameter, 2 or more. None
            takes as many as `max_trials` can pay, or 5 where that has no limit.
        allow_new_entries: Whether the build may ask for hyperparameters not declared before.
        tune_new_entries: Whether those are searched; if not, they keep their defaults.
        max_retries_per_trial: How often a failed trial is tried again.
        max_consecutive_failed_trials: Failures in a row that stop the search. Stock oracles
            stop at 3, which a space with an infeasible half does once in 8 trials.

    Raises:
        InputError: There is no such algorithm, or `grid_points` is below 2.
    """

    def __init__(
        self,
        objective: Any = None,
        max_trials: int | None = 10,
        *,
        algorithm: str = "bayesian",
        seed: int | None = None,
        hyperparameters: keras_tuner.HyperParameters | None = None,
        grid_points: int | None = None,
        allow_new_entries: bool = True,
        tune_new_entries: bool = True,
        max_retries_per_trial: int = 0,
        max_consecutive_failed_trials: int = 10,
    ) -> None:
        if algorithm not in ALGORITHMS:
            raise InputError(f"No algorithm '{algorithm}'.", f"Use one of {', '.join(ALGORITHMS)}.")
        if grid_points is not None and grid_points < 2:
            raise InputError(f"grid_points is {grid_points}.", "Give 2 or more.")
        super().__init__(
            objective=objective,
            max_trials=max_trials,
            hyperparameters=hyperparameters,
            allow_new_entries=allow_new_entries,
            tune_new_entries=tune_new_entries,
            seed=seed,
            max_retries_per_trial=max_retries_per_trial,
            max_consecutive_failed_trials=max_consecutive_failed_trials,
        )
        if seed is not None:
            self.seed = seed  # the base class takes 0 for none
        self.algorithm = algorithm
        self.grid_points = grid_points
        self._sampler: Sampler | None = None

    @property
    def space(self) -> Space:
        """What is known of the space so far."""
        return space_from_hyperparameters(self.hyperparameters)

    def create_trial(self, tuner_id: str) -> Any:
        """A trial to run, whose hyperparameters answer for names they have not met before.

        Raises:
            InputError: The budget cannot pay a grid with both ends of every range.
        """
        if self.algorithm == "grid" and not self.trials:
            self._check_grid()  # not under Keras Tuner's lock, which an error leaves locked
        return self._create_trial(tuner_id)

    @keras_tuner.synchronized
    def _create_trial(self, tuner_id: str) -> Any:
        trial = super().create_trial(tuner_id)
        if trial.status == RUNNING and not isinstance(trial.hyperparameters, LiveHyperParameters):
            trial.hyperparameters = self._live(trial)
        return trial

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """The values of a new trial, or the end where every configuration has been tried."""
        values = self._propose(len(self.trials))
        return {"status": STOPPED} if values is None else {"status": RUNNING, "values": values}

    def get_state(self) -> dict[str, Any]:
        """Everything a later process needs, as JSON; the trials have files of their own."""
        return {**super().get_state(), "algorithm": self.algorithm}

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from `get_state`, with the algorithm this oracle was made with.

        The base class saves a trial's end before it strikes it off those under way, so that a
        search killed just then would run a finished trial again.
        """
        super().set_state(state)
        known = {*self.end_order, *self._retry_queue}
        for tuner_id, trial_id in state["ongoing_trials"].items():
            if trial_id in known:
                self.ongoing_trials.pop(tuner_id)
        if state["algorithm"] != self.algorithm:
            logger.warning("Continuing %s search with %s.", state["algorithm"], self.algorithm)

    def _propose(self, index: int) -> dict[str, Value] | None:
        proposal = self._current_sampler().propose(index, self._observations())
        return None if proposal is None else proposal.params

    def _current_sampler(self) -> Sampler:
        """The sampler of the space as known now; a new one where the space has grown.

        It does not repeat configurations on purpose: stock tuners choose by the best value.
        """
        space = self.space
        if self._sampler is None or self._sampler.space != space:
            self._sampler = make_sampler(
                self.algorithm,
                space,
                seed=self.seed,
                direction="maximize" if self.objective.direction == "max" else "minimize",
                grid=self._grid(space) if self.algorithm == "grid" else None,
                replicates=False,
            )
        return self._sampler

    def _observations(self) -> list[Observation]:
        # By the order of ends: a tuner sets the status of its trial before it ends it.
        ended = set(self.end_order)
        return [_observe(self.trials[name], name in ended) for name in self.start_order]

    def _grid(self, space: Space) -> Grid:
        if self.grid_points is not None or self.max_trials is None:
            return make_grid(space, self.grid_points or 5)
        # Coarser than the budget pays only where the space has grown since the first trial.
        return finest_grid(space, self.max_trials) or make_grid(space, 2)

    def _check_grid(self) -> None:
        size = len(self._grid(self.space))
        if self.grid_points is None and self.max_trials is not None and size > self.max_trials:
            raise InputError(
                f"The smallest grid has {size} points and max_trials is {self.max_trials}.",
                "Raise max_trials, fix hyperparameters, or give grid_points to search a part.",
            )

    def _record_values(self, trial: Any) -> None:
        """As the base class, which loses the value of a name declared under two scopes."""
        hyperparameters = trial.hyperparameters
        values = dict(hyperparameters.values)
        super()._record_values(trial)
        kept = {name: value for name, value in values.items() if hyperparameters.is_active(name)}
        hyperparameters.values.update(kept)

    def _live(self, trial: Any) -> LiveHyperParameters:
        """The trial's hyperparameters, with values for what the build has yet to declare."""
        stock = trial.hyperparameters
        space = space_from_hyperparameters(stock)
        live = LiveHyperParameters(space, stock.values, self._drawing(int(trial.trial_id)))
        live.merge(stock, overwrite=False)
        return live

    def _drawing(self, index: int) -> Callable[[Parameter], Value]:
        """Chooses values in one trial; holds no oracle, for hyperparameters may be copied."""
        if not self.tune_new_entries:
            return lambda parameter: parameter.default_value
        seed = self.seed
        return lambda parameter: draw_value(parameter, parameter.label, seed, index)


def _observe(trial: Any, ended: bool) -> Observation:
    """What a sampler learns from a Keras Tuner trial; one to be tried again has not ended."""
    params = dict(trial.hyperparameters.values)
    if not ended:
        return Observation(params, None, "running")
    if trial.status != COMPLETED or not math.isfinite(trial.score):
        return Observation(params, None, "avoid")
    return Observation(params, float(trial.score), "complete")
