"""Small real image files, made on the fly."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image


def photo(value: int, size: tuple[int, int] = (20, 16), mode: str = "RGB") -> Image.Image:
    """A picture of one value, `size` wide and high."""
    return Image.fromarray(np.full((size[1], size[0], 3), value, dtype=np.uint8)).convert(mode)


def class_folders(root: Path, counts: Mapping[str, int], suffix: str = ".png") -> Path:
    """Class folders with so many pictures; the value of a picture is 10 times its class, plus its
    number, so that no two are alike."""
    for label, (name, count) in enumerate(counts.items()):
        (root / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            photo(60 * label + number).save(root / name / f"{number:03d}{suffix}")
    return root
