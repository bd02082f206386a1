"""GTSRB as its archives unpack, made on the fly."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

HEADER = "Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId"


def picture(label: int, track: int, frame: int) -> Image.Image:
    """A grey picture with a bright middle; its size and values depend on the frame."""
    pixels = np.full((20 + frame, 24, 3), 40 + label, dtype=np.uint8)
    pixels[5:15, 6:18] = (200, 100 + track, 10 * frame)
    return Image.fromarray(pixels)


def write_official(root: Path, tracks: Mapping[int, int], num_test: int, top: str) -> None:
    """Write {class: number of tracks}, 3 frames a track, and so many test images.

    Args:
        root: Where the archives would be unpacked.
        tracks: Of each class.
        num_test: Test images; their classes are 0, 1, 2 …
        top: Folder inside the archives.
    """
    for label, count in tracks.items():
        folder = root / top / "Final_Training" / "Images" / f"{label:05d}"
        folder.mkdir(parents=True)
        lines = [f"Filename;{HEADER}"]
        for track in range(count):
            for frame in range(3):
                name = f"{track:05d}_{frame:05d}.ppm"
                image = picture(label, track, frame)
                image.save(folder / name)
                lines.append(f"{name};{image.width};{image.height};6;5;18;15;{label}")
        (folder / f"GT-{label:05d}.csv").write_text("\n".join(lines) + "\n")
    test = root / top / "Final_Test" / "Images"
    test.mkdir(parents=True)
    lines = [f"Filename;{HEADER}"]
    for number in range(num_test):
        picture(number, 9, 1).save(test / f"{number:05d}.ppm")
        lines.append(f"{number:05d}.ppm;24;21;6;5;18;15;{number}")
    (root / "GT-final_test.csv").write_text("\n".join(lines) + "\n")
