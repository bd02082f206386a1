"""Repeats the course's comparisons that can be run without its data, and writes docs/course.md.

    python benchmarks/course.py --data-folder FOLDER --seeds 5

FOLDER holds `mnist10k.npz` (10,000 digits of MNIST) and `fashion_mnist.npz` (60,000 pictures of
Fashion-MNIST), arrays `x` (n, 28, 28) and `y`. What is in `results/course.json` already is not
trained again; `--write-only` trains nothing.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from pathlib import Path
from typing import Any

from course_comparisons import Cell, cells
from course_data import Folder
from course_page import page

from hpsearch.training.learning_rates import set_learning_rate
from hpsearch.training.loop import EpochLoop
from hpsearch.training.process import clear, prepare_process, seed_everything

RESULTS = Path(__file__).parent / "results" / "course.json"
PAGE = Path(__file__).parents[1] / "docs" / "course.md"
GRID = 60


def known() -> dict[str, Any]:
    """The results so far, by cell and seed."""
    return dict(json.loads(RESULTS.read_text())) if RESULTS.exists() else {}


def is_done(results: dict[str, Any], cell: Cell, seed: int) -> bool:
    """Whether a cell has been trained with this seed, by the same recipe."""
    return bool(results.get(cell.key(seed), {}).get("recipe") == cell.recipe)


def train(cell: Cell, seed: int) -> dict[str, Any]:
    """Train one cell with one seed: its entry in the results."""
    started = time.monotonic()
    clear()
    seed_everything(seed)
    model = cell.build()
    loop = EpochLoop(model, cell.arrays(seed), cell.batch_size)
    train_accuracy, test_accuracy = [], []
    for epoch in range(cell.epochs):
        set_learning_rate(model.optimizer, model, epoch, cell.epochs, {})
        train_accuracy.append(loop.train_epoch(epoch, seed)["accuracy"])
        if cell.judged_each or epoch == cell.epochs - 1:
            test_accuracy.append(loop.evaluate()["val_accuracy"])
    entry = {
        "recipe": cell.recipe,
        "train": round(train_accuracy[-1], 5),
        "test": [round(value, 5) for value in test_accuracy],
        "seconds": round(time.monotonic() - started, 1),
        "machine": platform.processor() or platform.machine(),
        "date": time.strftime("%Y-%m-%d"),
    }
    if cell.judged_each:
        entry["train_each"] = [round(value, 5) for value in train_accuracy]
    return entry | ({"border": border(model)} if cell.comparison == "toy L2" else {})


def border(model: Any) -> float:
    """Share of neighbouring places of a grid over the plane that get different classes."""
    import numpy as np

    steps = np.linspace(-2, 2, GRID, dtype=np.float32)
    places = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 1, 1, 2)
    classes = np.argmax(model(places, training=False), axis=1).reshape(GRID, GRID)
    changes = [classes[1:] != classes[:-1], classes[:, 1:] != classes[:, :-1]]
    return round(float(np.mean([change.mean() for change in changes])), 5)


def main() -> None:
    """Train what is missing, one cell at a time, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data-folder", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--write-only", action="store_true")
    options = parser.parse_args()
    wanted = list(cells(Folder(options.data_folder)))
    jobs = [(cell, seed) for cell in wanted for seed in range(options.seeds)]
    missing = [job for job in jobs if not is_done(known(), *job)]
    if not options.write_only:
        prepare_process(1)
        for number, (cell, seed) in enumerate(missing, start=1):
            entry = train(cell, seed)
            results = {**known(), cell.key(seed): entry}
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text(
                json.dumps(results, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
            )
            print(f"{number} of {len(missing)}: {cell.key(seed)} {entry}", flush=True)
    PAGE.write_text(page(wanted, known(), options.seeds), encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
