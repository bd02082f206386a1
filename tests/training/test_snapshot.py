"""A trial that goes on from a snapshot in another process ends as one that was never stopped."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from hpsearch.spaces import Space
from tests.training.conftest import build as build_other

pytestmark = pytest.mark.slow
EPOCHS = 5


def random_model(optimizer: Any) -> Any:
    """Everything that draws or remembers: augmentation, dropout, noise, batch statistics."""
    import keras
    import tensorflow as tf

    def from_python(x: Any) -> Any:
        return x + np.float32(0.1 * np.random.normal() + 0.1 * random.random())  # noqa: NPY002

    class PythonNoise(keras.layers.Layer):  # type: ignore[misc]
        def call(self, x: Any, training: bool = False) -> Any:
            noisy = tf.numpy_function(from_python, [x], tf.float32) if training else x
            return tf.ensure_shape(noisy, x.shape)

    class UnseededNoise(keras.layers.Layer):  # type: ignore[misc]
        def call(self, x: Any, training: bool = False) -> Any:
            return x + 0.1 * keras.random.normal(keras.ops.shape(x)) if training else x

    model = keras.Sequential(
        [
            keras.layers.Input((6, 6, 1)),
            keras.layers.RandomTranslation(0.2, 0.2),
            UnseededNoise(),
            PythonNoise(),
            keras.layers.Conv2D(4, 3),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.4),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def adam(hp: Any) -> Any:
    """Adam, whose moments are corrected by the number of steps so far."""
    import keras

    return random_model(keras.optimizers.Adam(0.02))


def momentum(hp: Any) -> Any:
    """Momentum, a rate that falls with the steps, averaged weights."""
    import keras

    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.9)
    return random_model(keras.optimizers.SGD(rate, momentum=0.9, use_ema=True))


def train(arrays: Any, builder: Any, **changes: Any) -> tuple[Any, list[Any]]:
    """The outcome of a trial, and the snapshots after its epochs."""
    from hpsearch.training.hyperparameters import LiveHyperParameters
    from hpsearch.training.process import clear
    from hpsearch.training.snapshot import take_snapshot
    from hpsearch.training.trial import TrialSettings, run_trial

    clear()
    snapshots: list[Any] = []
    outcome = run_trial(
        builder,
        LiveHyperParameters(Space(), {}),
        arrays,
        TrialSettings(epochs=EPOCHS, batch_size=20, patience=changes.pop("patience", None)),
        seed=7,
        on_epoch=lambda progress: snapshots.append(take_snapshot(progress)),
        **changes,
    )
    return outcome, snapshots


@pytest.mark.parametrize("builder", [adam, momentum])
def test_what_follows_a_snapshot_is_what_would_have_followed(arrays: Any, builder: Any) -> None:
    """History, best epoch and the very weights are the same from whichever epoch it goes on."""
    whole, snapshots = train(arrays, builder)
    for epochs in (1, 3):
        resumed, later = train(arrays, builder, resume=snapshots[epochs - 1])
        assert len(later) == EPOCHS - epochs
        assert resumed.progress.history == whole.progress.history
        assert resumed.progress.best_epoch == whole.progress.best_epoch
        for own, other in zip(
            resumed.progress.best_weights, whole.progress.best_weights, strict=True
        ):
            np.testing.assert_array_equal(own, other)
        for own, other in zip(
            later[-1].states[0].variables, snapshots[-1].states[0].variables, strict=True
        ):
            np.testing.assert_array_equal(own, other)


def test_patience_counts_the_epochs_before_the_snapshot(arrays: Any) -> None:
    """With weights that never change, patience 2 ends after epoch 3, resumed after 2 or after 3."""

    def frozen(hp: Any) -> Any:
        model = build_other(hp)
        model.optimizer.learning_rate = 0.0
        return model

    whole, snapshots = train(arrays, frozen, patience=2)
    assert whole.progress.epochs == 3
    for snapshot in snapshots[1:]:
        resumed, _ = train(arrays, frozen, patience=2, resume=snapshot)
        assert resumed.progress.epochs == 3
        assert resumed.progress.history == whole.progress.history


def test_a_snapshot_does_not_change_as_training_goes_on(arrays: Any) -> None:
    """It holds copies: the first one still is of the first epoch when the trial has ended."""
    outcome, snapshots = train(arrays, adam)
    assert [snapshot.epochs for snapshot in snapshots] == [1, 2, 3, 4, 5]
    assert list(snapshots[0].history["loss"]) == outcome.progress.history["loss"][:1]
    assert any(
        (first != last).any()
        for first, last in zip(
            snapshots[0].states[0].variables, snapshots[-1].states[0].variables, strict=True
        )
    )


def test_times_of_all_attempts_add_up(arrays: Any) -> None:
    """A phase has the seconds of the attempts before the snapshot, and those after it."""
    from dataclasses import replace

    _, snapshots = train(arrays, adam)
    earlier = replace(snapshots[1], timings={"build": 100.0, "trace": 200.0, "train": 300.0})
    timings = train(arrays, adam, resume=earlier)[0].progress.timings
    assert 100.0 < timings["build"] < 150.0
    assert timings["trace"] >= 200.0
    assert 300.0 < timings["train"] < 350.0


def test_a_snapshot_of_another_model_is_refused(arrays: Any) -> None:
    """Nothing is assigned that does not fit; the trial does not become a failure."""
    from hpsearch.training.snapshot import SnapshotRefused

    _, snapshots = train(arrays, adam)
    with pytest.raises(SnapshotRefused, match="arrays"):
        train(arrays, build_other, resume=snapshots[0])
