"""The loop trains as a recipe says, and judges by the images as they are."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hpsearch.data import LoadedData, Part, Preprocessing
from hpsearch.errors import Infeasible, InputError
from hpsearch.models import lenet, mlp
from hpsearch.preparation import Augmentation, Preparation, Recipe
from hpsearch.spaces import Space

pytestmark = pytest.mark.slow

RANDOM = np.random.default_rng(0)
LABELS = np.array([0] * 20 + [1] * 8 + [2] * 4 + [0, 1, 2] * 4).astype(np.int64)
IMAGES = (RANDOM.random((44, 8, 8, 3)) * 120 + 60 * LABELS[:, None, None, None]).astype(np.uint8)
DESCRIBED = SimpleNamespace(image_shape=(8, 8, 3), num_classes=3, scaling="unit")
EVERYTHING = Recipe(mixup=0.4, cutmix=1.0, rebalance="smote", stored_copies=2)


def arrays(labels: Any = LABELS) -> Any:
    """Thirty-two images of unequal classes to train on and twelve to validate on."""
    from hpsearch.training.arrays import make_arrays

    parts = (Part(IMAGES[:32], labels[:32]), Part(IMAGES[32:], labels[32:]))
    return make_arrays(
        LoadedData(
            *parts,
            test=None,
            num_classes=3,
            class_names=("a", "b", "c"),
            fingerprint="",
            split={},
            source="made up",
            synthetic=False,
            preprocessing=Preprocessing("unit"),
        )
    )


def linear(recipe: Recipe, **options: Any) -> Any:
    import keras

    keras.utils.set_random_seed(1)
    return mlp(DESCRIBED, hidden_units=(), optimizer="sgd", recipe=recipe, **options)


def loop(model: Any, given: Any = None, batch_size: int = 64) -> Any:
    from hpsearch.training.loop import EpochLoop

    return EpochLoop(model, arrays() if given is None else given, batch_size, seed=3)


def losses_of(model: Any, x: Any, y: Any) -> Any:
    """The cross-entropy of each image, y being rows, before anything is trained."""
    probabilities = np.asarray(model(x))
    return -(np.asarray(y) * np.log(probabilities)).sum(axis=1)


def test_class_weights_weigh_the_loss_of_training_and_not_of_validation() -> None:
    """The loss of the only step of an epoch is the mean of w·l, with w = n / (k·n_c)."""
    model = linear(Recipe(rebalance="class_weights"))
    x, rows = (IMAGES / 255).astype("float32"), np.eye(3)[LABELS]
    each = losses_of(model, x, rows)
    weights = 32 / (3 * np.array([20, 8, 4]))[LABELS[:32]]
    given = loop(model)
    assert given.evaluate()["val_loss"] == pytest.approx(each[32:].mean(), rel=1e-5)
    assert given.train_epoch(0, seed=5)["loss"] == pytest.approx((weights * each[:32]).mean())


def test_an_oversampled_epoch_has_each_class_alike() -> None:
    """Sixty images; the loss is the mean over the repeated ones; the order follows from seed
    and epoch."""
    model = linear(Recipe(rebalance="oversample"))
    each = losses_of(model, (IMAGES[:32] / 255).astype("float32"), np.eye(3)[LABELS[:32]])
    given = loop(model)
    assert given.images_an_epoch == 60
    orders = {at: given._part.begin(*at) for at in ((5, 0), (5, 1), (6, 0))}
    for order in orders.values():
        assert np.bincount(LABELS[order]).tolist() == [20, 20, 20]
    np.testing.assert_array_equal(given._part.begin(5, 0), orders[5, 0])
    assert (orders[5, 0] != orders[5, 1]).any()
    assert (orders[5, 0] != orders[6, 0]).any()
    logs = given.train_epoch(0, seed=5)
    assert logs["loss"] == pytest.approx(each[orders[5, 0]].mean(), rel=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_mixed_batches_are_trained_on_and_original_ones_judged(smoothing: float) -> None:
    """The loss of the only step is that of mixtures, each with its own share."""
    from hpsearch.training.mixing import Mixing

    model = linear(Recipe(mixup=1.0), label_smoothing=smoothing)
    given, x = loop(model), (IMAGES / 255).astype("float32")
    rows = np.eye(3, dtype="float32")[LABELS]
    expected = losses_of(model, x, rows * (1 - smoothing) + smoothing / 3)[32:].mean()
    assert given.evaluate()["val_loss"] == pytest.approx(expected, rel=1e-5)
    mixing = Mixing(Recipe(mixup=1.0))
    mixing.begin(5, 0)
    order = np.random.default_rng([5, 0]).permutation(32)
    mixed_x, mixed_y = mixing(x[order], rows[order])
    expected = losses_of(model, mixed_x, mixed_y * (1 - smoothing) + smoothing / 3).mean()
    assert given.train_epoch(0, seed=5)["loss"] == pytest.approx(float(expected), rel=1e-5)


def test_weights_are_mixed_in_the_same_shares() -> None:
    """So a batch of one class weighs as without, and rows still sum up to 1."""
    import tensorflow as tf

    given = loop(linear(Recipe(mixup=1.0, rebalance="class_weights")))
    given._part.begin(5, 0)
    x, y, weights = given._part.batch(tf.constant(IMAGES[:32]), tf.constant(LABELS[:32]))
    assert (x.shape, y.shape) == ((32, 8, 8, 3), (32, 3))
    assert np.asarray(y).sum(axis=1) == pytest.approx(1.0)
    expected = np.asarray(y) @ (32 / (3 * np.array([20, 8, 4])))
    assert np.asarray(weights) == pytest.approx(expected, rel=1e-5)


def test_one_sigmoid_learns_shares_of_class_1() -> None:
    """Labels of two classes become floats between them, in the shape they had."""
    import tensorflow as tf

    described = SimpleNamespace(**vars(DESCRIBED) | {"problem": "binary", "num_classes": 2})
    model = mlp(described, hidden_units=(), recipe=Recipe(cutmix=1.0))
    given = loop(model, arrays(np.minimum(LABELS, 1)))
    given._part.begin(5, 0)
    _, y = given._part.batch(tf.constant(IMAGES[:32]), tf.constant(np.minimum(LABELS, 1)[:32]))
    assert y.shape == (32,)
    assert np.any((np.asarray(y) > 0) & (np.asarray(y) < 1))
    assert np.isfinite(given.train_epoch(0, seed=5)["loss"])


def test_class_numbers_cannot_be_mixed() -> None:
    """A loss that takes them is refused with what to take instead."""
    model = Recipe(mixup=0.2).attach(linear(Recipe()))
    with pytest.raises(InputError, match=r"takes class numbers.*categorical_crossentropy"):
        loop(model)


def test_a_model_of_ones_own_can_have_a_recipe() -> None:
    import keras

    layers = [keras.layers.Flatten(), keras.layers.Dense(3, "softmax")]
    model = keras.Sequential([keras.Input((8, 8, 3)), *layers])
    model.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
    logs = loop(Recipe(mixup=0.2, rebalance="oversample").attach(model)).train_epoch(0, seed=1)
    assert set(logs) == {"loss", "accuracy"}


def test_stored_copies_and_smote_add_images_and_leave_what_there_was() -> None:
    """Copies carry the labels of their images; then SMOTE makes all classes alike."""
    turned = Augmentation(rotation=20)
    copying = Recipe(stored_copies=2, augmentation=turned)
    given = arrays()
    part = loop(copying.attach(linear(Recipe())), given)._part
    assert part.num_images == 96
    np.testing.assert_array_equal(part.images[:32], given.x_train)
    np.testing.assert_array_equal(part.labels, np.tile(LABELS[:32], 3))
    both = Recipe(stored_copies=2, augmentation=turned, rebalance="smote")
    more = loop(both.attach(linear(Recipe())), given)._part
    assert np.bincount(more.labels).tolist() == [60, 60, 60]
    np.testing.assert_array_equal(more.images[:96], part.images)
    assert given.num_train == 32


def test_statistics_are_those_of_the_images_as_they_were() -> None:
    """Neither of copies nor of what SMOTE added."""
    preparation = Preparation(DESCRIBED, augmentation=Augmentation(brightness=0.9))
    models = [
        linear(recipe, preparation=preparation)
        for recipe in (Recipe(), Recipe(stored_copies=1, rebalance="smote"))
    ]
    offsets = [np.asarray(loop(m).model.get_layer("standardize").offset) for m in models]
    expected = (IMAGES[:32] / 255).mean(axis=(0, 1, 2))
    for offset in offsets:
        assert offset == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        (Recipe(stored_copies=3), r"96 stored copies beside 32 .* need .* KiB .*MEMORY"),
        (Recipe(rebalance="smote"), r"28 images of SMOTE beside 32 training images, as floats"),
    ],
)
def test_more_images_than_a_process_may_hold_are_infeasible(
    recipe: Recipe, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HPSEARCH_MEMORY", "20k")
    given = arrays()
    with pytest.raises(Infeasible, match=said):
        loop(linear(recipe), given)


@pytest.mark.parametrize("limit", ["1k", "60k"])
def test_memory_changes_nothing_of_a_recipe(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From disk, from bytes and from floats the same losses; copies cannot be added on disk."""
    copies = 0 if limit == "1k" else 1
    recipe = Recipe(mixup=0.3, cutmix=0.5, rebalance="oversample", stored_copies=copies)

    def history() -> list[float]:
        given = loop(linear(recipe), batch_size=7)
        return [given.train_epoch(epoch, seed=5)["loss"] for epoch in range(2)]

    plain = history()
    monkeypatch.setenv("HPSEARCH_MEMORY", limit)
    assert not arrays().is_prepared
    assert history() == pytest.approx(plain, rel=1e-6)


def trial(recipe: Recipe, resume: Any = None) -> tuple[Any, list[Any]]:
    """A trial of a small LeNet with augmentation and dropout, and the snapshots of its epochs."""
    from hpsearch.training.hyperparameters import LiveHyperParameters
    from hpsearch.training.process import clear
    from hpsearch.training.snapshot import take_snapshot
    from hpsearch.training.trial import TrialSettings, run_trial

    def build(hp: Any) -> Any:
        bright = Augmentation(brightness=0.2, cutout=0.1)
        preparation = Preparation(DESCRIBED, augmentation=bright)
        settings = {"filters": 2, "kernel_size": 3, "dense_units": 4, "dropout": 0.2}
        return lenet(DESCRIBED, preparation=preparation, recipe=recipe, **settings)

    clear()
    snapshots: list[Any] = []
    outcome = run_trial(
        build,
        LiveHyperParameters(Space(), {}),
        arrays(),
        TrialSettings(epochs=3, batch_size=16),
        seed=7,
        on_epoch=lambda progress: snapshots.append(take_snapshot(progress)),
        resume=resume,
    )
    return outcome, snapshots


def test_a_trial_with_everything_goes_on_as_if_it_had_not_been_stopped() -> None:
    """Mixing, copies and SMOTE follow from the seed: no snapshot holds anything of them."""
    whole, snapshots = trial(EVERYTHING)
    assert whole.state == "complete", whole.message
    assert set(whole.progress.history) >= {"loss", "accuracy", "val_loss", "val_accuracy"}
    resumed, later = trial(EVERYTHING, snapshots[0])
    assert resumed.progress.history == whole.progress.history
    for own, other in zip(
        later[-1].states[0].variables, snapshots[-1].states[0].variables, strict=True
    ):
        np.testing.assert_array_equal(own, other)


def test_a_fit_of_the_users_own_is_not_given_a_recipe() -> None:
    from hpsearch.training.own_fit import OwnTraining

    own = OwnTraining(lambda *a, **k: 0.5, linear(Recipe(mixup=0.1)), arrays(), 8)
    with pytest.raises(InputError, match=r"has a recipe, but .* fit of its own"):
        own.train(1, "val_accuracy", lambda logs: False)
