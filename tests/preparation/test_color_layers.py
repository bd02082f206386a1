"""Colours by their published values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hpsearch.preparation.color_layers import ColorSpace

RED, WHITE, GREY = (1.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.5, 0.5, 0.5)


def converted(space: str, color: tuple[float, ...]) -> Any:
    return np.asarray(ColorSpace(space)(np.full((1, 2, 2, 3), color, "float32")))[0, 0, 0]


@pytest.mark.parametrize(
    ("space", "color", "expected"),
    [
        ("grey", RED, [0.299]),
        ("grey", WHITE, [1.0]),
        ("yuv", WHITE, [1.0, 0.5, 0.5]),
        ("yuv", RED, [0.299, 0.331, 1.0]),  # JFIF: Cb 84.97, Cr 255.5 of 255, round 128
        ("hsv", RED, [0.0, 1.0, 1.0]),
        ("hsv", (0.0, 0.5, 0.0), [1 / 3, 1.0, 0.5]),
        ("lab", WHITE, [1.0, 0.0, 0.0]),
        ("lab", RED, [0.5324, 80.09 / 128, 67.20 / 128]),  # L*a*b* of sRGB red under D65
        ("lab", GREY, [0.5339, 0.0, 0.0]),
        ("lab", (0.0, 0.0, 0.0), [0.0, 0.0, 0.0]),
        ("rgb", RED, [1.0, 0.0, 0.0]),
    ],
)
def test_known_colours_come_out_as_published(
    space: str, color: tuple[float, ...], expected: list[float]
) -> None:
    assert converted(space, color) == pytest.approx(expected, abs=2e-3)


def test_the_shape_is_known_before_anything_is_computed() -> None:
    assert ColorSpace("grey").compute_output_shape((None, 8, 8, 3)) == (None, 8, 8, 1)
    assert ColorSpace("lab").compute_output_shape((None, 8, 8, 3)) == (None, 8, 8, 3)
