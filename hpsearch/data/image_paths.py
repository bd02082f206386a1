"""The images that paths on a command line mean."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from hpsearch.data.array_checks import checked_images
from hpsearch.data.decoding import SUFFIXES
from hpsearch.errors import DataError
from hpsearch.storage.places import expanded

ARRAYS = ".npz"
NAMES = ("x", "x_test", "x_val", "x_train", "images")
"""Arrays of a file that are taken for its images, the first there is."""


def find_images(given: Sequence[Path | str]) -> list[Path]:
    """Image files and ``.npz`` files, each once, in the order given.

    Args:
        given: Files, and folders that are searched for images to any depth; what is hidden
            (``.name``) and what is no image by its name is left out there.

    Raises:
        DataError: Something is not there, a folder has no image, or nothing is given.
    """
    found = [path for each in given for path in _below(expanded(each))]
    if not found:
        raise DataError("No images are given.", "Give image files, folders or a .npz file.")
    return list(dict.fromkeys(found))


def read_arrays(path: Path, shape: tuple[int, int, int]) -> NDArray[np.generic]:
    """The images of a ``.npz`` file.

    Args:
        path: A file with one array of images, or with ``x``.
        shape: (height, width, channels) that they must have.

    Returns:
        (n, height, width, channels), uint8 in 0..255 or float32 in 0..1.

    Raises:
        DataError: It holds no such array.
    """
    try:
        with path.open("rb") as opened, NpzFile(opened, allow_pickle=False) as file:
            name = _name(path, list(file.files))
            images = checked_images(file[name], name, str(path))
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(
            f"{path} cannot be read ({error}); expected a .npz file with images x.",
            "Save it with numpy.savez(path, x=images).",
        ) from None
    if images.shape[1:] != shape:
        raise DataError(
            f"The images of {path} have shape {images.shape[1:]}; the model takes {shape}.",
            "Give images of that shape, or image files, which are brought to it.",
        )
    return images


def _below(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise DataError(
            f"There is no image {path}; expected a file or a folder.", "Check the path."
        )
    images = _in_folder(path)
    if not images:
        raise DataError(
            f"The folder {path} holds no image, nor do those in it; expected "
            f"{', '.join(sorted(SUFFIXES))}.",
            "Give a folder with images.",
        )
    yield from images


def _in_folder(root: Path) -> list[Path]:
    found = []
    for folder, below, files in os.walk(root):
        below[:] = sorted(name for name in below if not name.startswith("."))
        images = (name for name in sorted(files) if Path(name).suffix.lower() in SUFFIXES)
        found += [Path(folder) / name for name in images if not name.startswith(".")]
    return found


def _name(path: Path, names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    known = [name for name in NAMES if name in names]
    if not known:
        raise DataError(
            f"{path} holds {', '.join(sorted(names)) or 'nothing'}; expected images x.",
            "Save it with numpy.savez(path, x=images).",
        )
    return known[0]
