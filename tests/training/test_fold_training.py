"""Folds train in lockstep, each as if there were no others."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
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


def model() -> Any:
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
    return made


def plain(rate: Any = None) -> Any:
    """A dense layer with Adam, traced at once."""
    import keras

    layers = [keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")]
    made = keras.Sequential([keras.layers.Input((6, 6, 1)), *layers])
    made.compile(
        keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    made.learning_rate = rate
    return made


def train(arrays: Any, builder: Any = plain, epochs: int = EPOCHS, **changes: Any) -> Any:
    """The outcome of a trial."""
    from hpsearch.training.hyperparameters import LiveHyperParameters
    from hpsearch.training.process import clear
    from hpsearch.training.trial import TrialSettings, run_trial

    clear()
    return run_trial(
        lambda hp: builder(),
        LiveHyperParameters(Space(), {}),
        arrays,
        TrialSettings(epochs=epochs, batch_size=20),
        seed=SEED,
        **changes,
    )


@dataclass(frozen=True)
class Trained:
    """A trial with everything that could be kept of it after each epoch."""

    outcome: Any
    snapshots: list[Any]
    weights: list[Any]

    @property
    def history(self) -> Any:
        return self.outcome.progress.history


def followed(arrays: Any) -> Trained:
    """A trial of the model with the most state."""
    from hpsearch.training.snapshot import take_snapshot

    snapshots: list[Any] = []
    weights: list[Any] = []

    def after_epoch(progress: Any) -> None:
        snapshots.append(take_snapshot(progress))
        weights.append(progress.model.get_weights())

    return Trained(train(arrays, model, on_epoch=after_epoch), snapshots, weights)


@pytest.fixture(scope="module")
def pool(arrays: Any) -> Any:
    """The arrays in folds."""
    return folded(arrays)


@pytest.fixture(scope="module")
def together(pool: Any) -> Trained:
    """All folds trained in lockstep."""
    return followed(pool)


@pytest.fixture(scope="module")
def alone(pool: Any) -> list[Trained]:
    """Each fold trained as a trial of a single division."""
    return [followed(single(pool, fold)) for fold in pool.folds]


def test_what_is_reported_is_the_mean_over_single_trials(
    together: Trained, alone: list[Trained]
) -> None:
    """Every metric of every epoch is the mean of those of three trials that know of no folds."""
    assert together.outcome.state == "complete"
    assert set(together.history) == set(alone[0].history)
    for name, values in together.history.items():
        each = [trained.history[name] for trained in alone]
        np.testing.assert_allclose(values, np.mean(each, axis=0), rtol=1e-4, err_msg=name)
    losses = [trained.history["loss"] for trained in alone]
    assert np.ptp(losses, axis=0).min() > 0.001  # folds differ, so a mix-up would show


def test_the_best_epoch_is_that_of_the_mean(together: Trained, alone: list[Trained]) -> None:
    """Its value is the mean at one epoch for all; the values of the folds there are kept."""
    progress = together.outcome.progress
    means = np.mean([trained.history["val_accuracy"] for trained in alone], axis=0)
    assert progress.best_epoch == int(np.argmax(means)) + 1
    assert progress.best_value == pytest.approx(means.max(), rel=1e-4)
    each = [trained.history["val_accuracy"][progress.best_epoch - 1] for trained in alone]
    assert progress.fold_values == pytest.approx(each, rel=1e-4)


def test_the_model_kept_is_that_of_the_first_fold(together: Trained, alone: list[Trained]) -> None:
    """At the best epoch of the mean its weights are those of the first fold trained alone."""
    progress = together.outcome.progress
    distances = [
        sum(
            float(np.abs(kept - own).sum())
            for kept, own in zip(
                progress.best_weights, trained.weights[progress.best_epoch - 1], strict=True
            )
        )
        for trained in alone
    ]
    assert distances[0] < 0.01
    assert min(distances[1:]) > 0.1


def test_statistics_are_those_of_the_fold(arrays: Any) -> None:
    """Each fold is prepared by its own offset: as a single division with that preprocessing."""
    given = [Preprocessing("standardize", (0.5 * k,), (1.0 + k,)) for k in range(NUM_FOLDS)]
    pool = folded(arrays, given)
    losses = train(pool, epochs=2).progress.history["val_loss"]
    each = [train(single(pool, fold), epochs=2).progress.history["val_loss"] for fold in pool.folds]
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

    outcome = train(pool, lambda: plain(Recorded(0.02)))
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


def test_what_follows_a_snapshot_is_what_would_have_followed(pool: Any, together: Trained) -> None:
    """All folds go on from where they were: the same curve and weights to the bit."""
    resumed = train(pool, model, resume=together.snapshots[1]).progress
    whole = together.outcome.progress
    assert resumed.history == whole.history
    assert resumed.fold_values == whole.fold_values
    for own, other in zip(resumed.best_weights, whole.best_weights, strict=True):
        np.testing.assert_array_equal(own, other)
    for own, other in zip(resumed.fold_states, whole.fold_states, strict=True):
        for value, expected in zip(own.variables, other.variables, strict=True):
            np.testing.assert_array_equal(value, expected)


def test_a_snapshot_of_another_number_of_folds_is_refused(together: Trained) -> None:
    """One of three folds is none of a single division."""
    from hpsearch.training.progress import Progress
    from hpsearch.training.snapshot import SnapshotRefused

    with pytest.raises(SnapshotRefused, match="number of folds"):
        together.snapshots[0].restore(Progress(model=plain()))


def fitted(images: Any) -> tuple[Any, Any]:
    """The folds of images, and what the model's standardizing layer learnt for each of them."""
    from hpsearch.data import LoadedData, Part
    from hpsearch.data.folds import with_folds
    from hpsearch.models import mlp
    from hpsearch.preparation import Preparation
    from hpsearch.training.arrays import make_arrays
    from hpsearch.training.fold_training import FoldTraining
    from hpsearch.training.loop import EpochLoop
    from hpsearch.training.model_state import state_variables

    labels = np.arange(30) % 2
    parts = [Part(images[:20], labels[:20]), Part(images[20:], labels[20:])]
    data = LoadedData(
        *parts, None, 2, ("a", "b"), "", {}, "made up", synthetic=False,
        preprocessing=Preprocessing("unit"),
    )  # fmt: skip
    data = with_folds(data, NUM_FOLDS, seed=0)
    described = SimpleNamespace(image_shape=(6, 6, 1), num_classes=2, scaling="unit")
    built = mlp(described, hidden_units=(), preparation=Preparation(described))
    states = FoldTraining(EpochLoop(built, make_arrays(data), 8)).states
    offset = built.get_layer("standardize").offset
    place = [variable is offset for variable in state_variables(built)].index(True)
    return data, [state.variables[place][0] for state in states]


def test_layers_learn_from_the_training_images_of_each_fold() -> None:
    """Each fold's mean is that of its own training images, by NumPy."""
    images = np.random.default_rng(0).integers(0, 256, (30, 6, 6, 1), dtype=np.uint8)
    data, means = fitted(images)
    pool = np.concatenate([np.asarray(part.images) for part in (data.train, data.validation)])
    expected = [pool[fold.train].mean() / 255 for fold in data.folds]
    assert means == pytest.approx(expected, rel=1e-5)
    assert np.ptp(expected) > 1e-4


def test_layers_never_see_what_a_fold_validates_on() -> None:
    """White images change the mean of the folds that train on them, and only of those."""
    images = np.random.default_rng(0).integers(0, 100, (30, 6, 6, 1), dtype=np.uint8)
    data, before = fitted(images)
    poisoned = images.copy()
    poisoned[5] = 255
    _, after = fitted(poisoned)
    pool = np.concatenate([np.asarray(part.images) for part in (data.train, data.validation)])
    where = next(place for place, image in enumerate(pool) if (image == images[5]).all())
    for fold, own, other in zip(data.folds, before, after, strict=True):
        assert (own == other) == (where in fold.validation)


def test_statistics_that_would_be_in_the_graph_are_refused(pool: Any) -> None:
    """Keras's own layer has them there: the message says what to do instead."""
    import keras

    from hpsearch.errors import InputError
    from hpsearch.training.fold_training import FoldTraining
    from hpsearch.training.loop import EpochLoop

    layers = [keras.layers.Normalization(), keras.layers.Flatten(), keras.layers.Dense(2)]
    learning = keras.Sequential([keras.layers.Input((6, 6, 1)), *layers])
    learning.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    with pytest.raises(InputError, match="learns mean and variance") as error:
        FoldTraining(EpochLoop(learning, pool, 8))
    assert "standardize" in error.value.hint


@pytest.mark.parametrize("rebalance", ["none", "oversample", "smote"])
def test_a_fold_is_fed_with_its_own_training_images_and_what_was_made_of_them(
    rebalance: str,
) -> None:
    """Copies and blends are as dark as what they are made of: a fold never sees its bright ones."""
    from hpsearch.models import mlp
    from hpsearch.preparation import Augmentation, Recipe
    from hpsearch.training.arrays import TrainingArrays
    from hpsearch.training.loop import EpochLoop

    labels = np.array([0] * 14 + [1] * 7)
    place = np.arange(21) % NUM_FOLDS
    shades = np.array([0, 100, 200])[place].astype(np.uint8)
    images = np.zeros((21, 6, 6, 1), np.uint8) + shades[:, None, None, None]
    import tensorflow as tf

    x, y = tf.constant(images), tf.constant(labels, tf.int32)
    folds = tuple(
        Fold(np.flatnonzero(place != k), np.flatnonzero(place == k), Preprocessing("unit"))
        for k in range(NUM_FOLDS)
    )
    arrays = TrainingArrays(x, y, x, y, Preprocessing("unit"), folds=folds)
    described = SimpleNamespace(image_shape=(6, 6, 1), num_classes=2, scaling="unit")
    turned = Augmentation(flip="horizontal")
    recipe = Recipe(stored_copies=1, rebalance=rebalance, augmentation=turned)
    loop = EpochLoop(recipe.attach(mlp(described, hidden_units=())), arrays, 8, seed=3)
    for fold, absent in enumerate([0, 100, 200]):
        loop.use(fold)
        order = loop._part.begin(seed=5, epoch=0)
        fed = np.asarray(tf.gather(loop._part.images, order)).mean(axis=(1, 2, 3))
        fed = fed if rebalance != "smote" else fed * 255
        assert len(order) == loop._part.num_images
        counts = np.bincount(np.asarray(loop._part.labels)[order])
        assert counts.sum() >= 28
        assert rebalance == "none" or counts[0] == counts[1]
        seen = {shade for shade in (0, 100, 200) if np.any(np.abs(fed - shade) < 0.5)}
        assert absent not in seen
        assert len(seen) == 2
        blends = (fed < 200.5) & (fed > -0.5)
        assert blends.all()


def test_each_fold_weighs_classes_by_its_own_images() -> None:
    """n / (k·n_c) of the images that the fold trains on, in one graph for all folds."""
    import tensorflow as tf

    from hpsearch.models import mlp
    from hpsearch.preparation import Recipe
    from hpsearch.training.arrays import TrainingArrays
    from hpsearch.training.loop import EpochLoop

    labels = np.array([0, 0, 0, 0, 1, 1])
    x = tf.zeros((6, 6, 6, 1))
    y = tf.constant(labels, tf.int32)
    given = [np.array([0, 1, 2, 4]), np.array([0, 4, 5])]
    folds = tuple(Fold(own, np.array([3]), Preprocessing("unit")) for own in given)
    arrays = TrainingArrays(x, y, x, y, Preprocessing("unit"), is_prepared=True, folds=folds)
    described = SimpleNamespace(image_shape=(6, 6, 1), num_classes=2, scaling="unit")
    model = mlp(described, hidden_units=(), recipe=Recipe(rebalance="class_weights"))
    loop = EpochLoop(model, arrays, 8)
    expected = ([4 / (2 * 3), 4 / (2 * 1)], [3 / (2 * 1), 3 / (2 * 2)])
    for fold, weights in enumerate(expected):
        loop.use(fold)
        *_, own = loop._part.batch(x[:2], tf.constant([0, 1]))
        assert np.asarray(own) == pytest.approx(weights)
