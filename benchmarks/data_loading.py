"""How fast a folder of JPEGs of random sizes is loaded, the first and the second time.

    python benchmarks/data_loading.py --images 2000 --size 64 --size 150

The wall clock says what a person waits, and depends on what else the machine does; the processor
time an image says what the code costs, and hardly does.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from hpsearch.data import FolderDataset
from hpsearch.data.decoding import FITS, num_threads

SIDES = (150, 600)
"""Shortest and longest side of a photo in pixels."""


def write_photos(folder: Path, count: int) -> None:
    """JPEGs of four classes: soft shapes with some noise, as large as photos of their size."""
    random = np.random.default_rng(0)
    for number in range(count):
        width, height = (int(side) for side in random.integers(SIDES[0], SIDES[1] + 1, 2))
        coarse = random.integers(0, 256, (height // 24, width // 24, 3), dtype=np.uint8)
        soft = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
        noisy = soft + random.integers(-12, 13, soft.shape)
        place = folder / f"class_{number % 4}"
        place.mkdir(exist_ok=True)
        pixels = noisy.clip(0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(place / f"{number}.jpg", quality=88)


def loaded(folder: Path, size: int, fit: str) -> tuple[float, float]:
    """Wall and processor seconds of one load."""
    wall, processor = time.perf_counter(), time.process_time()
    FolderDataset(folder, image_size=size, fit=fit).load()
    return time.perf_counter() - wall, time.process_time() - processor


def main() -> None:
    """Write the photos, load them and print a line for each size and fit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--size", type=int, action="append")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        os.environ["HPSEARCH_CACHE"] = f"{place}/cache"
        photos = Path(place) / "photos"
        photos.mkdir()
        write_photos(photos, options.images)
        print(
            f"{options.images} JPEGs of {SIDES[0]} to {SIDES[1]} pixels, {num_threads()} threads,"
        )
        print(f"other load of the machine in the last minute: {os.getloadavg()[0]:.1f}")
        for size in options.size or [64, 150]:
            for fit in FITS:
                wall, processor = loaded(photos, size, fit)
                again, _ = loaded(photos, size, fit)
                print(
                    f"{size} pixels, {fit}: {options.images / wall:.0f} images a second "
                    f"({1000 * processor / options.images:.2f} ms of processor time an image), "
                    f"again {again:.2f} s"
                )


if __name__ == "__main__":
    main()
