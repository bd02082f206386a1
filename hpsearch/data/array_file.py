"""A .npz file of images and labels, checked while it is read."""

import zipfile
import zlib
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.array_checks import (
    checked_images,
    checked_labels,
    refuse_one_hot,
    refuse_too_dark,
    wrong_shape,
)
from hpsearch.errors import DataError

EXPECTED = "a .npz file with images x and labels y (or x_train, y_train, x_test, y_test)"
_NAMES = {
    "train": (("x", "y"), ("x_train", "y_train")),
    "val": (("x_val", "y_val"),),
    "test": (("x_test", "y_test"),),
}


class ArrayFile:
    """Arrays of one file, read when they are asked for.

    Args:
        path: A file written by ``numpy.savez`` or ``numpy.savez_compressed``.

    Raises:
        DataError: There is no such file, or it has no training images.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise DataError(f"The data file {path} does not exist; expected {EXPECTED}.")
        pair = self._pair("train")
        if not pair:
            found = ", ".join(sorted(self._names)) or "nothing"
            raise DataError(f"{path} holds {found}; expected {EXPECTED}.")
        self._images_name = pair[0]

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of the training images."""
        shape = self._header(self._images_name)
        if len(shape) not in (3, 4):
            raise wrong_shape(self._images_name, str(self.path), shape)
        return (shape[1], shape[2], shape[3] if len(shape) == 4 else 1)

    @cached_property
    def labels(self) -> NDArray[Any]:
        """The labels of all parts together."""
        pairs = [pair for pair in map(self._pair, _NAMES) if pair]
        found = [self._labels(y, self._header(x)[0]) for x, y in pairs]
        if len({labels.shape[1:] for labels in found}) > 1:
            raise DataError(f"{self.path} has labels of another shape in each part.")
        return np.concatenate(found)

    @cached_property
    def problem(self) -> str | None:
        """What the file says in its entry ``problem``; None where it says nothing."""
        return str(self._array("problem")) if "problem" in self._names else None

    def part(self, kind: str) -> tuple[NDArray[Any], NDArray[Any]] | None:
        """Images and labels of ``train``, ``val`` or ``test``; None where there are none.

        Raises:
            DataError: The arrays are not images and labels, or do not fit together.
        """
        pair = self._pair(kind)
        if not pair:
            return None
        images = checked_images(self._array(pair[0]), pair[0], str(self.path))
        if pair[0] == self._images_name:
            refuse_too_dark(images, pair[0], str(self.path))
        if images.shape[1:] != self.image_shape:
            raise wrong_shape(pair[0], str(self.path), images.shape)
        return images, self._labels(pair[1], len(images))

    @cached_property
    def _names(self) -> set[str]:
        try:
            with zipfile.ZipFile(self.path) as file:
                return {name.removesuffix(".npy") for name in file.namelist()}
        except (zipfile.BadZipFile, OSError) as error:
            raise DataError(
                f"{self.path} cannot be read ({error}); expected {EXPECTED}."
            ) from error

    def _pair(self, kind: str) -> tuple[str, str] | tuple[()]:
        return next((pair for pair in _NAMES[kind] if self._names.issuperset(pair)), ())

    def _header(self, name: str) -> tuple[int, ...]:
        """Shape of an array, without reading it."""
        try:
            with zipfile.ZipFile(self.path) as file, file.open(f"{name}.npy") as member:
                version = np.lib.format.read_magic(member)
                read = (
                    np.lib.format.read_array_header_1_0
                    if version == (1, 0)
                    else np.lib.format.read_array_header_2_0
                )
                return tuple(read(member)[0])
        except (zipfile.BadZipFile, OSError, ValueError, zlib.error) as error:
            raise self._unreadable(name, error) from error

    def _array(self, name: str) -> NDArray[Any]:
        try:
            with np.load(self.path, allow_pickle=False) as file:
                array: NDArray[Any] = file[name]
                return array
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, zlib.error) as error:
            raise self._unreadable(name, error) from error

    def _unreadable(self, name: str, error: Exception) -> DataError:
        pickled = "pickle" in str(error)
        problem = "is an array of Python objects (pickled)" if pickled else f"is damaged ({error})"
        return DataError(
            f"{name} in {self.path} {problem}; expected a plain array of numbers.",
            hint="Save it with numpy.savez(path, x=images, y=labels) from number arrays.",
        )

    def _labels(self, name: str, num_images: int) -> NDArray[Any]:
        labels = checked_labels(self._array(name), name, str(self.path), num_images)
        if self.problem is None:
            refuse_one_hot(labels, name, str(self.path))
        return labels
