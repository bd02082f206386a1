"""The IDX files in which MNIST and its relatives are published, packed with gzip or not."""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.errors import DataError

EXPECTED = "train-images-idx3-ubyte and its three companions, plain or .gz"
_PATTERNS = {"train": ("*train*images*", "*train*labels*"),
             "test": ("*t10k*images*", "*t10k*labels*")}  # fmt: skip
UNSIGNED_BYTE = 8


def read_idx(path: Path) -> NDArray[np.uint8]:
    """An array of bytes; the format is described at http://yann.lecun.com/exdb/mnist.

    Raises:
        DataError: The file is damaged, or holds something else.
    """
    try:
        content = path.read_bytes()
        data = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        _, kind, num_axes = struct.unpack(">HBB", data[:4])
        shape = struct.unpack(f">{num_axes}I", data[4 : 4 + 4 * num_axes])
    except (OSError, EOFError, struct.error, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error}); expected an IDX file.") from error
    values = np.frombuffer(data, np.uint8, offset=4 + 4 * num_axes)
    if kind != UNSIGNED_BYTE or values.size != np.prod(shape, dtype=np.int64):
        raise DataError(
            f"{path} says that it holds {shape} values of type {kind} but has {values.size:,} "
            "bytes; expected a complete IDX file of bytes.",
            "Get the file again.",
        )
    return values.reshape(shape)


def is_idx_folder(folder: Path) -> bool:
    """Whether a folder holds the training images of an IDX data set."""
    return any(folder.glob(_PATTERNS["train"][0]))


def read_idx_folder(folder: Path) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
    """Images (n, height, width) and labels (n,) of ``train`` and, where it is there, ``test``.

    Raises:
        DataError: A file is missing, damaged or there twice.
    """
    found = {}
    for part, patterns in _PATTERNS.items():
        files = [_only(folder, pattern) for pattern in patterns]
        if part == "test" and files == [None, None]:
            continue
        images, labels = (read_idx(_present(folder, file)) for file in files)
        found[part] = (images, labels.astype(np.int64))
    return found


def _only(folder: Path, pattern: str) -> Path | None:
    files = {path.name.removesuffix(".gz"): path for path in sorted(folder.glob(pattern))}
    if len(files) > 1:
        raise DataError(
            f"{folder} holds {' and '.join(sorted(files))}; expected one of them.",
            "Give a folder with one data set.",
        )
    return next(iter(files.values()), None)


def _present(folder: Path, file: Path | None) -> Path:
    if file is None:
        raise DataError(f"{folder} lacks a file; expected {EXPECTED}.")
    return file
