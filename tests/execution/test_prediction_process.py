"""A saved model says the same of raw image files as in training of the loaded images."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hpsearch.data import DataCard, FolderDataset, Gtsrb
from hpsearch.models.model_card import SEED_TRAINED, ModelCard, Training
from tests.data.pictures import class_folders

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]  # TensorFlow

TRAINING = Training("tiny", "coarse", 3, "val_accuracy", 0.9, SEED_TRAINED, {"rate": 0.1})
GENERATOR = np.random.default_rng(0)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Class folders of JPEG and PNG photos of different sizes and shapes, one of them turned."""
    root = tmp_path_factory.mktemp("photos")
    for name in ("cat", "dog", "owl"):
        (root / name).mkdir()
        for number in range(6):
            size = (int(GENERATOR.integers(9, 60)), int(GENERATOR.integers(9, 60)), 3)
            picture = Image.fromarray(GENERATOR.integers(0, 256, size, dtype=np.uint8))
            exif = picture.getexif()
            exif[0x0112] = 6 if number == 0 else 1  # to be turned by 90°
            suffix = ".jpg" if number % 2 == 0 else ".png"
            picture.save(root / name / f"{number}{suffix}", exif=exif)
    return root


def linear(dataset: Any, units: int = 3, activation: str = "softmax") -> Any:
    """A model with random weights, on images as they come."""
    import keras

    keras.utils.set_random_seed(1)
    layers = [keras.layers.Flatten(), keras.layers.Dense(units, activation)]
    return keras.Sequential([keras.Input(dataset.image_shape), *layers])


def prepared(dataset: Any, preparation: Any) -> Any:
    """The same behind layers that prepare the images, with statistics of their own."""
    import keras

    image = keras.Input(dataset.image_shape)
    tensor = preparation.apply(image)
    return keras.Model(image, keras.layers.Dense(3, "softmax")(keras.layers.Flatten()(tensor)))


def save(model: Any, path: Path, dataset: Any, data: Any) -> Path:
    from hpsearch.execution.kept_models import save_model

    model.compile("adam", "mse")
    save_model(model, path, ModelCard(DataCard.of(dataset, data), TRAINING))
    return path


def said(model: Path, images: list[Path], **settings: Any) -> tuple[list[str], Any, dict[str, Any]]:
    """Names and values that the process writes, and its answer."""
    from hpsearch.execution.prediction_process import predict_all

    target = model.with_suffix(".jsonl")
    request = {"multi_crop": False, "skip_bad": False, "space": None, **settings}
    files = [str(path) for path in images]
    answer = predict_all({"model": str(model), "images": files, "target": str(target), **request})
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    return [name for name, _ in rows], np.array([values for _, values in rows]), answer


def files_of(dataset: FolderDataset) -> list[Path]:
    return [Path(file.path) for file in dataset.files().files]


def loaded(dataset: FolderDataset) -> tuple[Any, Any]:
    """The data, and all images as they are stored, in the order of the files."""
    data = dataset.load()
    return data, data.train.images.images


@pytest.mark.parametrize(
    "settings",
    [
        {"scaling": "standardize"},
        {"scaling": "per_image", "color_space": "grey"},
        {"scaling": "min_max", "color_space": "yuv", "fit": "crop"},
        {"scaling": "center", "fit": "pad"},
        {"scaling": "none"},
        {"scaling": "unit", "image_size": 24},
    ],
    ids=lambda settings: "-".join(map(str, settings.values())),
)
def test_files_are_predicted_as_in_training(
    photos: Path, tmp_path: Path, settings: dict[str, Any]
) -> None:
    """Whatever size, shape, colours and scaling the data set brings them to."""
    dataset = FolderDataset(photos, **{"image_size": 16, **settings})
    data, images = loaded(dataset)
    model = linear(dataset)
    path = save(model, tmp_path / "model.keras", dataset, data)
    names, values, answer = said(path, files_of(dataset))
    wanted = model.predict(data.preprocessing.apply(np.asarray(images)), verbose=0)
    assert names == [str(file) for file in files_of(dataset)]
    np.testing.assert_allclose(values, wanted, atol=1e-6)
    assert np.ptp(values) > 0.01, "a model that says the same of all would prove nothing"
    assert answer == {"count": 18, "skipped": [], "num_crops": 1, "from_files": True}


def test_layers_that_prepare_images_travel_with_the_model(photos: Path, tmp_path: Path) -> None:
    """Statistics, size and colours inside the graph; augmentation rests."""
    from hpsearch.preparation import Augmentation, Preparation

    dataset = FolderDataset(photos, image_size=16, scaling="none")
    data, images = loaded(dataset)
    strong = Augmentation(flip="horizontal", rotation=20)
    preparation = Preparation(dataset, 12, "lab", "standardize", strong)
    model = prepared(dataset, preparation)
    for layer in model.layers:
        if hasattr(layer, "adapt"):
            layer.adapt(np.asarray(images) / 300)
    path = save(model, tmp_path / "model.keras", dataset, data)
    wanted = model.predict(np.asarray(images, np.float32), verbose=0)
    np.testing.assert_allclose(said(path, files_of(dataset))[1], wanted, atol=1e-6)


def test_a_model_that_rescales_by_itself_gets_bytes(photos: Path, tmp_path: Path) -> None:
    import keras

    dataset = FolderDataset(photos, image_size=16, scaling="unit")
    data, images = loaded(dataset)
    layers = [keras.layers.Rescaling(1 / 127.5, -1), keras.layers.Flatten()]
    model = keras.Sequential([keras.Input((16, 16, 3)), *layers, keras.layers.Dense(3, "softmax")])
    path = save(model, tmp_path / "model.keras", dataset, data)
    wanted = model.predict(np.asarray(images, np.float32), verbose=0)
    np.testing.assert_allclose(said(path, files_of(dataset))[1], wanted, atol=1e-6)


def test_photos_of_signs_are_predicted_without_a_region(photos: Path, tmp_path: Path) -> None:
    """As training did with `crop_to_roi` off."""
    dataset = Gtsrb(image_size=16, builtin_images=172)
    data = dataset.load()
    model = linear(dataset, units=43)
    path = save(model, tmp_path / "model.keras", dataset, data)
    files = files_of(FolderDataset(photos))[:4]
    stored = np.stack([dataset.read_image(file) for file in files])
    wanted = model.predict(data.preprocessing.apply(stored), verbose=0)
    np.testing.assert_allclose(said(path, files)[1], wanted, atol=1e-6)


def test_arrays_and_files_may_be_mixed(photos: Path, tmp_path: Path) -> None:
    """Bytes and floats mean the same; every image keeps its place."""
    dataset = FolderDataset(photos, image_size=16, scaling="none")
    data, images = loaded(dataset)
    path = save(linear(dataset), tmp_path / "model.keras", dataset, data)
    files = files_of(dataset)
    np.savez(tmp_path / "floats.npz", x=np.asarray(images)[:2] / 255)
    names, values, _ = said(path, [files[0], tmp_path / "floats.npz", files[1]])
    assert names[1] == f"{tmp_path / 'floats.npz'}[0]"
    np.testing.assert_allclose(values[[1, 2]], values[[0, 3]], atol=1e-4)


def test_an_image_that_cannot_be_read_is_an_error_or_left_out(photos: Path, tmp_path: Path) -> None:
    from hpsearch.errors import DataError

    dataset = FolderDataset(photos, image_size=16)
    path = save(linear(dataset), tmp_path / "model.keras", dataset, dataset.load())
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.png").write_text("no image", encoding="utf-8")
    given = [files_of(dataset)[0], tmp_path / "empty.jpg", tmp_path / "text.png"]
    with pytest.raises(DataError, match=r"empty\.jpg cannot be read \(it is empty\)"):
        said(path, given)
    names, values, answer = said(path, given, skip_bad=True)
    assert names == [str(given[0])]
    assert values.shape == (1, 3)
    assert [reason.split()[2] for reason in answer["skipped"]] == [str(file) for file in given[1:]]


def test_crops_are_mirrored_unless_that_changes_the_class(photos: Path, tmp_path: Path) -> None:
    dataset = FolderDataset(photos, image_size=16)
    data = dataset.load()
    card = DataCard.of(dataset, data)
    model = linear(dataset)
    path = save(model, tmp_path / "model.keras", dataset, data)
    files = files_of(dataset)[:2]
    _, values, answer = said(path, files, multi_crop=True)
    assert answer["num_crops"] == 50
    np.testing.assert_allclose(values.sum(axis=1), 1, atol=1e-6)

    from hpsearch.execution.kept_models import save_model

    save_model(model, path, ModelCard(replace(card, mirror_safe=False), TRAINING))
    _, others, answer = said(path, files, multi_crop=True)
    assert answer["num_crops"] == 25
    assert np.abs(values - others).max() > 1e-4


OWN_LAYER = '''"""A space with a layer of its own."""
import keras


@keras.saving.register_keras_serializable(package="predicting")
class Twice(keras.layers.Layer):
    def call(self, images):
        return 2 * images


def build(hp):
    return hp.Float("x", 0.0, 1.0)
'''


def test_layers_of_a_space_file_are_known_once_it_is_named(photos: Path, tmp_path: Path) -> None:
    """It is run for that, which the card of a model cannot ask for."""
    import keras

    from hpsearch.errors import HpsearchError
    from hpsearch.spaces import load_space

    space = tmp_path / "own_layer_space.py"
    space.write_text(OWN_LAYER, encoding="utf-8")
    load_space(str(space))
    known = keras.saving.get_custom_objects()
    dataset = FolderDataset(photos, image_size=16)
    layers = [known["predicting>Twice"](), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")]
    model = keras.Sequential([keras.Input(dataset.image_shape), *layers])
    path = save(model, tmp_path / "model.keras", dataset, dataset.load())
    del known["predicting>Twice"]
    with pytest.raises(HpsearchError, match="--space FILE"):
        said(path, files_of(dataset)[:1])
    assert said(path, files_of(dataset)[:1], space=str(space))[1].shape == (1, 3)


def test_logits_become_probabilities(photos: Path, tmp_path: Path) -> None:
    """A single output is that of the second class."""
    from hpsearch.training.predicted_classes import probabilities

    dataset = FolderDataset(photos, image_size=16)
    several, single = linear(dataset, 3, "linear"), linear(dataset, 1, "linear")
    three = probabilities(several, np.log([[1.0, 2.0, 5.0]]), "one_label")
    np.testing.assert_allclose(three, [[0.125, 0.25, 0.625]])
    np.testing.assert_allclose(probabilities(single, [[np.log(3)]], "binary"), [[0.25, 0.75]])
    labels = probabilities(several, [[0.0, np.log(3), -np.log(3)]], "many_labels")
    np.testing.assert_allclose(labels, [[0.5, 0.75, 0.25]])
    sure = linear(dataset, 1, "sigmoid")
    np.testing.assert_allclose(probabilities(sure, [[0.2]], "binary"), [[0.8, 0.2]])
    np.testing.assert_array_equal(probabilities(single, [[7.0]], "regression"), [[7.0]])


def test_classes_of_a_card_are_those_of_its_data(tmp_path: Path) -> None:
    """What is read back is what was written."""
    from hpsearch.models.model_card import read_card

    dataset = FolderDataset(class_folders(tmp_path / "p", {"a": 4, "b": 4}), image_size=8)
    card = DataCard.of(dataset, dataset.load())
    assert card.class_names == ("a", "b")
    path = save(linear(dataset, 2), tmp_path / "model.keras", dataset, dataset.load())
    assert read_card(path) == ModelCard(card, TRAINING)
