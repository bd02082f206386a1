"""What one worker holds in memory after 10 and after 100 transfer trials.

    python -m benchmarks.transfer_memory --images fashion.npz [--weights vgg16_notop.weights.h5]

`hpsearch coarse` runs on a small folder of photos with one worker, whose resident size is read
whenever another ten trials are done. Without weights VGG16 gets random ones, of the same size.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.transfer_against_scratch import write_photos
from benchmarks.worker_memory import watch

SPACE = Path(__file__).parent / "spaces" / "small_transfer.py"
CLASSES, PHOTOS = 4, 24


def make_photos(source: Path, folder: Path) -> None:
    with np.load(source, allow_pickle=False) as file:
        images, labels = file["x"], file["y"]
    for label in range(CLASSES):
        write_photos(images[labels == label][:PHOTOS], folder / f"class_{label}")


def random_weights(path: Path) -> Path:
    import keras

    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(48, 48, 3))
    base.save_weights(path)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True, help="npz with x and y")
    parser.add_argument("--weights", type=Path, help="VGG16 without its top")
    parser.add_argument("--trials", type=int, default=101, help="one more than are looked at")
    parser.add_argument(
        "--results", type=Path, default=Path("benchmarks/results/transfer_memory.json")
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["HPSEARCH_CACHE"] = str(folder / "cache")
        make_photos(options.images, folder / "photos")
        weights = options.weights or random_weights(folder / "vgg16_notop.weights.h5")
        arguments = ["--space", SPACE, "--data", folder / "photos", "--weights", weights]
        arguments += ["--trials", options.trials, "--workers", 1, "--pruner", "none"]
        arguments += ["--algorithm", "random", "--out", folder / "study", "--json"]
        command = [sys.executable, "-m", "hpsearch", "coarse", *map(str, arguments)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            found = watch(process, folder / "study")
    first, *_, last = found
    ratio = found[last] / found[first]
    result = {"sizes": found, "ratio": ratio, "load": os.getloadavg()[0]}
    options.results.write_text(json.dumps(result, indent=1) + "\n")
    print(f"{last} trials: {ratio:.3f} times what {first} left")


if __name__ == "__main__":
    main()
