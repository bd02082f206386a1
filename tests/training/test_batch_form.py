"""Models get their batches in the range and the form of labels that they are made for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hpsearch.data import SCALINGS, LoadedData, Part, Preprocessing

pytestmark = pytest.mark.slow

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (40, 6, 6, 3), dtype=np.uint8)
LABELS = (np.arange(40) % 3).astype(np.int64)


def loaded(scaling: str = "unit", images: Any = IMAGES, labels: Any = LABELS) -> LoadedData:
    """Thirty images to train on and ten to validate on."""
    return LoadedData(
        train=Part(images[:30], labels[:30]),
        validation=Part(images[30:], labels[30:]),
        test=None,
        num_classes=3,
        class_names=("a", "b", "c"),
        fingerprint="",
        split={},
        source="made up",
        synthetic=False,
        preprocessing=Preprocessing.fit(scaling, np.asarray(images[:30])),
    )


def compiled(loss: Any, units: int = 3, activation: str = "softmax", first: Any = ()) -> Any:
    """A dense classifier of 6×6 images."""
    import keras

    keras.utils.set_random_seed(1)
    layers = [keras.layers.Flatten(), keras.layers.Dense(units, activation=activation)]
    model = keras.Sequential([keras.layers.Input((6, 6, 3)), *first, *layers])
    model.compile(keras.optimizers.SGD(0.01), loss, metrics=["accuracy"])
    return model


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("as_floats", [False, True])
def test_the_graph_prepares_images_as_numpy_does(scaling: str, as_floats: bool) -> None:
    """Models that were trained with one are used with the other."""
    import tensorflow as tf

    from hpsearch.training.batch_form import BatchForm

    images = (IMAGES / 255).astype(np.float32) if as_floats else IMAGES
    preprocessing = Preprocessing.fit(scaling, images)
    ours = BatchForm(preprocessing).images(tf.constant(images))
    np.testing.assert_allclose(ours, preprocessing.apply(images), rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("scaling", ["unit", "standardize"])
@pytest.mark.parametrize(("limit", "where"), [("1k", "disk"), ("60k", "memory"), ("1G", "once")])
def test_memory_changes_nothing_but_memory(
    scaling: str, limit: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prepared once, prepared batch by batch, read from disk: the same history."""
    import tensorflow as tf

    from hpsearch.training.arrays import make_arrays
    from hpsearch.training.loop import EpochLoop

    def history(limit: str) -> list[dict[str, float]]:
        monkeypatch.setenv("HPSEARCH_MEMORY", limit)
        arrays = make_arrays(loaded(scaling))
        assert tf.is_tensor(arrays.x_train) == (limit != "1k")
        assert arrays.is_prepared == (limit == "1G")
        loop = EpochLoop(compiled("sparse_categorical_crossentropy"), arrays, 7)
        return [loop.train_epoch(epoch, seed=5) | loop.evaluate() for epoch in range(3)]

    plain = history("1G")
    for ours, theirs in zip(history(limit), plain, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-6), where


def test_training_and_validation_part_are_joined_without_a_copy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is too large for memory is retrained on as it was searched on: from disk."""
    from hpsearch.data.rows import Rows
    from hpsearch.training.arrays import make_joint_arrays
    from hpsearch.training.loop import EpochLoop

    monkeypatch.setenv("HPSEARCH_MEMORY", "1k")
    parts = [Part(Rows(IMAGES, at), LABELS[at]) for at in (np.arange(30), np.arange(30, 40))]
    of_rows = make_joint_arrays(replace(loaded(), train=parts[0], validation=parts[1]))
    assert isinstance(of_rows.x_train, Rows)
    losses = [
        EpochLoop(compiled("sparse_categorical_crossentropy"), arrays, 7).train_epoch(0, seed=5)
        for arrays in (of_rows, make_joint_arrays(loaded()))
    ]
    assert losses[0] == losses[1]


@pytest.mark.parametrize("text", ["many", "4X", "1.2.3G"])
def test_an_amount_that_is_none(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from hpsearch.errors import InputError
    from hpsearch.training.arrays import memory_limit

    monkeypatch.setenv("HPSEARCH_MEMORY", text)
    with pytest.raises(InputError, match="Give an amount such as 500M"):
        memory_limit()


def test_images_a_recipe_adds_count_against_the_same_amount(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from hpsearch.errors import Infeasible
    from hpsearch.training.arrays import check_room

    monkeypatch.setenv("HPSEARCH_MEMORY", "2G")
    check_room(2 << 30, "2 copies")
    with pytest.raises(Infeasible, match=r"3 copies need 3\.0 GiB .* hold 2\.0 GiB"):
        check_room(3 << 30, "3 copies")


def losses() -> list[Any]:
    import keras

    return [
        "categorical_crossentropy",
        "mse",
        keras.losses.CategoricalCrossentropy(label_smoothing=0.0),
        keras.losses.categorical_hinge,
        "binary_crossentropy",
    ]


@pytest.mark.parametrize("index", range(5))
def test_losses_that_compare_rows_get_one_hot_labels(index: int) -> None:
    """The loss is that of Keras for labels made one-hot by hand."""
    from hpsearch.training.arrays import make_arrays
    from hpsearch.training.loop import EpochLoop

    model = compiled(losses()[index])
    ours = EpochLoop(model, make_arrays(loaded()), 8).evaluate()
    x, y = (IMAGES[30:] / 255).astype(np.float32), np.eye(3, dtype=np.float32)[LABELS[30:]]
    theirs = model.evaluate(x, y, verbose=0, return_dict=True)
    assert ours["val_loss"] == pytest.approx(theirs["loss"], rel=1e-5)
    assert ours["val_accuracy"] == pytest.approx(theirs["accuracy"])
    assert "val_macro_f1" in ours


@pytest.mark.parametrize(
    ("loss", "units", "activation"),
    [
        ("sparse_categorical_crossentropy", 2, "softmax"),
        ("categorical_crossentropy", 2, "softmax"),
        ("binary_crossentropy", 1, "sigmoid"),
    ],
)
def test_two_classes_may_have_two_outputs_or_one(loss: str, units: int, activation: str) -> None:
    from hpsearch.training.arrays import make_arrays
    from hpsearch.training.loop import EpochLoop

    bright = (IMAGES // 8) + 200 * (np.arange(40) % 2)[:, None, None, None].astype(np.uint8)
    arrays = make_arrays(loaded("standardize", images=bright, labels=np.arange(40) % 2))
    loop = EpochLoop(compiled(loss, units, activation), arrays, 5)
    for epoch in range(25):
        loop.train_epoch(epoch, seed=1)
    assert loop.evaluate()["val_accuracy"] == 1


def test_models_that_rescale_by_themselves_get_bytes() -> None:
    """The first weights see the same values as those of a model that is fed with 0..1."""
    import keras

    from hpsearch.training.arrays import make_arrays
    from hpsearch.training.batch_form import form_for
    from hpsearch.training.loop import EpochLoop

    loss = "sparse_categorical_crossentropy"
    layers = keras.layers
    given = [
        ([layers.Rescaling(1 / 255)], True),
        ([layers.Resizing(6, 6), layers.Rescaling(1 / 127.5, offset=-1)], True),
        ([layers.Normalization(mean=120.0, variance=60.0**2)], True),
        ([keras.Sequential([layers.Rescaling(1 / 255)])], True),
        ([layers.Rescaling(2.0, offset=-1)], False),
        ([layers.Normalization(mean=0.5, variance=0.1)], False),
        ([layers.Conv2D(3, 1), layers.Rescaling(1 / 255)], False),
        ([], False),
    ]
    arrays = make_arrays(loaded())
    for first, wants_bytes in given:
        assert form_for(compiled(loss, first=first), arrays).wants_bytes == wants_bytes, first
    plain = EpochLoop(compiled(loss), arrays, 8).evaluate()
    own = EpochLoop(compiled(loss, first=[layers.Rescaling(1 / 255)]), arrays, 8).evaluate()
    assert own == pytest.approx(plain, rel=1e-5)
    standardized = make_arrays(loaded("standardize"))  # asked for, so it is left alone
    rescaling = compiled(loss, first=[layers.Rescaling(1 / 255)])
    assert not form_for(rescaling, standardized).wants_bytes


@pytest.mark.parametrize(
    ("family", "wants_bytes"),
    [("vgg16", True), ("resnet_v2", True), ("densenet", True), ("", False)],
)
def test_models_that_begin_with_a_preprocess_input_of_keras_get_bytes(
    family: str, wants_bytes: bool
) -> None:
    """Its three modes, also inside a model inside a model; ordinary arithmetic says nothing."""
    import keras

    from hpsearch.models.input_range import takes_bytes

    image = keras.Input((6, 6, 3))
    module = getattr(keras.applications, family, None)
    tensor = module.preprocess_input(image) if module else (image * 2.0 - 1.0) / 0.5
    tensor = keras.layers.Dense(3)(keras.layers.Flatten()(tensor))
    model = keras.Model(image, tensor * 100.0 + 100.0)
    assert takes_bytes(model) == wants_bytes
    assert takes_bytes(keras.Sequential([keras.Input((6, 6, 3)), model])) == wants_bytes


@pytest.mark.parametrize(
    ("labels", "loss", "units", "activation"),
    [
        (RANDOM.random(40).astype(np.float32), "mse", 1, None),
        (RANDOM.random((40, 2)).astype(np.float32), "mse", 2, None),
        (RANDOM.integers(0, 2, (40, 3)).astype(np.uint8), "binary_crossentropy", 3, "sigmoid"),
    ],
)
def test_labels_that_are_no_classes(labels: Any, loss: str, units: int, activation: Any) -> None:
    from hpsearch.training.arrays import make_arrays
    from hpsearch.training.loop import EpochLoop

    model = compiled(loss, units, activation)
    ours = EpochLoop(model, make_arrays(loaded(labels=labels)), 8).evaluate()
    x = (IMAGES[30:] / 255).astype(np.float32)
    theirs = model.evaluate(x, labels[30:].astype(np.float32), verbose=0, return_dict=True)
    assert ours["val_loss"] == pytest.approx(theirs["loss"], rel=1e-5)
    assert "val_macro_f1" not in ours


def test_a_model_with_fewer_outputs_than_classes_is_refused() -> None:
    """Else the loss of a label out of range is NaN, or silently nothing."""
    from hpsearch.errors import DataError
    from hpsearch.execution.probe_process import check_output

    loss = "sparse_categorical_crossentropy"
    with pytest.raises(DataError, match="2 outputs, but the labels go from 0 to 2"):
        check_output(compiled(loss, 2), loaded())
    check_output(compiled(loss, 3), loaded())
    check_output(compiled(loss, 10), loaded())
