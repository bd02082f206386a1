"""Arrays that a user gives as images and labels, checked and brought to one form."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.counting import count_of
from hpsearch.errors import DataError

IN_RANGE = "expected whole numbers in 0..255 or floats in 0..1"
BYTES_FROM = 128
"""Floats that reach beyond this, and not beyond 255, are taken for bytes."""
DARKEST = 64
"""Whole numbers that all stay below this are most likely no bytes: 0 and 1, 0 to 16 …"""


def checked_images(images: NDArray[Any], name: str, where: str) -> NDArray[Any]:
    """Images as (n, height, width, channels), uint8, or float32 in 0..1.

    Args:
        images: (n, height, width) or (n, height, width, channels) numbers.
        name: Name of the array, for messages.
        where: What holds it, for messages.

    Raises:
        DataError: They are no images, or of another range; the message says what to save.
    """
    if images.ndim not in (3, 4) or 0 in images.shape:
        raise wrong_shape(name, where, images.shape)
    images = images if images.ndim == 4 else images[..., None]
    if images.dtype.kind not in "biuf":
        raise DataError(f"{name} in {where} has the type {images.dtype}; {IN_RANGE}.")
    low, high = images.min(), images.max()
    if not np.isfinite([low, high]).all():
        raise _not_finite(name, where, images)
    if images.dtype.kind == "f" and low >= 0 and high <= 1:
        return images.astype(np.float32, copy=False)
    if images.dtype.kind in "ui" and low >= 0 and high <= 255:
        return images.astype(np.uint8, copy=False)
    raise DataError(
        f"{name} in {where} is {images.dtype} from {low:g} to {high:g}; {IN_RANGE}.",
        hint=_how_to_rescale(name, images.dtype.kind, float(low), float(high)),
    )


def refuse_too_dark(images: NDArray[Any], name: str, where: str) -> None:
    """Refuse training images of whole numbers that are most likely no bytes.

    Raises:
        DataError: All of them stay below `DARKEST`.
    """
    high = int(images.max()) if images.dtype == np.uint8 else DARKEST
    if high < DARKEST:
        raise DataError(
            f"{name} in {where} is {images.dtype} up to {high}; whole numbers are taken for bytes, "
            "which reach up to 255 in photographs.",
            hint="Divide by the largest possible value: save "
            f"({name} / {max(high, 1)}).astype('float32'), or / 255 if they are bytes.",
        )


def checked_labels(labels: NDArray[Any], name: str, where: str, num_images: int) -> NDArray[Any]:
    """Labels as (n,) or (n, k) numbers; see `labels.infer_problem` for what they mean.

    Args:
        labels: (n,), (n, 1) or (n, k).
        name: Name of the array, for messages.
        where: What holds it, for messages.
        num_images: How many there should be.

    Raises:
        DataError: They are no numbers, do not go with the images, are numbered strangely, or
            are one-hot rows.
    """
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim not in (1, 2) or labels.dtype.kind not in "biuf" or not labels.size:
        raise DataError(
            f"{name} in {where} has shape {labels.shape} and type {labels.dtype}; "
            "expected one whole number an image.",
            hint=f"Save numpy.unique({name}, return_inverse=True)[1].",
        )
    if len(labels) != num_images:
        raise DataError(
            f"{where} has {count_of(num_images, 'image')} but "
            f"{count_of(len(labels), 'label')} in {name}; expected one label an image."
        )
    if labels.ndim == 1 and labels.dtype.kind in "ui":
        _check_numbering(labels, name, where)
    return labels


def refuse_one_hot(labels: NDArray[Any], name: str, where: str) -> None:
    """Refuse a matrix that most likely is one class an image, though it could be many labels.

    Raises:
        DataError: Every row has a single 1, all else being 0.
    """
    if labels.ndim == 2 and np.isin(labels, (0, 1)).all() and (labels.sum(axis=1) == 1).all():
        raise DataError(
            f"{name} in {where} has shape {labels.shape} and type {labels.dtype}, one-hot rows; "
            "expected one whole number an image.",
            hint=f"For one-hot rows save {name}.argmax(axis=1); if each image may have several "
            "labels, say so: save problem='many_labels' beside it.",
        )


def _check_numbering(labels: NDArray[Any], name: str, where: str) -> None:
    if labels.min() < 0 or labels.max() >= max(1000, len(labels)):
        raise DataError(
            f"{name} in {where} has labels from {labels.min()} to {labels.max()}; "
            "expected classes numbered from 0 without large gaps."
        )


def wrong_shape(name: str, where: str, shape: tuple[int, ...]) -> DataError:
    """The error for an array whose shape is not that of images."""
    return DataError(
        f"{name} in {where} has shape {shape}; expected (images, height, width) or "
        "(images, height, width, channels), the same in all parts."
    )


def _not_finite(name: str, where: str, images: NDArray[Any]) -> DataError:
    bad = ~np.isfinite(images).all(axis=(1, 2, 3))
    return DataError(
        f"{name} in {where} holds NaN or infinity in {bad.sum():,} of {len(images):,} "
        f"images, first in image {np.argmax(bad)}; {IN_RANGE}.",
        hint="Leave these images out, or look at what made them.",
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
