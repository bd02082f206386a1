"""Draws the configurations that every tool trains in `throughput.py`, once and for all.

    python -m benchmarks.configurations

writes `results/configurations.json`: 40 random configurations of each space.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "results" / "configurations.json"
COUNT = 40
BATCH = 64
SPACES = ("lenet_fashion", "gtsrb_lenet")


def configurations(space: str, count: int) -> list[dict[str, Any]]:
    """The first configurations of a space; the same for every tool and run."""
    return list(json.loads(FILE.read_text())[space][:count])


def draw(space: str) -> list[dict[str, Any]]:
    """Random configurations, the batch size being that of the benchmark."""
    import keras_tuner

    from benchmarks.stock_runs import builder
    from hpsearch.search.factory import make_sampler
    from hpsearch.spaces import Space
    from hpsearch.spaces.keras_tuner_form import from_keras_tuner

    hp = keras_tuner.HyperParameters()
    builder(space)(hp)
    own = Space(tuple(from_keras_tuner(entry) for entry in hp.space))
    sampler = make_sampler("random", own)
    drawn = [sampler.draw(index, 0) for index in range(COUNT)]
    return [_with_batch(params) for params in drawn]


def _with_batch(params: dict[str, Any]) -> dict[str, Any]:
    return {**params, "batch_size": BATCH} if "batch_size" in params else params


if __name__ == "__main__":
    FILE.write_text(json.dumps({space: draw(space) for space in SPACES}, indent=1) + "\n")
