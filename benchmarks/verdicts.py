"""How often verdicts are right, on simulated curves and on networks spoilt on purpose.

    python -m benchmarks.verdicts --images fashion_mnist.npz

Writes docs/verdict-quality.md and `results/verdicts.json`. Networks that are in there already are
not trained again; without `--images` none is. A quick version is a test.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from benchmarks.verdict_curves import simulate
from benchmarks.verdict_networks import Network, networks
from benchmarks.verdict_page import page
from hpsearch.analysis.verdicts import judge_case
from hpsearch.stages.provenance import provenance
from hpsearch.training.loop import EpochLoop
from hpsearch.training.process import clear, prepare_process, seed_everything

RESULTS = Path(__file__).parent / "results" / "verdicts.json"
PAGE = Path(__file__).parents[1] / "docs" / "verdict-quality.md"
EACH = 20
HELD_OUT = 20261122
"""Seed of the simulated curves that are quoted; thresholds were chosen on seeds 1 to 9."""
SEEDS = (0, 1, 2)
"""Of the networks: thresholds were chosen on the first two; the last was trained afterwards."""


def known() -> dict[str, Any]:
    """The results so far."""
    return dict(json.loads(RESULTS.read_text())) if RESULTS.exists() else {}


def keep(results: dict[str, Any]) -> None:
    """Write the results."""
    RESULTS.parent.mkdir(exist_ok=True)
    text = json.dumps(results, indent=1, sort_keys=True, ensure_ascii=False)
    RESULTS.write_text(text + "\n")


def simulated() -> dict[str, Any]:
    """What was said of the held-out curves: their number by cause, verdict and certainty."""
    said: dict[str, dict[str, int]] = {}
    sure: dict[str, list[int]] = {}
    for curve in simulate(EACH, HELD_OUT):
        verdict = judge_case(curve.case)
        row = said.setdefault(curve.kind, {})
        row[verdict.kind] = row.get(verdict.kind, 0) + 1
        right, total = sure.setdefault(verdict.certainty, [0, 0])
        sure[verdict.certainty] = [right + (verdict.kind == curve.kind), total + 1]
    return {"each": EACH, "seed": HELD_OUT, "said": said, "by_certainty": sure}


def train(network: Network, seed: int) -> dict[str, Any]:
    """Train one network: its history as a study has it, rounded."""
    started = time.monotonic()
    clear()
    seed_everything(seed)
    loop = EpochLoop(build(network), network.data(seed), network.batch_size)
    history: dict[str, list[float]] = {}
    for epoch in range(network.epochs):
        for name, value in {**loop.train_epoch(epoch, seed), **loop.evaluate()}.items():
            history.setdefault(name, []).append(float(f"{value:.5g}"))
    return {
        "history": history,
        "params": network.params,
        "expected": list(network.expected),
        "cause": network.cause,
        "num_classes": network.images.num_classes,
        "num_validation": loop.arrays.num_validation,
        "seconds": round(time.monotonic() - started, 1),
        "made_on": provenance("benchmarks.verdicts"),
    }


def build(network: Network) -> Any:
    """The model of a network."""
    from hpsearch.models import lenet

    turned = Turned(network.augmentation) if network.augmentation else None
    return lenet(network.images, preparation=turned, **network.options)


class Turned:
    """Augmentation as layers behind the input.

    Args:
        most: Largest turn, as a share of a whole one, and largest shift.
    """

    def __init__(self, most: float) -> None:
        self.most = most

    def apply(self, tensor: Any) -> Any:
        """Turned and shifted images; out of training as they are."""
        import keras

        turned = keras.layers.RandomRotation(self.most)(tensor)
        return keras.layers.RandomTranslation(self.most, self.most)(turned)


def train_missing(images: Path) -> None:
    """Train what is not in the results yet."""
    prepare_process(1)
    for seed in SEEDS:
        for name, network in networks(images).items():
            results, key = known(), f"{name} | {seed}"
            done = results.setdefault("networks", {})
            if key in done and done[key]["params"] == network.params:
                continue
            done[key] = train(network, seed)
            keep(results)
            print(f"{key}: {done[key]['seconds']} s", flush=True)


def main() -> None:
    """Train and judge, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=Path, help="fashion_mnist.npz with x and y")
    given = parser.parse_args()
    if given.images:
        train_missing(given.images)
    results = {**known(), "simulated": simulated()}
    keep(results)
    PAGE.write_text(page(results), encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
