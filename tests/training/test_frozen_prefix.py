"""The frozen part: found where it ends, and training behind it is training of the whole model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from hpsearch.data import Preprocessing
from hpsearch.models.dropout_layers import StochasticDropout
from hpsearch.training.arrays import TrainingArrays
from hpsearch.training.feature_keys import prefix_digest
from hpsearch.training.feature_store import FeatureStore
from hpsearch.training.features import make_features
from hpsearch.training.frozen_prefix import split
from hpsearch.training.loop import EpochLoop

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.integers(0, 256, (60, 8, 8, 3), np.uint8)
LABELS = GENERATOR.integers(0, 3, 60).astype(np.int32)


def arrays(images: Any = IMAGES) -> TrainingArrays:
    """40 images to train on and 20 to validate, bytes."""
    return TrainingArrays(
        tf.constant(images[:40]),
        tf.constant(LABELS[:40]),
        tf.constant(images[40:]),
        tf.constant(LABELS[40:]),
        Preprocessing("unit"),
    )


def network(*middle: Any, frozen: tuple[str, ...] = ("early",), optimizer: Any = "adam") -> Any:
    """Convolution `early`, what is given, convolution `late`, dropout, dense; compiled."""
    keras.utils.set_random_seed(4)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(4, 3, activation="relu", name="early", kernel_regularizer="l2"),
            *middle,
            layers.Conv2D(4, 3, activation="relu", name="late", kernel_regularizer="l2"),
            layers.Flatten(name="flatten"),
            layers.Dropout(0.5, seed=3),
            layers.Dense(3, activation="softmax", name="dense"),
        ]
    )
    for name in frozen:
        model.get_layer(name).trainable = False
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def losses(loop: EpochLoop) -> list[dict[str, float]]:
    return [loop.train_epoch(epoch, seed=1) | loop.evaluate() for epoch in range(3)]


def cut_of(model: Any) -> str | None:
    found = split(model)
    return found.cut.name if found else None


def test_the_cut_is_where_training_begins() -> None:
    assert cut_of(network()) == "early"
    assert cut_of(network(frozen=("early", "late"))) == "flatten"
    assert cut_of(network(frozen=())) is None


def gathering() -> Any:
    return layers.BatchNormalization(center=False, scale=False, name="middle")


def still() -> Any:
    layer = layers.BatchNormalization(name="middle")
    layer.trainable = False
    return layer


@keras.saving.register_keras_serializable("tests")
class Foreign(layers.Layer):
    """A layer of somebody's own, of which nobody knows what it does in training."""

    def call(self, inputs: Any) -> Any:
        return inputs


@pytest.mark.parametrize(
    ("make", "cut"),
    [
        (lambda: layers.GaussianNoise(0.1, name="middle"), "early"),
        (lambda: layers.Dropout(0.2, name="middle"), "early"),
        (lambda: layers.Dropout(0.0, name="middle"), "middle"),
        (lambda: StochasticDropout(0.2, 0.1, name="middle"), "early"),
        (lambda: layers.MaxPooling2D(name="middle"), "middle"),
        (gathering, "early"),
        (still, "middle"),
        (lambda: layers.ReLU(activity_regularizer="l2", name="middle"), "early"),
        (lambda: Foreign(name="middle"), "early"),
        (lambda: layers.Pipeline([Foreign()], name="middle"), "early"),
        (lambda: layers.Lambda(abs, output_shape=(6, 6, 4), name="middle"), "early"),
    ],
)
def test_what_is_random_or_gathers_or_is_unknown_is_behind_the_cut(
    make: Callable[[], Any], cut: str
) -> None:
    assert cut_of(network(make())) == cut


def test_augmentation_first_leaves_nothing_to_cut() -> None:
    model = network()
    image = keras.Input((8, 8, 3))
    augmented = keras.Model(image, model(layers.RandomFlip()(image)))
    augmented.compile("adam", loss="mse")
    assert split(augmented) is None


def test_a_model_that_trains_in_its_own_way_is_left_alone() -> None:
    class Own(keras.Model):
        def train_step(self, data: Any) -> Any:
            return super().train_step(data)

    plain = network()
    own = Own(plain.inputs[0], plain.outputs[0])
    own.compile("adam", loss="mse")
    assert split(own) is None


@pytest.mark.parametrize("frozen", [("early",), ("early", "late")])
def test_training_behind_the_cut_is_training_the_model(
    frozen: tuple[str, ...], tmp_path: Path
) -> None:
    """Loss by loss over three epochs, dropout, Adam and L2 included, and the same weights."""
    whole = network(frozen=frozen)
    expected = losses(EpochLoop(whole, arrays(), 16))
    model = network(frozen=frozen)
    parts = split(model)
    assert parts
    found = make_features(model, parts, arrays(), FeatureStore(tmp_path))
    assert found
    behind = losses(EpochLoop(parts.suffix, found.arrays, 16))
    for theirs, ours in zip(expected, behind, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-5)
    for theirs, ours in zip(whole.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_features_are_made_once_and_read_from_disk(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path)
    model = network()
    parts = split(model)
    assert parts
    first = make_features(model, parts, arrays(), store)
    assert first
    (entry,) = tmp_path.glob("*/train.npy")
    stamp = entry.stat().st_mtime_ns
    again = network()
    other = split(again)
    assert other
    second = make_features(again, other, arrays(), store)
    assert second
    assert entry.stat().st_mtime_ns == stamp
    np.testing.assert_array_equal(first.arrays.x_train, second.arrays.x_train)
    assert first.size == 60 * 6 * 6 * 4 * 4


def weights_changed() -> tuple[Any, TrainingArrays]:
    model = network()
    model.get_layer("early").bias.assign(np.full(4, 0.1, np.float32))
    return model, arrays()


def images_changed() -> tuple[Any, TrainingArrays]:
    other = IMAGES.copy()
    other[59, 0, 0, 0] ^= 1
    return network(), arrays(other)


def range_changed() -> tuple[Any, TrainingArrays]:
    own = arrays()
    return network(), TrainingArrays(
        own.x_train, own.y_train, own.x_validation, own.y_validation, Preprocessing("none")
    )


@pytest.mark.parametrize("change", [weights_changed, images_changed, range_changed])
def test_features_of_something_else_are_others(
    change: Callable[[], tuple[Any, TrainingArrays]], tmp_path: Path
) -> None:
    for model, images in ((network(), arrays()), change()):
        parts = split(model)
        assert parts
        assert make_features(model, parts, images, FeatureStore(tmp_path))
    assert len(list(tmp_path.glob("*/train.npy"))) == 2


def scaled(least: float, divisor: float | list[float]) -> Any:
    """A network that scales images by operations of Keras, as `preprocess_input` does."""
    image = keras.Input((8, 8, 3))
    tensor = keras.ops.maximum(keras.ops.clip(image, least, 200.0) / np.array(divisor), least)
    tensor = layers.Conv2D(2, 3, kernel_initializer="ones", trainable=False)(tensor)
    model = keras.Model(image, layers.Dense(1)(layers.Flatten()(tensor)))
    model.compile("adam", loss="mse")
    return model


def test_other_numbers_of_operations_are_other_features() -> None:
    """They are no weights, and of no layer's settings."""
    first, *others = (
        prefix_digest(split(scaled(*numbers)).prefix)  # type: ignore[union-attr]
        for numbers in ((0.0, 127.5), (0.0, 127.5), (1.0, 127.5), (0.0, 64.0), (0.0, [1, 2, 3]))
    )
    assert [digest == first for digest in others] == [True, False, False, False]


def test_other_names_are_no_other_features(tmp_path: Path) -> None:
    for name in ("early", "first"):
        model = network()
        model.get_layer("early").name = name
        parts = split(model)
        assert parts
        make_features(model, parts, arrays(), FeatureStore(tmp_path))
    assert len(list(tmp_path.glob("*/train.npy"))) == 1


def test_bfloat16_features_are_kept_to_the_bit(tmp_path: Path) -> None:
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        model = network()
        parts = split(model)
        assert parts
        found = make_features(model, parts, arrays(), FeatureStore(tmp_path))
        assert found
        computed = parts.prefix(tf.cast(arrays().x_train, tf.float32) / 255, training=False)
        np.testing.assert_array_equal(
            tf.cast(found.arrays.x_train, tf.float32), tf.cast(computed, tf.float32)
        )
        assert found.size == 60 * 6 * 6 * 4 * 2
    finally:
        keras.mixed_precision.set_global_policy("float32")


def test_without_room_there_are_no_features_and_a_word_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = network()
    parts = split(model)
    assert parts
    assert make_features(model, parts, arrays(), FeatureStore(tmp_path, limit=1000)) is None
    assert "33.8 KiB" in caplog.text
    assert "HPSEARCH_FEATURES" in caplog.text
