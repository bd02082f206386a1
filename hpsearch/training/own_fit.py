"""Training by a `fit` of the user's own, as Keras Tuner's `HyperModel` may have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpsearch.errors import InputError
from hpsearch.preparation.normalization import fit_statistics
from hpsearch.preparation.recipe import NO_RECIPE, recipe_of
from hpsearch.training.arrays import TrainingArrays
from hpsearch.training.batch_form import built, form_for

AfterEpoch = Callable[[dict[str, float]], bool]
"""Called with the metrics of an epoch; true to end the training."""


def own_fit(space: Any) -> Callable[..., Any] | None:
    """The overridden `fit(hp, model, *args, **kwargs)` of a space or `HyperModel`, if any."""
    found: Callable[..., Any] | None = getattr(space, "fit", None)
    return found


@dataclass(frozen=True)
class OwnTraining:
    """A model with the function of the user's that trains it.

    Epochs are seen through a callback. Where `fit` does not pass the callbacks on, the metrics
    are taken from what it returns: a `History`, a dictionary of metrics, or a number, which is
    then the objective.

    Args:
        fit: The user's function, its `hp` given already.
        model: The compiled model.
        arrays: The data.
        batch_size: Images a step.
    """

    fit: Callable[..., Any]
    model: Any
    arrays: TrainingArrays
    batch_size: int

    def train(self, epochs: int, objective: str, after_epoch: AfterEpoch) -> None:
        """Call `fit` as Keras Tuner does, and hand over the metrics of each epoch.

        Args:
            epochs: Most epochs.
            objective: Name of the metric that a number stands for.
            after_epoch: Called after each epoch.

        Raises:
            TypeError: `fit` shows no metrics in any of these ways.
            InputError: The model has a recipe, which `fit` knows nothing of.
        """
        if recipe_of(self.model) != NO_RECIPE:
            raise InputError(
                "The model has a recipe, but the space trains by a fit of its own.",
                "Do in fit what the recipe asks for, or leave one of them out.",
            )
        callback, arrays = _make_callback(after_epoch), self.arrays
        form = form_for(built(self.model, arrays), arrays)
        images, labels = _drawn(arrays)
        fit_statistics(self.model, images, form.images)
        x, y = _whole(form, images, labels)
        result = self.fit(
            self.model, x, y,
            validation_data=_whole(form, arrays.x_validation, arrays.y_validation),
            epochs=epochs,
            batch_size=self.batch_size,
            callbacks=[callback],
            verbose=0,
        )  # fmt: skip
        if not callback.seen:
            for logs in _epochs_of(result, objective):
                after_epoch(logs)


def _drawn(arrays: TrainingArrays) -> tuple[Any, Any]:
    """The training images and labels, or those that were drawn from them."""
    if arrays.draw is None:
        return arrays.x_train, arrays.y_train
    import tensorflow as tf

    positions = arrays.positions(0)[0]
    return np.asarray(arrays.x_train)[positions], tf.gather(arrays.y_train, positions)


def _whole(form: Any, images: Any, labels: Any) -> tuple[Any, Any]:
    """All images and labels as arrays in the form the model takes."""
    import tensorflow as tf

    return form.images(tf.convert_to_tensor(np.asarray(images))).numpy(), form.labels(
        labels
    ).numpy()


def _make_callback(after_epoch: AfterEpoch) -> Any:
    import keras

    class EachEpoch(keras.callbacks.Callback):
        """Hands the metrics over and ends the training when asked to."""

        seen = 0

        def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            self.seen += 1
            if after_epoch({name: float(value) for name, value in (logs or {}).items()}):
                self.model.stop_training = True

    return EachEpoch()


def _epochs_of(result: Any, objective: str) -> list[dict[str, float]]:
    """The metrics of each epoch in what `fit` returned."""
    history = getattr(result, "history", None)
    if isinstance(history, Mapping) and history:
        length = min(len(values) for values in history.values())
        return [
            {name: float(values[epoch]) for name, values in history.items()}
            for epoch in range(length)
        ]
    if isinstance(result, Mapping) and result:
        return [{name: float(value) for name, value in result.items()}]
    if isinstance(result, int | float | np.floating) and not isinstance(result, bool):
        return [{objective: float(result)}]
    raise TypeError(
        f"fit(hp, model, …) returned {type(result).__name__} and did not pass its callbacks on to "
        "model.fit; expected the History of model.fit, a dictionary of metrics or a number."
    )
