"""Phases: the head first, then the last blocks, and training behind a cut changes no result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from hpsearch.data import Preprocessing
from hpsearch.models.fine_tuning import FineTuning
from hpsearch.models.optimizers import Training
from hpsearch.preparation import Augmentation, Recipe
from hpsearch.spaces import Space
from hpsearch.training import behind_cut as cutting
from hpsearch.training.arrays import TrainingArrays
from hpsearch.training.behind_cut import (
    behind_cut,
    measured_gain,
    multiply_adds,
    usable_split,
)
from hpsearch.training.frozen_prefix import split
from hpsearch.training.hyperparameters import LiveHyperParameters
from hpsearch.training.loop import EpochLoop
from hpsearch.training.model_state import copy_variables
from hpsearch.training.progress import Progress
from hpsearch.training.snapshot import Snapshot, take_snapshot
from hpsearch.training.trial import Outcome, TrialSettings, run_trial

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.integers(0, 256, (60, 8, 8, 3), np.uint8)
LABELS = GENERATOR.integers(0, 3, 60).astype(np.int32)
SETTINGS = TrialSettings(epochs=4, batch_size=16)
HEAD_EPOCHS = 2


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of its own, and a probe that finds cuts worth it, whatever the machine is doing."""
    monkeypatch.setenv("HPSEARCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cutting, "measured_gain", lambda *_: 2.0)
    monkeypatch.setattr(cutting, "_GAINS", {})


def arrays() -> TrainingArrays:
    return TrainingArrays(
        tf.constant(IMAGES[:40]),
        tf.constant(LABELS[:40]),
        tf.constant(IMAGES[40:]),
        tf.constant(LABELS[40:]),
        Preprocessing("unit"),
    )


def network(_: Any = None) -> Any:
    """A frozen base of two convolutions, the later one unfrozen after two epochs, and a head."""
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(6, 3, activation="relu", name="early"),
            layers.Conv2D(6, 3, activation="relu", name="late"),
            layers.Flatten(name="flatten"),
            layers.Dropout(0.3, seed=3),
            layers.Dense(3, activation="softmax", name="dense"),
        ]
    )
    model.get_layer("early").trainable = model.get_layer("late").trainable = False
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fine_tuning = FineTuning(
        ("late",), HEAD_EPOCHS, Training(optimizer="rmsprop", learning_rate=1e-3)
    )
    return model


def trained(
    build: Callable[[Any], Any] = network,
    on_epoch: Callable[[Progress], None] = lambda _: None,
    resume: Snapshot | None = None,
    settings: TrialSettings = SETTINGS,
) -> Outcome:
    hp = LiveHyperParameters(Space(), {})
    outcome = run_trial(build, hp, arrays(), settings, 7, on_epoch, resume)
    assert outcome.state == "complete", outcome.message
    return outcome


@pytest.fixture
def uncut(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Outcome]:
    """A trial that trains the whole model."""

    def train() -> Outcome:
        with monkeypatch.context() as patch:
            patch.setattr(cutting, "usable_split", lambda *_: None)
            return trained()

    return train


def test_both_phases_behind_their_cuts_are_those_of_the_whole_model(
    uncut: Callable[[], Outcome],
) -> None:
    """Four epochs, the seam in the middle: every metric of every epoch, and the best weights."""
    whole, behind = uncut().progress, trained().progress
    assert behind.model is not behind.whole
    assert len(whole.model.weights) == len(whole.whole.weights)
    assert behind.seam == whole.seam == HEAD_EPOCHS
    for name, values in whole.history.items():
        assert behind.history[name] == pytest.approx(values, rel=1e-4), name
    for progress in (behind, whole):
        progress.complete_whole(with_optimizer=False)
    for ours, theirs in zip(behind.whole.get_weights(), whole.whole.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)


def test_the_base_changes_in_the_second_phase_only() -> None:
    late: list[Any] = []

    def look(progress: Progress) -> None:
        copy_variables(progress.model, progress.part)
        late.append(progress.whole.get_layer("late").kernel.numpy())

    trained(on_epoch=look)
    np.testing.assert_array_equal(late[0], late[1])
    assert np.abs(late[2] - late[1]).max() > 0


def test_the_best_epoch_of_the_first_phase_keeps_its_weights() -> None:
    """A second phase that ruins the model: what is saved is the head of the first."""

    def ruined(_: Any) -> Any:
        model = network()
        worse = Training(optimizer="sgd", learning_rate=30.0, clipvalue=1.0)
        model.fine_tuning = FineTuning(("late",), HEAD_EPOCHS, worse)
        return model

    heads: list[Any] = []

    def look(progress: Progress) -> None:
        copy_variables(progress.model, progress.part)
        heads.append(progress.whole.get_layer("dense").kernel.numpy())

    by_loss = replace(SETTINGS, objective="val_loss", direction="minimize")
    progress = trained(ruined, look, settings=by_loss).progress
    assert progress.best_epoch is not None
    assert progress.best_epoch <= HEAD_EPOCHS
    progress.complete_whole(with_optimizer=False)
    np.testing.assert_array_equal(
        progress.whole.get_layer("dense").kernel.numpy(), heads[progress.best_epoch - 1]
    )


@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_a_trial_goes_on_from_either_phase_as_if_nothing_had_happened(epochs: int) -> None:
    taken: list[Snapshot] = []
    whole = trained(on_epoch=lambda progress: taken.append(take_snapshot(progress)))
    again = trained(resume=taken[epochs - 1])
    assert again.progress.history == whole.progress.history
    for progress in (again.progress, whole.progress):
        progress.complete_whole(with_optimizer=False)
    for ours, theirs in zip(
        again.progress.whole.get_weights(), whole.progress.whole.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_head_epochs_leave_half_of_a_short_trial_to_the_second_phase() -> None:
    tuning = FineTuning(("late",), 5, Training())
    assert [tuning.first_epoch(epochs) for epochs in (2, 4, 9, 10, 40)] == [1, 2, 4, 5, 5]


@pytest.mark.parametrize(
    ("recipe", "is_cut"),
    [
        (Recipe(), True),
        (Recipe(rebalance="oversample"), True),
        (Recipe(rebalance="class_weights"), True),
        (Recipe(rebalance="smote"), True),
        (Recipe(mixup=0.2), False),
        (Recipe(stored_copies=2, augmentation=Augmentation(brightness=0.2)), True),
    ],
)
def test_recipes_that_mix_images_need_the_images(recipe: Recipe, is_cut: bool) -> None:
    assert (usable_split(recipe.attach(network()), arrays()) is not None) == is_cut


def test_augmented_copies_are_run_through_the_base_once() -> None:
    """40 images and two copies of each: 120 rows of features, the first 40 those of the images."""
    recipe = Recipe(stored_copies=2, augmentation=Augmentation(brightness=0.2))
    model = recipe.attach(network())
    timings: dict[str, float] = {}
    suffix, found = behind_cut(model, arrays(), 16, timings)
    assert suffix is not model
    assert found.num_train == 120
    assert suffix.recipe.stored_copies == 0
    plain = behind_cut(network(), arrays(), 16, timings)[1]
    assert plain.num_train == 40
    assert timings["features"] > 0


def test_copies_are_made_once_for_trials_that_want_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = []
    real = cutting.augmented_copies
    monkeypatch.setattr(
        cutting, "augmented_copies", lambda *a, **k: made.append(1) or real(*a, **k)
    )
    own = arrays()
    for count, brightness in ((2, 0.2), (2, 0.2), (2, 0.4), (1, 0.4)):
        recipe = Recipe(stored_copies=count, augmentation=Augmentation(brightness=brightness))
        behind_cut(recipe.attach(network()), own, 16, {})
    assert len(made) == 3


def test_smote_is_between_features_where_these_are_kept() -> None:
    """30 images of one class and 10 of another: 20 more, each between two rows of features."""
    model = Recipe(rebalance="smote").attach(network())
    labels = tf.constant([0] * 30 + [1] * 10, tf.int32)
    suffix, found = behind_cut(model, replace(arrays(), y_train=labels), 16, {})
    loop = EpochLoop(suffix, found, 16, seed=3)
    assert loop.images_an_epoch == 60
    assert np.isfinite(loop.train_epoch(0, seed=1)["loss"])


def test_where_a_cut_promises_little_a_probe_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the work is before the cut: training is 1 + 1/3 times as fast at best."""
    gains = iter([1.05, 1.3])
    monkeypatch.setattr(cutting, "measured_gain", lambda *_: next(gains))
    monkeypatch.setattr(cutting, "multiply_adds", lambda _: 1000)
    monkeypatch.setattr(cutting, "_GAINS", {})
    model = network()
    assert behind_cut(model, arrays(), 16, {})[0] is model
    assert behind_cut(model, arrays(), 16, {})[0] is model  # not measured again
    assert behind_cut(model, arrays(), 32, {})[0] is not model


def test_the_probe_changes_nothing() -> None:
    model = network()
    model.optimizer.build(model.trainable_variables)
    before = [own.numpy() for own in model.variables + model.optimizer.variables]
    found = split(model)
    assert found
    assert measured_gain(model, found, arrays(), 8) > 0
    for own, theirs in zip(model.variables + model.optimizer.variables, before, strict=True):
        np.testing.assert_array_equal(own, theirs)


def test_the_probe_follows_no_recipe() -> None:
    """Of the few images that it trains on a single one is of the second class."""
    recipe = Recipe(rebalance="smote")
    model = recipe.attach(network())
    found = split(model)
    assert found
    labels = tf.constant([1] + [0] * 30 + [1] * 9, tf.int32)
    assert measured_gain(model, found, replace(arrays(), y_train=labels), 8) > 0
    assert model.recipe is recipe


def test_layers_that_learn_statistics_are_not_fitted_by_a_probe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cutting, "promised_gain", lambda _: 2.0)
    early = layers.Conv2D(6, 3, trainable=False)
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), early, layers.Normalization(), layers.Flatten(), layers.Dense(3)]
    )
    model.compile("adam", loss="sparse_categorical_crossentropy")
    assert usable_split(model, arrays()) is not None
    assert behind_cut(model, arrays(), 16, {})[0] is model
    model.layers[1].adapt(np.random.default_rng(0).random((4, 6, 6, 6)))
    assert behind_cut(model, arrays(), 16, {})[0] is not model


def test_multiplications_of_a_network() -> None:
    """3×3×3×6 weights at 6×6 places, 3×3×6×6 at 4×4, and 96×3."""
    assert multiply_adds(network()) == 162 * 36 + 324 * 16 + 288
