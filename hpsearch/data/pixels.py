"""Stored images as bytes, as grey values and as thumbnails, for looking at them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.decoding import COLOR_MODES

GREY_WEIGHTS = (0.299, 0.587, 0.114)
"""ITU-R BT.601, as Pillow has it."""


COLORFUL = (3, 4)
"""Channels of what can be shown in colour; of others the first is shown as grey."""


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


def thumbnails(images: NDArray[Any], most: int, color_space: str = "rgb") -> NDArray[np.uint8]:
    """Stored images as people see them, made smaller where they are large.

    Args:
        images: (n, height, width, channels), uint8, or float in 0..1.
        most: Largest side in pixels.
        color_space: Of images of three channels, one of `COLOR_MODES`.

    Returns:
        (n, rows, columns, 3), red, green and blue; (n, rows, columns, 1) where the images have
        another number of channels, of which the first is shown.
    """
    from PIL import Image

    pixels = as_bytes(images)
    height, width, channels = pixels.shape[1:]
    in_colour = channels in COLORFUL
    shrunk = max(height, width) / most
    sides = (width, height)
    if shrunk > 1:
        sides = (max(1, round(width / shrunk)), max(1, round(height / shrunk)))
    made = np.empty((len(pixels), sides[1], sides[0], 3 if in_colour else 1), np.uint8)
    for position, own in enumerate(pixels):
        if in_colour:
            image = Image.fromarray(own[..., :3], COLOR_MODES[color_space]).convert("RGB")
        else:
            image = Image.fromarray(own[..., 0])
        made[position] = np.asarray(image.resize(sides)).reshape(made.shape[1:])
    return made
