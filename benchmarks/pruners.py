"""Pruners compared on learning curves: epochs saved, and what that costs the winner.

    python benchmarks/pruners.py --epochs 40 --trials 60
    python benchmarks/pruners.py --study results/coarse     # the curves of a real study

Simulated curves cross: a small learning rate rises slowly and ends high. A study must have been
run with `--pruner none`; its trials are replayed in many orders, one after another.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hpsearch.search.pruning import PRUNERS, Peer, Pruner, make_pruner, rungs_of
from hpsearch.storage import load

Curves = npt.NDArray[np.float64]
CHANCE = 0.02


@dataclass(frozen=True)
class Replay:
    """What a pruner made of a set of trials.

    Args:
        epochs: Number of epochs each trial was trained.
        best: Objective of the winner, the best of the trials that were never stopped.
    """

    epochs: npt.NDArray[np.int64]
    best: float


def simulated_curves(
    generator: np.random.Generator, trials: int, epochs: int, noise: float, narrowed: bool
) -> Curves:
    """Objectives, (trials, epochs), of random configurations.

    The learning rate sets the pace, and a little of the end the other way round; above 0.01 it
    spoils the training more and more. Other hyperparameters set the end alone. Every epoch adds
    noise of the given standard deviation. A narrowed space holds the better learning rates and
    values of the others: all trials are good, and their curves cross more often.
    """
    low, high, spread = (-3.5, -2, 0.4) if narrowed else (-5, -1, 1)
    log_rate = generator.uniform(low, high, trials)
    pace = np.clip(2 * 10 ** (0.7 * (-3 - log_rate)), 0.3, 200)
    others = spread * generator.normal(0, 1, trials)
    spoilt = 0.6 * np.clip(log_rate + 2, 0, None)
    end = 0.85 - 0.05 * others**2 - spoilt - 0.01 * (log_rate + 3)
    steps = np.arange(1, epochs + 1)
    rise = 1 - np.exp(-steps[None, :] / pace[:, None])
    curves = CHANCE + np.clip(end - CHANCE, 0, 1)[:, None] * rise
    return np.clip(curves + generator.normal(0, noise, curves.shape), 0, 1)


def study_curves(directory: Path) -> Curves:
    """The objectives, (trials, epochs), of the completed trials of a study."""
    view = load(directory)
    histories = [r.history[view.objective] for r in view.trials if r.state == "complete"]
    sign = 1 if view.direction == "maximize" else -1
    longest = max(map(len, histories))
    return sign * np.array([[*h, *[h[-1]] * (longest - len(h))] for h in histories], float)


def replay(pruner: Pruner, curves: Curves) -> Replay:
    """Train the trials one after another under a pruner, without training."""
    bests = np.maximum.accumulate(curves, axis=1)
    peers: list[Peer] = []
    trained = []
    for index, best in enumerate(bests):
        last = curves.shape[1]
        for rung in pruner.rungs:
            if pruner.is_pruned(index, rung, best[rung - 1], peers):
                last = rung
                break
        known = {rung: float(best[rung - 1]) for rung in pruner.rungs if rung <= last}
        peers.append(Peer(index, known, list(curves[index, :last])))
        trained.append(last)
    epochs = np.array(trained)
    return Replay(epochs, float(bests[epochs == curves.shape[1], -1].max()))


def row(name: str, sets: Iterable[Curves], count: int) -> str:
    """One line of the table: means over sets of curves.

    Args:
        name: The pruner.
        sets: Curves; those beyond `count` are what the epochs saved can pay for.
        count: Number of trials of the study.
    """
    saved, loss, gain = [], [], []
    for seed, curves in enumerate(sets):
        total, epochs = curves.shape
        rungs = rungs_of(name, epochs)
        pruner = make_pruner(name, rungs, direction="maximize", seed=seed)
        alone, whole = replay(pruner, curves[:count]), replay(pruner, curves)
        best = curves[:count].max()
        saved.append(1 - alone.epochs.mean() / epochs)
        loss.append(best - alone.best)
        paid = np.cumsum(whole.epochs) <= count * epochs
        gain.append(curves[paid & (whole.epochs == epochs)].max() - best)
    same_epochs = f"{np.mean(gain):+.4f}" if total > count else "–"
    return (
        f"| {name} | {', '.join(map(str, rungs)) or '–'} | {np.mean(saved):.0%} | "
        f"{np.mean(np.array(loss) == 0):.0%} | {np.mean(loss):.4f} | "
        f"{np.quantile(loss, 0.95):.4f} | {same_epochs} |"
    )


def simulations(given: argparse.Namespace) -> list[Curves]:
    """Fresh curves of twice as many trials for each repetition."""
    return [
        simulated_curves(
            np.random.default_rng(seed), 2 * given.trials, given.epochs, given.noise, given.narrowed
        )
        for seed in range(given.repetitions)
    ]


def samples(given: argparse.Namespace) -> list[Curves]:
    """Some trials of a study in another order for each repetition."""
    curves = study_curves(given.study)[:, : given.epochs]
    return [
        np.random.default_rng(seed).permutation(curves)[: given.trials]
        for seed in range(given.repetitions)
    ]


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--study", type=Path, help="replay a study that was run without pruner")
    parser.add_argument("--trials", type=int, default=60, help="trials of a study")
    parser.add_argument("--epochs", type=int, default=40, help="most epochs a trial")
    parser.add_argument("--noise", type=float, default=0.01, help="of every epoch")
    parser.add_argument("--narrowed", action="store_true", help="simulate a narrowed space")
    parser.add_argument("--repetitions", type=int, default=200)
    given = parser.parse_args()
    sets = samples(given) if given.study else simulations(given)
    print("| pruner | rungs | epochs saved | best kept | loss | loss, 95 % | same epochs |")
    print("|---|---|---|---|---|---|---|")
    for name in PRUNERS:
        print(row(name, sets, min(given.trials, len(sets[0]))), flush=True)


if __name__ == "__main__":
    main()
