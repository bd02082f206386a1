"""CIFAR-10 in its binary version, which needs no unpickling."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.errors import DataError

BYTES_AN_IMAGE = 1 + 3 * 32 * 32
TRAIN_FILES = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST_FILE = "test_batch.bin"
EXPECTED = "data_batch_1.bin … data_batch_5.bin and test_batch.bin, or cifar-10-binary.tar.gz"
HINT = (
    "Get https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz, or: hpsearch data fetch cifar10"
)

Read = Callable[[], bytes]


def read_cifar(source: Path) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
    """Images (n, 32, 32, 3) and labels (n,) of ``train`` and, where it is there, ``test``.

    Args:
        source: The folder with the files or the archive, one it lies in, or the archive itself.

    Raises:
        DataError: A file is missing or damaged, or it is the version of pickled Python objects.
    """
    archive = source / "cifar-10-binary.tar.gz"
    source = archive if archive.is_file() else source
    try:
        files = _in_archive(source) if source.is_file() else _in_folder(source)
    except (OSError, tarfile.TarError, EOFError, zlib.error) as error:
        raise DataError(f"{source} cannot be read ({error}); expected {EXPECTED}.", HINT) from error
    _refuse_pickles(source, files)
    missing = [name for name in TRAIN_FILES if name not in files]
    if missing:
        raise DataError(f"{source} has no {', '.join(missing)}; expected {EXPECTED}.", HINT)
    parts = {"train": [_batch(name, files[name]) for name in TRAIN_FILES]}
    if TEST_FILE in files:
        parts["test"] = [_batch(TEST_FILE, files[TEST_FILE])]
    return {
        part: (np.concatenate([b[0] for b in batches]), np.concatenate([b[1] for b in batches]))
        for part, batches in parts.items()
    }


def _batch(name: str, content: bytes) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    if not content or len(content) % BYTES_AN_IMAGE:
        raise DataError(
            f"{name} has {len(content):,} bytes; expected a multiple of {BYTES_AN_IMAGE:,}.",
            "Get the file again.",
        )
    rows = np.frombuffer(content, np.uint8).reshape(-1, BYTES_AN_IMAGE)
    images = rows[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), rows[:, 0].astype(np.int64)


def _in_folder(folder: Path) -> dict[str, bytes]:
    inside = next(iter(sorted(folder.glob("*/data_batch_1*"))), folder / "-").parent
    names = (*TRAIN_FILES, TEST_FILE, "data_batch_1")
    return {
        name: (found / name).read_bytes() if name.endswith(".bin") else b""
        for found in (folder, inside)
        for name in names
        if (found / name).is_file()
    }


def _in_archive(archive: Path) -> dict[str, bytes]:
    """Members by the last part of their names; nothing is written anywhere."""
    wanted = (*TRAIN_FILES, TEST_FILE, "data_batch_1")
    found = {}
    with tarfile.open(archive) as opened:
        for member in opened:
            name = PurePosixPath(member.name).name
            if name in wanted and member.isfile() and member.size < 1 << 28:
                file = opened.extractfile(member)
                found[name] = file.read() if file and name.endswith(".bin") else b""
    return found


def _refuse_pickles(source: Path, files: Mapping[str, bytes]) -> None:
    if "data_batch_1" in files and TRAIN_FILES[0] not in files:
        raise DataError(
            f"{source} is CIFAR's Python version, whose files are pickled objects that could run "
            f"any code when they are read; expected {EXPECTED}.",
            HINT,
        )
