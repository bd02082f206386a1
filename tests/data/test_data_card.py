"""What a model must know of its data survives being written, and is told where it is not known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hpsearch.data import ArrayDataset, DataCard, Digits, FolderDataset, Gtsrb
from hpsearch.data.decoding import Form, file_of, read_image
from hpsearch.errors import DataError
from hpsearch.storage.file_shapes import CARD
from hpsearch.storage.shapes import check_shape
from tests.data.pictures import class_folders, photo


def arrays(path: Path, shape: tuple[int, ...], dtype: str = "uint8") -> ArrayDataset:
    """A data set of random images with two classes."""
    values = np.random.default_rng(0).integers(0, 256, (20, *shape))
    images = (values / 255).astype("float32") if dtype == "float32" else values.astype("uint8")
    np.savez(path / "a.npz", x=images, y=np.arange(20) % 2)
    return ArrayDataset(path / "a.npz")


def test_a_folder_s_card_says_how_its_files_are_read(tmp_path: Path) -> None:
    root = class_folders(tmp_path, {"ant": 5, "bee": 5})
    dataset = FolderDataset(root, image_size=8, color_space="yuv", fit="pad", scaling="standardize")
    data = dataset.load()
    card = DataCard.of(dataset, data)
    assert card.form == Form(8, "yuv", fit="pad")
    assert (card.class_names, card.image_shape) == (("ant", "bee"), (8, 8, 3))
    assert card.is_bytes
    assert card.mirror_safe
    assert not card.is_assumed
    assert card.preprocessing == data.preprocessing
    written = json.loads(json.dumps(card.to_json()))
    check_shape(written, CARD["data"])
    assert DataCard.from_json(written) == card


def test_digits_and_signs_are_not_mirrored() -> None:
    signs = Gtsrb(builtin_images=172, image_size=8)
    assert not DataCard.of(signs, signs.load()).mirror_safe
    digits = DataCard.of(Digits(), Digits().load())
    assert not digits.mirror_safe
    assert not digits.is_bytes
    assert digits.is_assumed
    assert digits.form == Form(8, "grey")


def test_arrays_that_are_no_squares_are_what_files_are_stretched_to(tmp_path: Path) -> None:
    dataset = arrays(tmp_path, (6, 10, 3))
    form = DataCard.of(dataset, dataset.load()).form_of_files()
    assert form.shape == (6, 10, 3)
    photo(7, (20, 16)).save(tmp_path / "grey.png")
    np.testing.assert_array_equal(read_image(file_of(tmp_path / "grey.png"), form), 7)
    assert read_image(file_of(tmp_path / "grey.png"), form).shape == (6, 10, 3)


def test_arrays_of_other_channels_have_no_files(tmp_path: Path) -> None:
    dataset = arrays(tmp_path, (6, 6, 5))
    with pytest.raises(DataError, match=r"shape \(6, 6, 5\), and image files hold 1 or 3"):
        DataCard.of(dataset, dataset.load()).form_of_files()


def test_bytes_and_floats_are_brought_to_what_was_stored(tmp_path: Path) -> None:
    """Where nothing is scaled, the values themselves matter."""
    floats = arrays(tmp_path, (6, 6, 1), "float32")
    card = DataCard.of(floats, floats.load())
    given = np.full((1, 6, 6, 1), 51, dtype=np.uint8)
    np.testing.assert_allclose(card.stored(given), 0.2, rtol=1e-6)
    plain = FolderDataset(
        class_folders(tmp_path / "p", {"a": 4, "b": 4}), image_size=8, scaling="none"
    )
    card = DataCard.of(plain, plain.load())
    assert card.stored(given) is given
    np.testing.assert_allclose(card.stored(given.astype("float32") / 255), 51, rtol=1e-6)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"problem": "sudoku"}, "The problem is 'sudoku'"),
        ({"form": {"size": 8, "color_space": "smell", "crop": False, "fit": "pad", "width": 0}},
         "brought to 'smell'"),
        ({"preprocessing": {"kind": "center", "offset": [1.0], "divisor": [0.0]}}, "divisors"),
    ],
)  # fmt: skip
def test_a_card_that_makes_no_sense_is_refused(
    tmp_path: Path, change: dict[str, object], complaint: str
) -> None:
    dataset = FolderDataset(class_folders(tmp_path, {"a": 4, "b": 4}), image_size=8)
    written = DataCard.of(dataset, dataset.load()).to_json()
    with pytest.raises(DataError, match=complaint):
        DataCard.from_json({**written, **change})
