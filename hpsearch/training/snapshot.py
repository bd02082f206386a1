"""`Snapshot`: everything that the rest of a trial depends on, after one of its epochs."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpsearch.training.progress import Progress


class SnapshotRefused(Exception):
    """The snapshot is of another model than the one it should be put into."""


@dataclass(frozen=True)
class Snapshot:
    """A trial after an epoch, as plain values; nothing in it changes as training goes on.

    Args:
        history: Metric name → value after each epoch.
        best_value: Objective at the best epoch so far.
        best_epoch: That epoch, from 1.
        best_weights: The weights after that epoch; None if it is the last one, whose weights
            are among the variables.
        timings: Seconds by phase.
        variables: Weights, states of the random layers, the optimizer's moments and counters.
        random_states: States of Python's and NumPy's own generators, as JSON.
    """

    history: Mapping[str, Sequence[float]]
    best_value: float | None
    best_epoch: int | None
    best_weights: Sequence[Any] | None
    timings: Mapping[str, float]
    variables: Sequence[Any]
    random_states: Mapping[str, Any]

    @property
    def epochs(self) -> int:
        """Number of epochs trained."""
        return max((len(values) for values in self.history.values()), default=0)

    def restore(self, progress: Progress) -> None:
        """Put the model and what is known of the trial where they were after that epoch.

        Args:
            progress: Of the same trial, its model built and traced; history and timings of a
                trial that has not trained yet.

        Raises:
            SnapshotRefused: The variables of the model are others.
        """
        own = state_variables(progress.model)
        _check_fit(own, self.variables)
        for variable, value in zip(own, self.variables, strict=True):
            variable.assign(value)
        progress.history = {name: list(values) for name, values in self.history.items()}
        progress.best_value, progress.best_epoch = self.best_value, self.best_epoch
        progress.best_weights = _best_weights(progress.model, self.best_weights)
        for phase, seconds in self.timings.items():
            progress.timings[phase] = progress.timings.get(phase, 0.0) + seconds
        set_random_states(self.random_states)


def take_snapshot(progress: Progress) -> Snapshot:
    """Copy the state of a trial between two epochs.

    Args:
        progress: A trial that has trained a model for at least one epoch.
    """
    best_is_last = progress.best_epoch == progress.epochs
    return Snapshot(
        {name: tuple(values) for name, values in progress.history.items()},
        progress.best_value,
        progress.best_epoch,
        None if best_is_last else progress.best_weights,
        dict(progress.timings),
        [variable.numpy() for variable in state_variables(progress.model)],
        random_states(),
    )


def state_variables(model: Any) -> list[Any]:
    """What an epoch changes, in an order that depends on the builder only.

    `variables` has the seed generators of the layers, which `get_weights` leaves out. Layers
    that call `keras.random` without a seed share one generator that belongs to no layer.
    Metrics are left out: they begin every epoch anew.
    """
    from keras.src.backend.common import global_state
    from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR

    shared = global_state.get_global_attribute(GLOBAL_SEED_GENERATOR)
    return [
        *model.variables,
        *model.optimizer.variables,
        *([shared.state] if shared is not None else []),
    ]


def random_states() -> dict[str, Any]:
    """The states of Python's and NumPy's generators, for code that an epoch calls in Python."""
    version, numbers, gauss = random.getstate()
    legacy: Any = np.random.get_state()  # noqa: NPY002  (the state that layers may draw from)
    return {
        "python": [version, list(numbers), gauss],
        "numpy": [legacy[0], legacy[1].tolist(), *legacy[2:]],
    }


def set_random_states(states: Mapping[str, Any]) -> None:
    """The inverse of `random_states`."""
    version, numbers, gauss = states["python"]
    random.setstate((version, tuple(numbers), gauss))
    kind, keys, *rest = states["numpy"]
    np.random.set_state((kind, np.array(keys, np.uint32), *rest))  # noqa: NPY002


def _best_weights(model: Any, kept: Sequence[Any] | None) -> list[Any]:
    """The kept weights, those of the model itself where its last epoch is the best one."""
    weights: list[Any] = model.get_weights()
    if kept is None:
        return weights
    _check_fit(weights, kept)
    return list(kept)


def _check_fit(own: Sequence[Any], values: Sequence[Any]) -> None:
    """Refuse values whose number, shapes or types are others."""
    expected = [(tuple(v.shape), _dtype(v)) for v in own]
    found = [(tuple(v.shape), _dtype(v)) for v in values]
    if expected != found:
        raise SnapshotRefused(
            f"it holds {len(found)} arrays, the model {len(expected)}"
            if len(expected) != len(found)
            else "its arrays have other shapes or types than those of the model"
        )


def _dtype(array: Any) -> str:
    return str(getattr(array.dtype, "name", array.dtype))  # Keras has texts, NumPy objects
