"""Transfer learning beside a convnet from scratch at the same budget, by the command line.

    python -m benchmarks.transfer_against_scratch --images fashion.npz --weights vgg16_notop.h5

A folder of photos of clothes is made: Fashion-MNIST, enlarged, as PNG, one folder for each class.
`hpsearch coarse` searches it three times: `folder_transfer` with the weights, the base frozen (of
little data the course trains the head only; `--unfreeze` leaves that to the search); the convnet
with as many trials and epochs; and the convnet with as many trials, its epochs chosen so that it
takes as long. The winner of each predicts photos that no search has seen.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hpsearch.storage import load

CONVNET = Path(__file__).parent / "spaces" / "folder_convnet.py"
PARTS = {"train": 30, "val": 20, "test": 100}
"""Photos of each class."""
SIDE = 64


def make_photos(source: Path, folder: Path) -> None:
    """Write class folders in train/, val/ and test/, of images drawn with a fixed seed."""
    with np.load(source, allow_pickle=False) as file:
        images, labels = file["x"], file["y"]
    generator = np.random.default_rng(0)
    for label in np.unique(labels):
        chosen = images[generator.permutation(np.flatnonzero(labels == label))]
        start = 0
        for part, count in PARTS.items():
            write_photos(chosen[start : start + count], folder / part / f"class_{label}")
            start += count


def write_photos(images: npt.NDArray[np.uint8], folder: Path) -> None:
    from PIL import Image

    folder.mkdir(parents=True)
    for number, pixels in enumerate(images):
        large = Image.fromarray(pixels).convert("RGB").resize((SIDE, SIDE))
        large.save(folder / f"{number:03d}.png")


def hpsearch(*arguments: object) -> Any:
    """What a command prints as JSON; its own words go to this terminal."""
    command = [sys.executable, "-m", "hpsearch", *map(str, arguments), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def search(photos: Path, out: Path, options: argparse.Namespace, *settings: object) -> Any:
    """Search once; the scores of the winner and the seconds it took."""
    started, load_before = time.perf_counter(), os.getloadavg()[0]
    hpsearch(
        "coarse", "--data", photos, "--out", out, "--trials", options.trials, "--workers", 1,
        "--seed", options.seed, "--pruner", "none", "--algorithm", "random", *settings,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    trials = load(out).trials
    best = max((own for own in trials if own.value is not None), key=lambda own: own.value or 0)
    return {
        "trials": len(trials),
        "epochs": max(len(next(iter(own.history.values()), ())) for own in trials),
        "seconds": seconds,
        "seconds_in_trials": sum(own.seconds or 0.0 for own in trials),
        "validation": [own.value for own in trials],
        "winner": {"params": dict(best.params), "validation": best.value},
        "test": accuracy(out, photos / "test"),
        "load": [load_before, os.getloadavg()[0]],
    }


def accuracy(out: Path, photos: Path) -> float:
    """Share of the photos whose folder the winner names."""
    told = hpsearch("predict", out, photos)["images"]
    return float(np.mean([Path(own["image"]).parent.name == own["class"] for own in told]))


def compare(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The three searches, one after another."""
    photos, epochs = folder / "photos", options.epochs
    make_photos(options.images, photos)
    transfer = ("--space", "folder_transfer", "--weights", options.weights)
    transfer += () if options.unfreeze else ("--fix", "unfreeze_blocks=0")
    convnet = ("--space", CONVNET)
    found = {"transfer": search(photos, folder / "a", options, *transfer, "--epochs", epochs)}
    found["scratch"] = search(photos, folder / "b", options, *convnet, "--epochs", epochs)
    longer = found["transfer"]["seconds_in_trials"] / found["scratch"]["seconds_in_trials"]
    epochs = max(1, round(epochs * longer))
    found["scratch_as_long"] = search(photos, folder / "c", options, *convnet, "--epochs", epochs)
    return found


NAMES = {
    "transfer": "`folder_transfer`",
    "scratch": "convnet, as many epochs",
    "scratch_as_long": "convnet, as long as that",
}


def table(found: dict[str, Any]) -> str:
    """Markdown."""
    lines = [
        "| search | trials × epochs | seconds | of them in trials | validation | test |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for key, name in NAMES.items():
        own = found[key]
        lines.append(
            f"| {name} | {own['trials']} × {own['epochs']} | {own['seconds']:.0f} | "
            f"{own['seconds_in_trials']:.0f} | {own['winner']['validation']:.3f} | "
            f"{own['test']:.3f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True, help="npz with x and y")
    parser.add_argument("--weights", type=Path, required=True, help="VGG16 without its top")
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--unfreeze", action="store_true", help="search unfreeze_blocks, too")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--results", type=Path, default=Path("benchmarks/results/transfer_against_scratch.json")
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HPSEARCH_CACHE"] = f"{folder}/cache"
        found = compare(options, Path(folder))
    options.results.write_text(json.dumps(found, indent=1) + "\n")
    print(table(found))


if __name__ == "__main__":
    main()
