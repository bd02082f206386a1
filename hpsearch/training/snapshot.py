"""`Snapshot`: everything that the rest of a trial depends on, after one of its epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpsearch.training.model_state import ModelState, state_variables
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
            are in the state.
        fold_values: The objective of each fold after that epoch; empty without folds.
        timings: Seconds by phase.
        states: What training has changed, of each fold; one in all without folds.
    """

    history: Mapping[str, Sequence[float]]
    best_value: float | None
    best_epoch: int | None
    best_weights: Sequence[Any] | None
    fold_values: Sequence[float]
    timings: Mapping[str, float]
    states: Sequence[ModelState]

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
            SnapshotRefused: The variables of the model are others, or the number of folds.
        """
        if len(self.states) != max(1, len(progress.fold_states)):
            raise SnapshotRefused("it is of another number of folds")
        for state in self.states:
            _check_fit(state_variables(progress.model), state.variables)
        progress.fold_states[:] = self.states if progress.fold_states else ()
        self.states[0].put_into(progress.model)
        progress.history = {name: list(values) for name, values in self.history.items()}
        progress.best_value, progress.best_epoch = self.best_value, self.best_epoch
        progress.best_weights = _best_weights(progress.model, self.best_weights)
        progress.fold_values = tuple(self.fold_values)
        for phase, seconds in self.timings.items():
            progress.timings[phase] = progress.timings.get(phase, 0.0) + seconds


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
        progress.fold_values,
        dict(progress.timings),
        tuple(progress.fold_states) or (ModelState.of(progress.model),),
    )


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
