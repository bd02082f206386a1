"""A user's .npz file is read as it is meant, or refused with the reason."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.data import ArrayDataset, Dataset, Gtsrb, dataset_for
from hpsearch.errors import DataError

X = np.random.default_rng(0).integers(0, 256, (40, 6, 5), dtype=np.uint8)
Y = np.arange(40) % 4


def save(path: Path, **arrays: Any) -> Path:
    np.savez_compressed(path / "images.npz", **arrays)
    return path / "images.npz"


def test_x_and_y_are_split_in_proportion(tmp_path: Path) -> None:
    data = ArrayDataset(save(tmp_path, x=X, y=Y)).load()
    assert data.train.images.shape == (32, 6, 5, 1)
    assert np.bincount(data.validation.labels).tolist() == [2, 2, 2, 2]
    assert data.test is None
    assert data.class_names == ("0", "1", "2", "3")
    assert not data.synthetic
    assert "images.npz" in data.source


def test_every_image_keeps_its_label(tmp_path: Path) -> None:
    marked = np.zeros((40, 2, 2, 3), dtype=np.uint8)
    marked += 50 * Y.astype(np.uint8)[:, None, None, None]
    data = ArrayDataset(save(tmp_path, x=marked, y=Y)).load(seed=5)
    for part in (data.train, data.validation):
        np.testing.assert_array_equal(part.images[:, 0, 0, 0], 50 * part.labels)


def test_shape_and_classes_are_known_before_loading(tmp_path: Path) -> None:
    dataset = ArrayDataset(save(tmp_path, x_train=X, y_train=Y, x_test=X, y_test=Y + 2))
    assert isinstance(dataset, Dataset)
    assert dataset.image_shape == (6, 5, 1)
    assert dataset.num_classes == 6  # the test labels reach to 5


def test_the_users_own_validation_and_test_images_are_kept(tmp_path: Path) -> None:
    path = save(
        tmp_path, x_train=X, y_train=Y, x_val=X[:3], y_val=Y[:3], x_test=X[:5], y_test=Y[:5]
    )
    data = ArrayDataset(path).load()
    assert len(data.train) == 40
    np.testing.assert_array_equal(data.validation.images[..., 0], X[:3])
    assert data.test is not None
    assert len(data.test) == 5
    assert data.split["method"] == "given"
    with pytest.raises(DataError, match="their own validation images"):
        ArrayDataset(path).load(validation_share=0.3)


def test_validation_pixels_do_not_touch_the_statistics(tmp_path: Path) -> None:
    arrays = {"x_train": X, "y_train": Y, "y_val": Y[:3]}
    dark = ArrayDataset(save(tmp_path, x_val=X[:3] * 0, **arrays), scaling="standardize").load()
    own = ArrayDataset(save(tmp_path, x_val=X[:3], **arrays), scaling="standardize").load()
    assert dark.preprocessing == own.preprocessing
    assert dark.preprocessing.offset == pytest.approx([(X / 255).mean()])
    assert dark.fingerprint != own.fingerprint


def test_floats_and_other_whole_numbers(tmp_path: Path) -> None:
    floats = ArrayDataset(save(tmp_path, x=X / 255, y=Y)).load()
    assert floats.train.images.dtype == np.float32
    wide = ArrayDataset(save(tmp_path, x=X.astype(np.int64), y=Y[:, None])).load()
    assert wide.train.images.dtype == np.uint8
    values = [data.preprocessing.apply(data.train.images) for data in (floats, wide)]
    np.testing.assert_allclose(*values, atol=1e-6)


def test_the_fingerprint_is_of_the_content_not_of_the_split(tmp_path: Path) -> None:
    first = ArrayDataset(save(tmp_path, x=X, y=Y)).load(seed=1)
    other_split = ArrayDataset(tmp_path / "images.npz").load(seed=2)
    assert first.fingerprint == other_split.fingerprint
    assert first.split["hash"] != other_split.split["hash"]
    changed = X.copy()
    changed[0, 0, 0] ^= 1
    assert ArrayDataset(save(tmp_path, x=changed, y=Y)).load().fingerprint != first.fingerprint


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"x": X}, "holds x; expected"),
        ({"x": X[0], "y": Y}, "has shape"),
        ({"x": X, "y": Y[:5]}, "40 images but 5 labels in y"),
        ({"x": X, "y": Y.astype(str)}, "one whole number an image"),
        ({"x": X, "y": Y / 2, "problem": "one_label"}, "given as one_label, but .*look like regr"),
        ({"x": X, "y": Y, "problem": "classes"}, "'classes'; expected one of binary"),
        ({"x": X, "y": Y - 1}, "from -1 to 2"),
        ({"x": X, "y": Y * 100_000}, "without large gaps"),
        ({"x": X, "y": np.eye(4)[Y]}, r"one whole number an image\. .*y\.argmax\(axis=1\)"),
        ({"x": X.astype(float), "y": Y}, r"floats in 0\.\.1"),
        ({"x": X.astype(int) * 2, "y": Y}, r"whole numbers in 0\.\.255"),
        ({"x": np.full((4, 2, 2), np.nan), "y": Y[:4]}, "NaN or infinity in 4 of 4 images"),
        ({"x": X, "y": Y * 0}, "label 0 on all of its 40 training images"),
        ({"x": X, "y": Y * 2}, r"labels up to 6, but no image has 1, 3, 5; .*numpy\.unique"),
        ({"x": X % 17, "y": Y}, r"up to 16; whole numbers are taken for bytes.*\(x / 16\)"),
        ({"x": X % 2, "y": Y}, r"up to 1; .*save \(x / 1\)\.astype\('float32'\), or / 255"),
        ({"x": X > 9, "y": Y}, r"bool from 0 to 1.*astype\('float32'\)"),
        ({"x": X.astype(str), "y": Y}, "has the type <U3"),
        ({"x": X, "y": Y, "x_test": X[:, :5], "y_test": Y}, "the same in all parts"),
    ],
)
def test_what_is_no_set_of_images_is_refused(
    tmp_path: Path, arrays: dict[str, Any], reason: str
) -> None:
    with pytest.raises(DataError, match=reason):
        ArrayDataset(save(tmp_path, **arrays)).load()


def test_the_images_with_nan_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    """One pixel in 40 images is enough to spoil every trial, and hard to find by hand."""
    images = X / 255
    images[7, 2, 3], images[30, 0, 0] = np.nan, np.inf
    with pytest.raises(DataError, match="NaN or infinity in 2 of 40 images, first in image 7"):
        ArrayDataset(save(tmp_path, x=images, y=Y)).load()


@pytest.mark.parametrize(
    ("images", "remedy"),
    [
        (X % 17 / 1.0, r"from 0 to 16;.*Divide by the largest possible value: save \(x / 16\)"),
        (X.astype(float), r"look like bytes: save x\.round\(\)\.astype\('uint8'\)"),
        (X.astype(np.uint16) * 257, r"from 0 to 65535;.*save \(x / 65535\)"),
        (X / 127.5 - 1, r"from -1 to 1;.*save \(\(x \+ 1\) / 2\)"),
    ],
)
def test_images_of_another_range_are_refused_with_what_to_save_instead(
    tmp_path: Path, images: np.ndarray, remedy: str
) -> None:
    """Following the remedy gives a file that is accepted."""
    images[0, 0, :2] = images.min(), images.max()
    with pytest.raises(DataError, match=remedy) as refusal:
        ArrayDataset(save(tmp_path, x=images, y=Y)).load()
    formula = refusal.value.hint.partition("save ")[2].rstrip(".")
    mended = eval(formula, {"x": images})
    assert len(ArrayDataset(save(tmp_path, x=mended, y=Y)).load().train) == 32


def test_gaps_between_labels_are_accepted_where_classes_are_declared(tmp_path: Path) -> None:
    """A subset of a space's classes keeps its numbers; names say that the numbers are meant."""
    path = save(tmp_path, x=X, y=Y * 2)
    assert dataset_for(Gtsrb(), path).load().num_classes == 7
    named = ArrayDataset(path, class_names=tuple("abcdefg"))
    assert named.load().class_names == tuple("abcdefg")


def test_pickled_objects_are_refused_and_not_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "sprung",))

    path = save(tmp_path, x=np.array([Trap()], dtype=object), y=Y[:1])
    with pytest.raises(DataError, match="pickled"):
        ArrayDataset(path).load()
    assert not (tmp_path / "sprung").exists()


def test_a_damaged_or_missing_file_is_named(tmp_path: Path) -> None:
    path = save(tmp_path, x=X, y=Y)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DataError, match=r"images\.npz cannot be read"):
        ArrayDataset(path).load()
    with pytest.raises(DataError, match=r"none\.npz does not exist"):
        ArrayDataset(tmp_path / "none.npz").load()
    with pytest.raises(DataError, match="No file of arrays"):
        ArrayDataset().load()


def test_an_npz_file_takes_the_place_of_the_declared_data_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = Gtsrb()
    assert dataset_for(declared, None) is declared
    assert dataset_for(declared, tmp_path) is declared
    path = save(tmp_path, x=X, y=Y)
    assert dataset_for(declared, path) == ArrayDataset(path, is_numbered=True)
    monkeypatch.setenv("HPSEARCH_DATA", str(path))
    assert dataset_for(declared, None) == ArrayDataset(path, is_numbered=True)
