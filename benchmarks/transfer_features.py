"""What keeping the features of a frozen base gains: VGG16 on enlarged Fashion-MNIST.

    python benchmarks/transfer_features.py --images fashion.npz --weights vgg16_notop.weights.h5

For 0, 1 and 2 unfrozen blocks the second phase is trained with and without features, in turn:
seconds per epoch (the median of all epochs but the first, which traces) and validation accuracy
over several seeds. Results are kept in a file, cell by cell; the same command goes on.

    … --steps 128

takes a minute instead: single training steps on images of that size, whole and on features in
turn, the shortest of several, which other work on the machine disturbs least.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

TRAIN, VALIDATION = 1000, 500
BATCH = 32
STEPS = 6
CLASSES = 10
CASES = (
    # side, unfrozen blocks, epochs, seeds
    (48, 0, 4, 3),
    (48, 1, 4, 3),
    (48, 2, 3, 3),
    (128, 1, 2, 1),
)


def images(path: Path, side: int) -> Any:
    """1,000 images to train and 500 to validate on, enlarged."""
    import tensorflow as tf

    from hpsearch.data import Preprocessing
    from hpsearch.training.arrays import TrainingArrays

    with np.load(path, allow_pickle=False) as file:
        x, y = file["x"], file["y"]
    chosen = np.random.default_rng(0).permutation(len(x))[: TRAIN + VALIDATION]
    large = tf.image.resize(x[chosen][..., None], (side, side)).numpy().round().astype(np.uint8)
    labels = y[chosen].astype(np.int32)
    return TrainingArrays(
        tf.constant(large[:TRAIN]),
        tf.constant(labels[:TRAIN]),
        tf.constant(large[TRAIN:]),
        tf.constant(labels[TRAIN:]),
        Preprocessing("unit"),
    )


def build(side: int, weights: Path, blocks: int) -> Any:
    """VGG16 with a head of 256 units, in the second phase if blocks are unfrozen."""
    from hpsearch.models import transfer

    dataset = SimpleNamespace(
        image_shape=(side, side, 1), num_classes=CLASSES, problem="one_label", scaling="unit"
    )
    model = transfer(
        dataset, weights=str(weights), unfreeze_blocks=blocks, optimizer="adam", learning_rate=1e-3
    )
    if blocks:
        model.fine_tuning.begin(model)
    return model


def steps(options: argparse.Namespace, blocks: int) -> dict[str, Any]:
    """The shortest of several training steps, whole and behind the cut, in seconds."""
    from hpsearch.training.behind_cut import stand_in, usable_split
    from hpsearch.training.loop import EpochLoop

    arrays = images(options.images, options.steps)
    model = build(options.steps, options.weights, blocks)
    found = usable_split(model, arrays)
    assert found is not None
    features = stand_in(found, arrays, BATCH)
    loops = [EpochLoop(model, arrays, BATCH), EpochLoop(found.suffix, features, BATCH)]
    seconds: list[list[float]] = [[], []]
    for number in range(1 + STEPS):  # the first one traces
        for place, loop in enumerate(loops):
            started = time.perf_counter()
            loop.train_images(BATCH)
            if number:
                seconds[place].append(time.perf_counter() - started)
    whole, behind = map(min, seconds)
    return {"whole": whole, "on features": behind, "load": os.getloadavg()[0]}


def run(arrays: Any, weights: Path, blocks: int, epochs: int, seed: int, is_kept: bool) -> Any:
    """Train the second phase from the start; seconds and validation accuracy of each epoch."""
    import keras

    from hpsearch.training.behind_cut import behind_cut
    from hpsearch.training.loop import EpochLoop

    keras.utils.set_random_seed(seed)
    model = build(int(arrays.x_train.shape[1]), weights, blocks)
    timings: dict[str, float] = {}
    own, data = behind_cut(model, arrays, BATCH, timings) if is_kept else (model, arrays)
    loop = EpochLoop(own, data, BATCH)
    seconds, accuracies = [], []
    for epoch in range(epochs):
        started = time.perf_counter()
        loop.train_epoch(epoch, seed)
        seconds.append(time.perf_counter() - started)
        accuracies.append(loop.evaluate()["val_accuracy"])
    keras.backend.clear_session()
    return {
        "seconds": seconds,
        "accuracy": max(accuracies),
        "features": timings.get("features", 0.0),
        "is_cut": own is not model,
        "load": os.getloadavg()[0],
    }


def measure(options: argparse.Namespace, results: dict[str, Any]) -> None:
    """Every cell that is not known yet, with and without features in turn."""
    for side, blocks, epochs, seeds in CASES:
        arrays = None
        for seed in range(seeds):
            for is_kept in (False, True):
                key = f"{side} | {blocks} | {seed} | {is_kept}"
                if key in results:
                    continue
                arrays = arrays or images(options.images, side)
                results[key] = run(arrays, options.weights, blocks, epochs, seed, is_kept)
                options.results.write_text(json.dumps(results, indent=1))
                print(key, results[key], flush=True)


def table(results: dict[str, Any]) -> str:
    """Markdown."""
    lines = [
        (
            "| side | unfrozen blocks | whole model | on features | times as fast "
            "| features made in | accuracy whole | accuracy on features |"
        ),
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for side, blocks, _, seeds in CASES:
        cells = {
            kept: [results.get(f"{side} | {blocks} | {seed} | {kept}") for seed in range(seeds)]
            for kept in (False, True)
        }
        if not all(all(own) for own in cells.values()):
            continue
        seconds = {
            kept: statistics.median(value for own in found for value in own["seconds"][1:])
            for kept, found in cells.items()
        }
        accuracy = {
            kept: " ".join(f"{own['accuracy']:.3f}" for own in found)
            for kept, found in cells.items()
        }
        made = max(own["features"] for own in cells[True])
        note = "" if cells[True][0]["is_cut"] else " (not cut: a probe found no gain)"
        lines.append(
            f"| {side} | {blocks} | {seconds[False]:.2f} s | {seconds[True]:.2f} s{note} | "
            f"{seconds[False] / seconds[True]:.1f} | {made:.0f} s | {accuracy[False]} | "
            f"{accuracy[True]} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True, help="npz with x and y")
    parser.add_argument("--weights", type=Path, required=True, help="VGG16 without its top")
    parser.add_argument("--results", type=Path, default=Path("benchmarks/results/transfer.json"))
    parser.add_argument("--steps", type=int, metavar="SIDE", help="only single steps")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    from hpsearch.training.process import prepare_process

    prepare_process(options.threads)
    known = json.loads(options.results.read_text()) if options.results.exists() else {}
    if options.steps:
        for blocks in (0, 1, 2):
            key = f"steps | {options.steps} | {blocks}"
            known[key] = steps(options, blocks)
            options.results.write_text(json.dumps(known, indent=1))
            print(key, known[key], flush=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HPSEARCH_CACHE"] = folder
        measure(options, known)
    print(table(known))


if __name__ == "__main__":
    main()
