"""The part of Fashion-MNIST on which the speed benchmarks train: 8,000 images, 2,000 to validate.

python -m benchmarks.fashion_subset fashion_mnist.npz fashion_subset.npz
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

TRAIN, VALIDATION = 8000, 2000
SEED = 0


def write_subset(source: Path, target: Path) -> None:
    """Write `x_train`, `y_train`, `x_val`, `y_val`: uint8 images of 28×28, labels 0 to 9.

    Args:
        source: npz with `x` and `y`, or with `x_train` and `y_train` as Keras keeps the set.
        target: The npz to write; one that is there stays.
    """
    if target.exists():
        return
    with np.load(source, allow_pickle=False) as file:
        x, y = (file["x"], file["y"]) if "x" in file else (file["x_train"], file["y_train"])
    chosen = np.random.default_rng(SEED).permutation(len(x))[: TRAIN + VALIDATION]
    x, y = x[chosen], y[chosen]
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        target, x_train=x[:TRAIN], y_train=y[:TRAIN], x_val=x[TRAIN:], y_val=y[TRAIN:]
    )


if __name__ == "__main__":
    write_subset(Path(sys.argv[1]), Path(sys.argv[2]))
