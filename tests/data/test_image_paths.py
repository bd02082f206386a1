"""Which images paths mean, and what is said where there are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.data.image_paths import find_images, read_arrays
from hpsearch.errors import DataError


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_folders_are_searched_to_any_depth_and_each_image_counts_once(tmp_path: Path) -> None:
    touch(tmp_path, "b/2.PNG", "b/c/1.jpeg", "a.webp", "notes.txt", ".hidden.jpg", ".git/x.png")
    found = find_images([tmp_path / "b", tmp_path / "a.webp", tmp_path])
    assert [str(path.relative_to(tmp_path)) for path in found] == [
        "b/2.PNG", "b/c/1.jpeg", "a.webp",
    ]  # fmt: skip


def test_a_file_that_is_named_is_taken_whatever_its_name(tmp_path: Path) -> None:
    """Whether it is an image is seen when it is read."""
    touch(tmp_path, "photo")
    assert find_images([tmp_path / "photo"]) == [tmp_path / "photo"]


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    touch(tmp_path, "sub/notes.txt")
    with pytest.raises(DataError, match=r"There is no image .*none\.jpg"):
        find_images([tmp_path / "none.jpg"])
    with pytest.raises(DataError, match="holds no image"):
        find_images([tmp_path])
    with pytest.raises(DataError, match="No images are given"):
        find_images([])


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({"x": np.zeros((2, 9, 8, 1), np.uint8)}, r"\(9, 8, 1\); the model takes \(8, 8, 1\)"),
        ({"y": np.zeros(3), "z": np.zeros(3)}, "holds y, z; expected images x"),
        ({"x": np.array([{}], dtype=object)}, "pickle"),
        ({"x": np.full((2, 8, 8, 1), 300)}, "from 300 to 300"),
    ],
)
def test_arrays_that_are_no_images_of_the_model_are_refused(
    tmp_path: Path, content: dict[str, Any], complaint: str
) -> None:
    np.savez(tmp_path / "a.npz", **content)
    with pytest.raises(DataError, match=complaint):
        read_arrays(tmp_path / "a.npz", (8, 8, 1))


def test_x_is_taken_or_the_only_array(tmp_path: Path) -> None:
    """Grey images may come without channels."""
    np.savez(tmp_path / "one.npz", pictures=np.zeros((2, 8, 8), np.uint8))
    assert read_arrays(tmp_path / "one.npz", (8, 8, 1)).shape == (2, 8, 8, 1)
    np.savez(tmp_path / "two.npz", x=np.ones((3, 8, 8)), y=np.zeros(3))
    assert read_arrays(tmp_path / "two.npz", (8, 8, 1)).dtype == np.float32


@pytest.mark.parametrize("kind", ["noise", "single array"])
def test_a_file_that_is_no_archive_is_named(tmp_path: Path, kind: str) -> None:
    """Such as one of numpy.save under the wrong name."""
    path = tmp_path / "noise.npz"
    with path.open("wb") as file:
        file.write(b"PK noise") if kind == "noise" else np.save(file, np.zeros((2, 8, 8)))
    with pytest.raises(DataError, match=r"noise\.npz cannot be read"):
        read_arrays(path, (8, 8, 1))
