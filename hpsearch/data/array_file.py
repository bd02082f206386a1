"""A .npz file of images and labels, checked while it is read."""

import zipfile
import zlib
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.counting import count_of
from hpsearch.data.loaded import Part
from hpsearch.errors import DataError

EXPECTED = "a .npz file with images x and labels y (or x_train, y_train, x_test, y_test)"
IN_RANGE = "expected whole numbers in 0..255 or floats in 0..1"
BYTES_FROM = 128
"""Floats that reach beyond this, and not beyond 255, are taken for bytes."""
DARKEST = 64
"""Whole numbers that all stay below this are most likely no bytes: 0 and 1, 0 to 16 …"""
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
            raise self._wrong_shape(self._images_name, shape)
        return (shape[1], shape[2], shape[3] if len(shape) == 4 else 1)

    @cached_property
    def num_classes(self) -> int:
        """Highest label of all parts plus one."""
        return 1 + max(self.labels_in_use)

    @cached_property
    def labels_in_use(self) -> set[int]:
        """The labels that images of any part have."""
        names = [pair[1] for pair in map(self._pair, _NAMES) if pair]
        return {int(label) for name in names for label in np.unique(self._labels(name))}

    def part(self, kind: str) -> Part | None:
        """Images and labels of ``train``, ``val`` or ``test``; None where there are none.

        Raises:
            DataError: The arrays are not images and labels, or do not fit together.
        """
        pair = self._pair(kind)
        if not pair:
            return None
        images, labels = self._images(pair[0]), self._labels(pair[1])
        if len(images) != len(labels):
            raise DataError(
                f"{self.path} has {count_of(len(images), 'image')} in {pair[0]} but "
                f"{count_of(len(labels), 'label')} in {pair[1]}; expected one label an image."
            )
        if images.shape[1:] != self.image_shape:
            raise self._wrong_shape(pair[0], images.shape)
        return Part(images, labels)

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

    def _images(self, name: str) -> NDArray[Any]:
        images = self._array(name)
        if images.ndim not in (3, 4) or 0 in images.shape:
            raise self._wrong_shape(name, images.shape)
        images = images if images.ndim == 4 else images[..., None]
        if images.dtype.kind not in "biuf":
            raise DataError(f"{name} in {self.path} has the type {images.dtype}; {IN_RANGE}.")
        low, high = images.min(), images.max()
        if not np.isfinite([low, high]).all():
            raise self._not_finite(name, images)
        if images.dtype.kind == "f" and low >= 0 and high <= 1:
            return images.astype(np.float32, copy=False)
        if images.dtype.kind in "ui" and low >= 0 and high <= 255:
            if name == self._images_name and high < DARKEST:
                raise self._too_dark(name, images.dtype, int(high))
            return images.astype(np.uint8, copy=False)
        raise DataError(
            f"{name} in {self.path} is {images.dtype} from {low:g} to {high:g}; {IN_RANGE}.",
            hint=_how_to_rescale(name, images.dtype.kind, float(low), float(high)),
        )

    def _too_dark(self, name: str, dtype: Any, high: int) -> DataError:
        return DataError(
            f"{name} in {self.path} is {dtype} up to {high}; whole numbers are taken for bytes, "
            "which reach up to 255 in photographs.",
            hint="Divide by the largest possible value: save "
            f"({name} / {max(high, 1)}).astype('float32'), or / 255 if they are bytes.",
        )

    def _not_finite(self, name: str, images: NDArray[Any]) -> DataError:
        bad = ~np.isfinite(images).all(axis=(1, 2, 3))
        return DataError(
            f"{name} in {self.path} holds NaN or infinity in {bad.sum():,} of {len(images):,} "
            f"images, first in image {np.argmax(bad)}; {IN_RANGE}.",
            hint="Leave these images out, or look at what made them.",
        )

    def _labels(self, name: str) -> NDArray[np.int64]:
        labels = self._array(name)
        if labels.ndim == 2 and labels.shape[1] == 1:
            labels = labels[:, 0]
        if labels.ndim != 1 or labels.dtype.kind not in "ui" or not len(labels):
            raise DataError(
                f"{name} in {self.path} has shape {labels.shape} and type {labels.dtype}; "
                "expected one whole number an image.",
                hint=_how_to_number(name, labels),
            )
        if labels.min() < 0 or labels.max() >= max(1000, len(labels)):
            raise DataError(
                f"{name} in {self.path} has labels from {labels.min()} to {labels.max()}; "
                "expected classes numbered from 0 without large gaps."
            )
        return labels.astype(np.int64)

    def _wrong_shape(self, name: str, shape: tuple[int, ...]) -> DataError:
        return DataError(
            f"{name} in {self.path} has shape {shape}; expected (images, height, width) or "
            "(images, height, width, channels), the same in all parts."
        )


def _how_to_rescale(name: str, kind: str, low: float, high: float) -> str:
    """What to save instead of images of another range."""
    if kind == "b":
        return f"Save {name}.astype('float32')."
    if low < 0:
        shifted = f"({name} + {-low:.17g}) / {high - low:.17g}"
        return f"Shift and divide: save ({shifted}).astype('float32')."
    if kind == "f" and BYTES_FROM < high <= 255:
        return f"These look like bytes: save {name}.round().astype('uint8')."
    return f"Divide by the largest possible value: save ({name} / {high:.17g}).astype('float32')."


def _how_to_number(name: str, labels: NDArray[Any]) -> str:
    """What to save instead of one-hot rows or of other kinds of labels."""
    if labels.ndim == 2 and labels.dtype.kind in "biuf":
        return f"For one-hot rows save {name}.argmax(axis=1)."
    return f"Save numpy.unique({name}, return_inverse=True)[1]."
