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
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.transfer_against_scratch import write_photos
from hpsearch.storage import load

SPACE = Path(__file__).parent / "spaces" / "small_transfer.py"
EVERY = 10
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


def resident(process: int) -> int:
    """Bytes in memory; 0 where the process has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def children(process: int) -> Iterator[int]:
    """All processes below one."""
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            yield child
            yield from children(child)


def num_done(study: Path) -> int:
    if not (study / "study.json").is_file():
        return 0
    return sum(own.state == "complete" for own in load(study).trials)


def watch(command: subprocess.Popen[bytes], study: Path) -> list[dict[str, int]]:
    """Trials done and bytes of the largest process, which trains, every ten trials.

    The smallest of many looks during the last two of the ten: between trials, that is, and
    not while a network is being built.
    """
    found: list[dict[str, int]] = []
    looks: list[int] = []
    while command.poll() is None:
        time.sleep(0.1)
        done = num_done(study)
        if done % EVERY >= EVERY - 2:
            looks.append(max(map(resident, children(command.pid)), default=0))
        elif looks:
            found.append({"trials": EVERY * (done // EVERY), "bytes": min(looks)})
            print(done, f"{min(looks) / 2**20:.0f} MiB", flush=True)
            looks = []
    return found


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
    ratio = found[-1]["bytes"] / found[0]["bytes"]
    result = {"sizes": found, "ratio": ratio, "load": os.getloadavg()[0]}
    options.results.write_text(json.dumps(result, indent=1) + "\n")
    print(f"{found[-1]['trials']} trials: {ratio:.3f} times what {found[0]['trials']} left")


if __name__ == "__main__":
    main()
