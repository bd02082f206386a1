"""Each kind of nonsense in a folder of images is one clear error, or counted."""

import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from hpsearch.data import DogsVsCats, FolderDataset
from hpsearch.data.description import describe
from hpsearch.errors import DataError
from tests.data.pictures import class_folders, photo


def bomb(path: Path) -> None:
    """A PNG of a few bytes that says it has 100,000 × 100,000 pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + body)


def truncated(path: Path) -> None:
    photo(90, (200, 200)).save(path, "JPEG")
    path.write_bytes(path.read_bytes()[:400])


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.write_text("I am no photo"), "none of JPEG, PNG, PPM, BMP, WEBP"),
        (lambda path: path.write_bytes(b""), "it is empty"),
        (truncated, "Truncated"),
        (bomb, "pixels"),
        (lambda path: path.symlink_to("nowhere"), "No such file"),
    ],
)
def test_a_bad_image_is_named_or_left_out_and_counted(
    tmp_path: Path, spoil: Callable[[Path], object], reason: str
) -> None:
    root = class_folders(tmp_path, {"ant": 10, "bee": 10})
    spoil(root / "ant" / "bad.jpg")
    with pytest.raises(DataError, match=rf"bad\.jpg cannot be read \(.*{reason}.*--skip-bad"):
        FolderDataset(root, image_size=8).load()
    data = FolderDataset(root, image_size=8).load(skip_bad=True)
    assert data.skipped == 1
    assert len(data.train) + len(data.validation) + len(data.test or []) == 20


def test_what_was_left_out_does_not_end_a_description(tmp_path: Path) -> None:
    """Sizes are of the files whose heads tell a size that may be."""
    root = class_folders(tmp_path, {"ant": 10, "bee": 10})
    bomb(root / "ant" / "bad.png")
    dataset = FolderDataset(root, image_size=8)
    files = [file.path for file in dataset.files().files]
    description = describe("pets", dataset.load(skip_bad=True), files)
    assert (len(files), description.skipped) == (21, 1)
    assert description.sizes is not None
    assert description.sizes.widths.tolist() == [20] * 20


def test_other_files_are_ignored_with_a_count(tmp_path: Path) -> None:
    root = class_folders(tmp_path, {"ant": 5, "bee": 5})
    for name in ("README.txt", "ant/Thumbs.db", "bee/notes.md", ".hidden", "ant/.DS_Store"):
        (root / name).write_text("text")
    assert "3 other files beside them ignored" in FolderDataset(root).load().source


@pytest.mark.parametrize(
    ("folders", "reason"),
    [
        ({}, "is empty"),
        ({"ant": 5}, "one class only, 'ant'"),
        ({"ant": 5, "bee": 1}, "'bee' .* has 1 training image; expected two or more"),
        ({"ant": 5, "bee": 0}, "'bee' .* has 0 training images"),
        ({"a/ant": 5, "a/bee": 5, "b/cow": 5}, "folder of folders of folders .*such as"),
        ({"ant": 0, "bee": 0}, "hold no image"),
    ],
)
def test_folders_that_are_no_classes(tmp_path: Path, folders: dict[str, int], reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        FolderDataset(class_folders(tmp_path, folders)).load()


def test_images_without_class_folders(tmp_path: Path) -> None:
    photo(1).save(tmp_path / "a.png")
    with pytest.raises(DataError, match="1 image but no class folders"):
        FolderDataset(tmp_path).load()


def test_a_class_that_is_only_tested(tmp_path: Path) -> None:
    class_folders(tmp_path / "train", {"ant": 5, "bee": 5})
    class_folders(tmp_path / "test", {"ant": 5, "wasp": 5})
    with pytest.raises(DataError, match=r"test part of .* class 'wasp', which the training"):
        FolderDataset(tmp_path).load()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("path,kind\na.png,x\n", "no class folders"),  # no such table
        ("path,label\n", "no line below its first"),
        ("path,label\na.png,\n", "Line 2 .* no label"),
        ("path,label,split\na.png,x,tomorrow\n", "'tomorrow'; expected train, val or test"),
        ("path,label\na.png,x\nmissing.png,y\na.png,x\nmissing.png,y\n", "No such file"),
    ],
)
def test_tables_that_make_no_sense(tmp_path: Path, text: str, reason: str) -> None:
    photo(1).save(tmp_path / "a.png")
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(DataError, match=reason):
        FolderDataset(tmp_path, test_share=0).load()


def test_a_zip_is_unpacked_in_the_cache_unless_it_is_unsafe(tmp_path: Path) -> None:
    root = class_folders(tmp_path / "photos", {"ant": 5, "bee": 5})
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        for path in root.rglob("*.png"):
            archive.write(path, path.relative_to(tmp_path))
    for _ in range(2):
        data = FolderDataset(tmp_path / "photos.zip", image_size=8).load()
        assert data.class_names == ("ant", "bee")
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("../evil.png", b"")
    with pytest.raises(DataError, match=r"unsafe member '\.\./evil\.png'"):
        FolderDataset(tmp_path / "evil.zip").load()


def test_a_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so that the refusal itself has to be made up."""
    root = class_folders(tmp_path, {"ant": 5, "bee": 5})

    def refuse(path: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError, match=r"cannot be read \(Permission denied\)"):
        FolderDataset(root).load()


@pytest.mark.parametrize("kaggle", [True, False])
def test_dogs_vs_cats_by_name_and_by_folder(tmp_path: Path, kaggle: bool) -> None:
    """Three of each to train, two to validate, one to test, always the same; dogs are 1."""
    if kaggle:
        (tmp_path / "train").mkdir()
        for number in range(8):
            photo(number).save(tmp_path / "train" / f"cat.{number}.jpg", quality=100)
            photo(60 + number).save(tmp_path / "train" / f"dog.{number}.jpg", quality=100)
    else:
        class_folders(tmp_path, {"Cat": 8, "Dog": 8})
    counts = {"num_train": 3, "num_validation": 2, "num_test": 1}
    dataset = DogsVsCats(tmp_path, image_size=8, **counts)  # type: ignore[arg-type]
    data, again = dataset.load(), dataset.load(seed=9)
    assert data.test is not None
    sizes = [len(part) for part in (data.train, data.validation, data.test)]
    assert (sizes, data.problem, data.class_names) == ([6, 4, 2], "binary", ("cat", "dog"))
    assert data.split == again.split
    for part in (data.train, data.validation, data.test):
        is_dog = part.images[:, 0, 0, 0] > 30
        assert is_dog.tolist() == part.labels.astype(bool).tolist()
    with pytest.raises(DataError, match=r"8 images of cat; expected 1000 to train, 500 to val"):
        DogsVsCats(tmp_path).load()
