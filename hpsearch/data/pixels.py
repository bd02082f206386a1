"""Stored images as bytes and as grey values, for looking at them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

GREY_WEIGHTS = (0.299, 0.587, 0.114)
"""ITU-R BT.601, as Pillow has it."""


def as_bytes(images: NDArray[Any]) -> NDArray[np.uint8]:
    """Images as uint8; floats are in 0..1."""
    if images.dtype == np.uint8:
        return images
    return np.round(images * 255).clip(0, 255).astype(np.uint8)


def grey(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Brightness of images: (…, height, width, channels) to (…, height, width)."""
    if images.shape[-1] != len(GREY_WEIGHTS):
        return images[..., 0]
    values: NDArray[np.float64] = images @ np.array(GREY_WEIGHTS)
    return np.round(values).astype(np.uint8)
