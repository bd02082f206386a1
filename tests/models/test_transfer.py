"""Transfer: the course's network to the parameter, its protocol, and every backbone's blocks."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest

from hpsearch.data import Preprocessing
from hpsearch.data.data_card import DataCard
from hpsearch.errors import Infeasible, InputError
from hpsearch.models import BACKBONES, transfer
from hpsearch.models.model_card import ModelCard, Training, write_card
from hpsearch.models.pretrained_layers import PretrainedScaling
from hpsearch.preparation import Preparation

VGG16_PARAMETERS = 14_714_688
HEAD_PARAMETERS = 2_097_665


def images(side: int, channels: int = 3, classes: int = 2, scaling: str = "unit") -> Any:
    problem = "binary" if classes == 2 else "one_label"
    return SimpleNamespace(
        image_shape=(side, side, channels), num_classes=classes, problem=problem, scaling=scaling
    )


def parameters(weights: Any) -> int:
    return sum(int(np.prod(own.shape)) for own in weights)


@pytest.fixture(scope="module")
def vgg16_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """VGG16's convolutional base with weights as small as it takes to see them."""
    keras.utils.set_random_seed(1)
    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    path = tmp_path_factory.mktemp("weights") / "vgg16_notop.weights.h5"
    base.save_weights(path)
    return path


def test_the_course_network_to_the_parameter(vgg16_file: Path) -> None:
    """14,714,688 of VGG16, frozen, and 8,192 → 256 → 1 on top: 2,097,665."""
    model = transfer(images(150), weights=str(vgg16_file))
    assert parameters(model.trainable_weights) == HEAD_PARAMETERS
    assert model.count_params() == VGG16_PARAMETERS + HEAD_PARAMETERS
    assert model.get_layer("flatten").output.shape == (None, 8192)
    assert model.get_layer("dropout").rate == 0.5
    assert type(model.optimizer).__name__ == "RMSprop"
    assert model.fine_tuning is None


def test_the_base_sees_images_as_keras_applications_feeds_it(vgg16_file: Path) -> None:
    model = transfer(images(32, channels=1), weights=str(vgg16_file))
    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    base.load_weights(vgg16_file)
    grey = np.random.default_rng(0).random((2, 32, 32, 1), np.float32)
    pixels = keras.applications.vgg16.preprocess_input(np.repeat(255 * grey, 3, axis=-1))
    features = keras.Model(model.input, model.get_layer("block5_pool").output)
    np.testing.assert_allclose(features(grey), base(pixels), rtol=1e-5)


@pytest.mark.parametrize("scaling", ["caffe", "tf", "torch"])
def test_scalings_are_those_of_keras(scaling: str) -> None:
    pixels = np.random.default_rng(0).random((1, 2, 2, 3), np.float32)
    expected = keras.applications.imagenet_utils.preprocess_input(255 * pixels, mode=scaling)
    np.testing.assert_allclose(PretrainedScaling(scaling)(pixels), expected, rtol=1e-5, atol=1e-5)


def test_bytes_and_unit_images_give_the_same(vgg16_file: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3)).astype(np.float32)
    keras.utils.set_random_seed(0)
    unit = transfer(images(32), weights=str(vgg16_file))
    raw = transfer(images(32, scaling="none"), weights=str(vgg16_file))
    raw.set_weights(unit.get_weights())
    np.testing.assert_allclose(unit(pixels / 255), raw(pixels), rtol=1e-4)


def test_the_second_phase_trains_the_last_block_and_the_head(vgg16_file: Path) -> None:
    """Block 5 has 7,079,424 parameters; RMSprop at 1e-5 is the course's."""
    model = transfer(images(32), weights=str(vgg16_file), unfreeze_blocks=1)
    head = parameters(model.trainable_weights)
    model.fine_tuning.begin(model)
    assert parameters(model.trainable_weights) == head + 7_079_424
    assert type(model.optimizer).__name__ == "RMSprop"
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-5)
    assert model.learning_rate.at(3, 10, {}) == pytest.approx(1e-5)


def test_no_epoch_for_the_head_is_refused(vgg16_file: Path) -> None:
    with pytest.raises(InputError, match="head_epochs is 0"):
        transfer(images(32), weights=str(vgg16_file), unfreeze_blocks=1, head_epochs=0)


def test_unfreezing_all_blocks_trains_everything(vgg16_file: Path) -> None:
    model = transfer(images(32), weights=str(vgg16_file), unfreeze_blocks=5)
    model.fine_tuning.begin(model)
    assert len(model.trainable_weights) == len(model.weights)


def test_batch_normalization_stays_in_inference_mode(tmp_path: Path) -> None:
    whole = keras.applications.MobileNet(include_top=False, weights=None, input_shape=(32, 32, 3))
    whole.save_weights(tmp_path / "mobilenet.weights.h5")
    model = transfer(
        images(32),
        backbone="mobilenet",
        weights=str(tmp_path / "mobilenet.weights.h5"),
        unfreeze_blocks=1,
        pooling="average",
    )
    model.fine_tuning.begin(model)
    norms = [own for own in model.layers if isinstance(own, keras.layers.BatchNormalization)]
    before = [own.moving_mean.numpy() for own in norms]
    model.train_on_batch(np.ones((4, 32, 32, 3), np.float32), np.ones(4))
    assert not any(own.trainable for own in norms)
    for own, mean in zip(norms, before, strict=True):
        np.testing.assert_array_equal(own.moving_mean, mean)


QUICK = ("vgg16", "mobilenet")
EACH = [name if name in QUICK else pytest.param(name, marks=pytest.mark.all) for name in BACKBONES]


@pytest.mark.parametrize("name", EACH)
def test_every_backbone_ends_where_its_last_block_does(name: str) -> None:
    """Its blocks, taken together, are all of it, and fewer blocks are fewer layers."""
    backbone = BACKBONES[name]
    application = getattr(keras.applications, backbone.application)
    whole = application(include_top=False, weights=None, input_shape=(96, 96, 3))
    options: dict[str, Any] = {"backbone": name, "weights": None, "pooling": "average"}
    model = transfer(images(96), dense_units=(), **options)
    channels = whole.output.shape[-1]
    assert model.count_params() == whole.count_params() + channels + 1
    fewer = transfer(images(96), use_blocks=backbone.num_blocks - 1, dense_units=(), **options)
    assert fewer.count_params() < model.count_params()


def test_new_weights_are_trained_from_the_first_epoch() -> None:
    model = transfer(images(32), weights="none", unfreeze_blocks=2)
    assert len(model.trainable_weights) == len(model.weights)
    assert model.fine_tuning is None


def test_weights_are_found_by_the_variable(
    vgg16_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HPSEARCH_WEIGHTS_DIR", str(vgg16_file.parent))
    model = transfer(images(32))
    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    base.load_weights(vgg16_file)
    np.testing.assert_array_equal(
        model.get_layer("block5_conv3").kernel, base.get_layer("block5_conv3").kernel
    )


def test_without_weights_the_error_says_which_file_goes_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HPSEARCH_WEIGHTS_DIR", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(keras.utils, "get_file", _offline)
    with pytest.raises(InputError) as caught:
        transfer(images(32))
    assert "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5" in caught.value.hint
    assert str(tmp_path) in caught.value.hint


def _offline(*_: object, **__: object) -> None:
    raise OSError("URL fetch failure")


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"backbone": "vgg61"}, InputError, "vgg61"),
        ({"weights": "/nowhere/vgg16.h5"}, InputError, "/nowhere/vgg16.h5"),
        ({"weights": None, "use_blocks": 6}, Infeasible, "use_blocks is 6"),
        ({"weights": None, "use_blocks": 2, "unfreeze_blocks": 3}, Infeasible, "2 blocks"),
        ({"weights": None, "backbone": "xception"}, Infeasible, "71 pixels"),
        ({"backbone": "nowhere.keras"}, InputError, "nowhere.keras"),
        ({"preparation": Preparation(images(32))}, InputError, "normalization='none'"),
        ({"weights": None, "fine_tuning_rate": 0.0}, InputError, "learning_rate is 0.0"),
    ],
)
def test_what_cannot_be_says_why(settings: dict[str, Any], error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        transfer(images(32), **settings)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    other.save_weights(tmp_path / "other.weights.h5")
    with pytest.raises(InputError, match="does not hold the weights of vgg16"):
        transfer(images(32), weights=str(tmp_path / "other.weights.h5"))


def test_a_saved_model_is_a_base_with_blocks_of_its_own(tmp_path: Path) -> None:
    """Two pools make two blocks; what was dense is left away."""
    winner = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            keras.layers.Conv2D(4, 3, padding="same", name="early"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(8, 3, padding="same", name="late"),
            keras.layers.MaxPooling2D(name="end"),
            keras.layers.Flatten(),
            keras.layers.Dense(10, name="dense"),
        ]
    )
    winner.save(tmp_path / "winner.keras")
    model = transfer(images(32), backbone=str(tmp_path / "winner.keras"), unfreeze_blocks=1)
    assert model.fine_tuning.layers == ("base_late",)
    assert model.get_layer("flatten").output.shape == (None, 8 * 8 * 8)
    np.testing.assert_array_equal(
        model.get_layer("base_early").kernel, winner.get_layer("early").kernel
    )


def test_every_block_of_a_saved_model_has_something_to_train(tmp_path: Path) -> None:
    """Of images of any size: a pool behind a convolution without padding is no block."""
    winner = keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Rescaling(1.0),
            keras.layers.Conv2D(4, 3, name="early"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(8, 3, name="late"),
            keras.layers.MaxPooling2D(),
            keras.layers.Dropout(0.5, name="end"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(10),
        ]
    )
    winner.save(tmp_path / "winner.keras")
    model = transfer(images(32), backbone=str(tmp_path / "winner.keras"), unfreeze_blocks=1)
    assert model.fine_tuning.layers == ("base_late",)
    assert model.get_layer("base_end").output.shape == (None, 6, 6, 8)
    with pytest.raises(Infeasible, match="2 blocks are used"):
        transfer(images(32), backbone=str(tmp_path / "winner.keras"), unfreeze_blocks=3)


@pytest.mark.parametrize(
    "preprocessing",
    [
        Preprocessing("unit"),
        Preprocessing("none"),
        Preprocessing("standardize", (0.4,), (0.2,)),
        Preprocessing("per_image"),
    ],
)
def test_a_winner_as_base_sees_images_as_it_was_trained_on(
    preprocessing: Preprocessing, tmp_path: Path
) -> None:
    """What stood between the data and the model is on its card, and becomes a layer."""
    winner = keras.Sequential(
        [
            keras.Input((16, 16, 1)),
            keras.layers.Conv2D(3, 3, name="conv"),
            keras.layers.MaxPooling2D(name="pool"),
            keras.layers.Flatten(),
            keras.layers.Dense(2),
        ]
    )
    path = tmp_path / "winner.keras"
    winner.save(path)
    data = DataCard(
        "digits", "made", False, "one_label", ("a", "b"), (16, 16, 1), True, None, True,
        preprocessing, True,
    )  # fmt: skip
    write_card(path, ModelCard(data, Training("s", "fine", 0, "val_accuracy", 0.5, "x", {})))
    model = transfer(images(16, channels=1), backbone=str(path))
    stored = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 1)).astype(np.uint8)
    features = keras.Model(model.input, model.get_layer("base_pool").output)
    before = keras.Model(winner.inputs[0], winner.get_layer("pool").output)
    np.testing.assert_allclose(
        features(stored.astype(np.float32) / 255),
        before(preprocessing.apply(stored)),
        rtol=1e-4,
        atol=1e-4,
    )


def test_a_saved_transfer_model_loads_in_a_safe_way(vgg16_file: Path, tmp_path: Path) -> None:
    import hpsearch.models.keras_objects  # noqa: F401

    model = transfer(images(32), weights=str(vgg16_file))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    pixels = np.random.default_rng(0).random((2, 32, 32, 3), np.float32)
    np.testing.assert_allclose(again(pixels), model(pixels), rtol=1e-6)
