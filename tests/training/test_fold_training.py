"""Folds train in lockstep, each as if there were no others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hpsearch.data import Fold, Preprocessing
from hpsearch.spaces import Space

pytestmark = pytest.mark.slow
NUM_FOLDS, EPOCHS, SEED = 3, 4, 7


def folded(arrays: Any, preprocessing: Any = None) -> Any:
    """The images of both parts in three folds of every third image, the last ones left out."""
    import tensorflow as tf

    from hpsearch.training.arrays import TrainingArrays

    x = tf.concat([arrays.x_train, arrays.x_validation], 0)
    y = tf.concat([arrays.y_train, arrays.y_validation], 0)
    place = np.arange(len(y)) % NUM_FOLDS
    given = preprocessing or [Preprocessing("none")] * NUM_FOLDS
    folds = tuple(
        Fold(np.flatnonzero(place != k), np.flatnonzero(place == k), given[k])
        for k in range(NUM_FOLDS)
    )
    return TrainingArrays(x, y, x, y, given[0], is_prepared=preprocessing is None, folds=folds)


def single(arrays: Any, fold: Fold) -> Any:
    """One fold as a single division."""
    import tensorflow as tf

    from hpsearch.training.arrays import TrainingArrays

    parts = [
        tf.gather(held, positions)
        for positions in (fold.train, fold.validation)
        for held in (arrays.x_train, arrays.y_train)
    ]
    return TrainingArrays(*parts, fold.preprocessing, arrays.is_prepared)


def model(rate: Any = None) -> Any:
    """Everything whose state must be kept apart: augmentation, dropout, batch statistics, Adam."""
    import keras

    made = keras.Sequential(
        [
            keras.layers.Input((6, 6, 1)),
            keras.layers.RandomTranslation(0.2, 0.2),
            keras.layers.Conv2D(4, 3),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.4),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    made.compile(
        keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    if rate is not None:
        made.learning_rate = rate
    return made


def train(arrays: Any, **changes: Any) -> Any:
    """The outcome of a trial."""
    from hpsearch.training.hyperparameters import LiveHyperParameters
    from hpsearch.training.process import clear
    from hpsearch.training.trial import TrialSettings, run_trial

    clear()
    rate = changes.pop("rate", None)
    settings = {"epochs": EPOCHS, "batch_size": 20} | changes.pop("settings", {})
    return run_trial(
        lambda hp: model(rate),
        LiveHyperParameters(Space(), {}),
        arrays,
        TrialSettings(**settings),
        seed=SEED,
        **changes,
    )


@pytest.fixture(scope="module")
def pool(arrays: Any) -> Any:
    """The arrays in folds."""
    return folded(arrays)


@pytest.fixture(scope="module")
def together(pool: Any) -> Any:
    """All folds trained in lockstep."""
    return train(pool)


@pytest.fixture(scope="module")
def alone(pool: Any) -> list[Any]:
    """Each fold trained as a trial of a single division."""
    return [train(single(pool, fold)) for fold in pool.folds]


def test_what_is_reported_is_the_mean_over_single_trials(together: Any, alone: list[Any]) -> None:
    """Every metric of every epoch is the mean of those of three trials that know of no folds."""
    assert together.state == "complete"
    assert set(together.progress.history) == set(alone[0].progress.history)
    for name, values in together.progress.history.items():
        each = [outcome.progress.history[name] for outcome in alone]
        np.testing.assert_allclose(values, np.mean(each, axis=0), rtol=1e-4, err_msg=name)
    losses = [outcome.progress.history["loss"] for outcome in alone]
    assert np.ptp(losses, axis=0).min() > 0.001  # folds differ, so a mix-up would show


def test_the_best_epoch_is_that_of_the_mean(together: Any, alone: list[Any]) -> None:
    """Its value is the mean at one epoch for all; the values of the folds there are kept."""
    progress = together.progress
    means = np.mean([outcome.progress.history["val_accuracy"] for outcome in alone], axis=0)
    assert progress.best_epoch == int(np.argmax(means)) + 1
    assert progress.best_value == pytest.approx(means.max(), rel=1e-4)
    at = progress.best_epoch - 1
    each = [outcome.progress.history["val_accuracy"][at] for outcome in alone]
    assert progress.fold_values == pytest.approx(each, rel=1e-4)


def test_the_model_kept_is_that_of_the_first_fold(pool: Any) -> None:
    """With one epoch its weights are those of the first fold trained alone, not of the others."""
    kept = train(pool, settings={"epochs": 1}).progress.best_weights
    each = [
        train(single(pool, fold), settings={"epochs": 1}).progress.best_weights
        for fold in pool.folds
    ]
    distances = [
        sum(float(np.abs(a - b).sum()) for a, b in zip(kept, own, strict=True) if a.ndim)
        for own in each
    ]
    assert distances[0] < 1e-3
    assert min(distances[1:]) > 0.1


def test_statistics_are_those_of_the_fold(arrays: Any) -> None:
    """Each fold is prepared by its own offset: as a single division with that preprocessing."""
    given = [Preprocessing("standardize", (0.5 * k,), (1.0 + k,)) for k in range(NUM_FOLDS)]
    pool = folded(arrays, given)
    losses = train(pool, settings={"epochs": 2}).progress.history["val_loss"]
    each = [
        train(single(pool, fold), settings={"epochs": 2}).progress.history["val_loss"]
        for fold in pool.folds
    ]
    np.testing.assert_allclose(losses, np.mean(each, axis=0), rtol=1e-4)


def test_a_pruned_trial_stops_all_folds(pool: Any) -> None:
    """It is judged once an epoch, and no fold trains on."""
    from hpsearch.training.trial import Pruned

    seen: list[int] = []

    def stop(progress: Any) -> None:
        seen.append(progress.epochs)
        if progress.epochs == 2:
            raise Pruned

    outcome = train(pool, on_epoch=stop)
    assert (outcome.state, seen, outcome.progress.epochs) == ("pruned", [1, 2], 2)
    assert len(outcome.progress.fold_values) == NUM_FOLDS


def test_the_learning_rate_falls_by_the_mean_curve(pool: Any) -> None:
    """All folds have the rate that the mean curve asks for, set anew in each fold's optimizer."""
    from hpsearch.models.schedules import LearningRate

    seen: list[tuple[int, tuple[float, ...]]] = []

    class Recorded(LearningRate):  # type: ignore[misc]
        def at(self, epoch: int, num_epochs: int, history: Any) -> float:
            seen.append((epoch, tuple(history.get("loss", ()))))
            return 0.02 / (epoch + 1)

    outcome = train(pool, rate=Recorded(0.02))
    losses = outcome.progress.history["loss"]
    expected = [(e, tuple(losses[:e])) for e in range(EPOCHS) for _ in range(NUM_FOLDS)]
    assert seen == expected
    rates = [
        float(state.variables[place])
        for state in outcome.progress.fold_states
        for place in [_place_of_rate(outcome.progress.model)]
    ]
    assert rates == pytest.approx([0.02 / EPOCHS] * NUM_FOLDS)


def _place_of_rate(trained: Any) -> int:
    from hpsearch.training.model_state import state_variables

    rate = trained.optimizer._learning_rate
    return [variable is rate for variable in state_variables(trained)].index(True)


def test_what_follows_a_snapshot_is_what_would_have_followed(pool: Any) -> None:
    """All folds go on from where they were: the same curve and weights to the bit."""
    from hpsearch.training.snapshot import take_snapshot

    snapshots: list[Any] = []
    whole = train(pool, on_epoch=lambda progress: snapshots.append(take_snapshot(progress)))
    for epochs in (1, 3):
        resumed = train(pool, resume=snapshots[epochs - 1])
        assert resumed.progress.history == whole.progress.history
        assert resumed.progress.fold_values == whole.progress.fold_values
        for own, other in zip(
            resumed.progress.best_weights, whole.progress.best_weights, strict=True
        ):
            np.testing.assert_array_equal(own, other)


def test_a_snapshot_of_another_number_of_folds_is_refused(pool: Any, arrays: Any) -> None:
    """One of a single division is none of a trial with folds."""
    from hpsearch.training.snapshot import SnapshotRefused, take_snapshot

    snapshots: list[Any] = []
    train(arrays, on_epoch=lambda progress: snapshots.append(take_snapshot(progress)))
    with pytest.raises(SnapshotRefused, match="number of folds"):
        train(pool, resume=snapshots[0])
