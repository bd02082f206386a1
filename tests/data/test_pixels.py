"""Stored images become pictures that people can look at."""

from __future__ import annotations

import numpy as np
from PIL import Image

from hpsearch.data.pixels import thumbnails


def test_small_images_stay_as_they_are() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 5, 7, 3), np.uint8)
    np.testing.assert_array_equal(thumbnails(images, 96), images)


def test_large_images_keep_their_aspect() -> None:
    assert thumbnails(np.zeros((1, 200, 100, 3), np.uint8), 96).shape == (1, 96, 48, 3)
    assert thumbnails(np.zeros((1, 1, 500, 1), np.uint8), 50).shape == (1, 1, 50, 1)


def test_floats_and_other_channels_are_shown() -> None:
    """Floats are in 0..1; of two channels the first one is seen, of four the colours."""
    assert thumbnails(np.ones((1, 2, 2, 1), np.float32), 96).max() == 255
    assert thumbnails(np.ones((1, 2, 2, 2), np.float32), 96).shape == (1, 2, 2, 1)
    assert thumbnails(np.ones((1, 2, 2, 4), np.float32), 96).shape == (1, 2, 2, 3)


def test_yuv_is_shown_in_its_colours() -> None:
    red = Image.new("RGB", (4, 4), (255, 0, 0))
    stored = np.asarray(red.convert("YCbCr"))[None]
    seen = thumbnails(stored, 96, "yuv")
    assert abs(seen.astype(int) - np.asarray(red)[None].astype(int)).max() <= 2
