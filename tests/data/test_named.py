"""The data sets with names are read in each form they are published in."""

import gzip
import io
import struct
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.data import (
    NAMED,
    ArrayDataset,
    Cifar10,
    Dataset,
    Digits,
    FashionMnist,
    Flowers,
    FolderDataset,
    Gtsrb,
    Mnist,
    dataset_for,
    default_share,
    source_of,
)
from hpsearch.errors import DataError
from tests.data.pictures import class_folders

RANDOM = np.random.default_rng(0)


def write_idx(path: Path, values: np.ndarray, packed: bool) -> None:
    head = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    content = head + values.astype(np.uint8).tobytes()
    if packed:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(content))
    else:
        path.write_bytes(content)


def idx_folder(folder: Path, packed: bool = False, size: int = 28) -> Path:
    """50 training and 20 test pictures, each of the value of its label."""
    folder.mkdir(exist_ok=True)
    for part, count in (("train", 50), ("t10k", 20)):
        labels = np.arange(count) % 10
        images = np.tile(labels[:, None, None], (1, size, size))
        write_idx(folder / f"{part}-images-idx3-ubyte", images, packed)
        write_idx(folder / f"{part}-labels-idx1-ubyte", labels, packed)
    return folder


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("kind", [Mnist, FashionMnist])
def test_idx_files_plain_and_packed(tmp_path: Path, kind: Any, packed: bool) -> None:
    dataset = kind()
    data = dataset.load(idx_folder(tmp_path / "idx", packed))
    assert isinstance(dataset, Dataset)
    assert data.test is not None
    assert [len(part) for part in (data.train, data.validation, data.test)] == [40, 10, 20]
    for part in (data.train, data.validation, data.test):
        assert part.images.shape[1:] == dataset.image_shape
        np.testing.assert_array_equal(part.images[:, 3, 5, 0], part.labels)
    assert len(set(data.class_names)) == 10


def test_npz_files_keep_their_test_part_and_the_names(tmp_path: Path) -> None:
    images, labels = RANDOM.integers(0, 256, (60, 28, 28), dtype=np.uint8), np.arange(60) % 10
    path = tmp_path / "fashion.npz"
    np.savez(path, x_train=images[:40], y_train=labels[:40], x_test=images[40:], y_test=labels[40:])
    dataset = dataset_for(FashionMnist(), path)
    assert isinstance(dataset, FashionMnist)
    data = dataset.load(path)
    assert data.test is not None
    np.testing.assert_array_equal(data.test.images[..., 0], images[40:])
    assert data.class_names[9] == "boot"
    np.savez(path, x=images[:, :20], y=labels)
    with pytest.raises(DataError, match=r"shape \(20, 28, 1\); those of 'fashion_mnist' have \(28"):
        dataset.load(path)
    np.savez(path, x=images, y=labels + 5)
    with pytest.raises(DataError, match="labels up to 14; expected 0 to 9"):
        dataset.load(path)


def cifar_batch(count: int, start: int) -> bytes:
    """Pictures whose planes are (label, 50 + label, 100 + label)."""
    rows = np.zeros((count, 3073), dtype=np.uint8)
    rows[:, 0] = labels = (start + np.arange(count)) % 10
    rows[:, 1:] = np.repeat(labels[:, None] + np.array([[0, 50, 100]]), 1024, axis=1)
    return rows.tobytes()


@pytest.mark.parametrize("packed", [True, False])
def test_cifars_binary_version(tmp_path: Path, packed: bool) -> None:
    names = [*(f"data_batch_{n}.bin" for n in range(1, 6)), "test_batch.bin"]
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    for number, name in enumerate(names):
        (folder / name).write_bytes(cifar_batch(10, number))
    source = tmp_path
    if packed:
        source = tmp_path / "cifar-10-binary.tar.gz"
        with tarfile.open(source, "w:gz") as archive:
            archive.add(folder, folder.name)
    data = Cifar10().load(source)
    assert data.test is not None
    assert [len(part) for part in (data.train, data.validation, data.test)] == [40, 10, 10]
    np.testing.assert_array_equal(
        data.train.images[:, 7, 9], data.train.labels[:, None] + np.array([[0, 50, 100]])
    )


@pytest.mark.parametrize("packed", [True, False])
def test_cifars_pickled_version_is_refused(tmp_path: Path, packed: bool) -> None:
    source = tmp_path
    (tmp_path / "data_batch_1").write_bytes(b"\x80\x02}q\x00.")
    if packed:
        source = tmp_path / "cifar-10-python.tar.gz"
        with tarfile.open(source, "w:gz") as archive:
            member = tarfile.TarInfo("cifar-10-batches-py/data_batch_1")
            member.size = 4
            archive.addfile(member, io.BytesIO(b"\x80\x02}."))
    with pytest.raises(DataError, match=r"pickled objects .*cifar-10-binary\.tar\.gz"):
        Cifar10().load(source)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10"])
def test_what_cannot_be_had_says_where_to_get_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(DataError, match=f"not on this machine.*data fetch {name}; or give"):
        NAMED[name]().load()


def test_what_keras_has_downloaded_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    idx_folder(tmp_path / "datasets" / "fashion-mnist", packed=True)
    assert len(FashionMnist().load().train) == 40


@pytest.mark.parametrize("spoil", [lambda data: data[:-1], lambda data: data[:3], lambda _: b"x"])
def test_damaged_idx_files(tmp_path: Path, spoil: Any) -> None:
    file = idx_folder(tmp_path / "idx") / "train-images-idx3-ubyte"
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte .*expected"):
        Mnist().load(tmp_path / "idx")


def test_the_digits_are_scikit_learns() -> None:
    from sklearn.datasets import load_digits

    data = Digits().load()
    assert data.test is not None
    parts = (data.train, data.validation, data.test)
    assert [len(part) for part in parts] == [1149, 288, 360]
    images = np.concatenate([part.images for part in parts])
    assert images.max() == 1
    assert 16 * images.sum() == load_digits().data.sum()
    with pytest.raises(DataError, match="built in"):
        Digits().load(Path("somewhere"))


def test_flowers_draws_the_kinds_that_are_wanted(tmp_path: Path) -> None:
    root = class_folders(tmp_path, {"aster": 9, "daisy": 9, "iris": 9, "poppy": 9})
    wanted = Flowers(root, image_size=8, classes=("poppy", "daisy"), images_per_class=5)
    data = wanted.load()
    assert (wanted.num_classes, data.class_names) == (2, ("poppy", "daisy"))
    images = np.concatenate([data.train.images, data.validation.images])
    labels = np.concatenate([data.train.labels, data.validation.labels])
    np.testing.assert_array_equal(images[:, 0, 0, 0] > 120, labels == 0)
    assert len(labels) + len(data.test or []) == 10
    with pytest.raises(DataError, match="kinds aster, daisy, iris, poppy; expected rose"):
        Flowers(root, classes=("rose",)).load()


@pytest.mark.parametrize(
    ("images", "share"),
    [(100, 0.2), (39_209, 0.2), (60_000, 0.1667), (200_000, 0.05), (5_000_000, 0.01)],
)
def test_the_share_follows_the_guidance(images: int, share: float) -> None:
    """10-30 % of small sets, about 1 % of millions, and what was held out of GTSRB's photos."""
    assert default_share(images) == share


def test_a_path_wins_over_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert source_of("digits") == "digits"
    assert isinstance(dataset_for(None, "digits"), Digits)
    folder = class_folders(tmp_path / "digits", {"0": 3, "1": 3})
    assert source_of("digits") == str(folder)
    assert isinstance(dataset_for(None, "digits"), FolderDataset)
    with pytest.raises(DataError, match=r"no data set of that name; expected a path.* mnist"):
        source_of("didgits")


def test_the_declared_data_set_keeps_its_settings(tmp_path: Path) -> None:
    root = class_folders(tmp_path / "photos", {"ant": 3, "bee": 3, "cow": 3})
    bound = dataset_for(FolderDataset(image_size=16), root)
    assert bound is not None
    assert (bound.image_shape, bound.num_classes) == ((16, 16, 3), 3)
    declared = Digits(scaling="standardize")
    assert dataset_for(declared, "digits") is declared
    assert isinstance(dataset_for(Gtsrb(), root), Gtsrb)
    np.savez(tmp_path / "a.npz", x=np.zeros((4, 2, 2)), y=[0, 1, 0, 1])
    assert isinstance(dataset_for(Gtsrb(), tmp_path / "a.npz"), ArrayDataset)
