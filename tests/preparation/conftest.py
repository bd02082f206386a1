"""Images and a data set as a preparation sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest


@dataclass(frozen=True)
class Images:
    """A data set that hands its images over as they are."""

    image_shape: tuple[int, int, int] = (16, 16, 3)
    scaling: str = "unit"
    num_classes: int = 4
    mirror_safe: bool = True


@pytest.fixture
def dataset() -> type[Images]:
    return Images


@pytest.fixture
def images() -> Any:
    """(40, 16, 16, 3) floats in 0..1, each channel with a spread of its own."""
    random = np.random.default_rng(0)
    return (random.random((40, 16, 16, 3)) * [0.2, 0.6, 1.0]).astype("float32")
