"""What a proposal costs: milliseconds of one core, by algorithm and number of trials known.

    python benchmarks/proposal_cost.py --out docs/search-quality.md

The space is like that of a LeNet: 14 hyperparameters of every kind, one of them conditional.
Optuna's TPE gets the same trials. Processor time is counted, for the machine may be busy.
"""

from __future__ import annotations

import argparse
import math
import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402  (after the number of threads was set)
from search_quality import write_between_marks  # noqa: E402

from hpsearch.search import Observation, make_sampler  # noqa: E402
from hpsearch.search.memory import memory_study  # noqa: E402
from hpsearch.spaces import Boolean, Choice, Condition, Float, Int, Space  # noqa: E402

SPACE = Space(
    (
        Choice("optimizer", ("adam", "sgd", "rmsprop")),
        Float("momentum", 0, 0.99, conditions=(Condition("optimizer", ("sgd",)),)),
        Choice("batch_size", (16, 32, 64, 128)),
        Int("num_conv_layers", 2, 4),
        Choice("filters", (6, 12, 24, 48)),
        Choice("kernel_size", (3, 5, 7)),
        Int("dense_units", 32, 512, step=32),
        Choice("activation", ("relu", "elu", "tanh")),
        Boolean("batch_norm"),
        Float("dropout", 0, 0.6),
        Float("l2", 1e-6, 1e-2, sampling="log"),
        Choice("conv_initializer", ("he", "glorot", "lecun", "normal")),
        Choice("dense_initializer", ("he", "glorot", "lecun", "normal")),
        Float("learning_rate", 1e-5, 1e-1, sampling="log"),
    )
)
ALGORITHMS = ("random", "sobol", "cmaes", "bayesian")
REPETITIONS = 25


def observations(count: int, generator: np.random.Generator) -> list[Observation]:
    """So many random trials of a noisy function."""
    sampler = make_sampler("random", SPACE)
    seen = []
    for index in range(count):
        params = sampler.draw(index, 0)
        value = -((math.log10(float(params["learning_rate"])) + 2.5) ** 2)
        seen.append(Observation(params, value + 0.1 * generator.normal(), "complete"))
    return seen


def milliseconds(propose: Callable[[int], object]) -> float:
    """The mean processor time of a call, after one that is not counted."""
    propose(0)
    started = time.process_time()
    for repetition in range(REPETITIONS):
        propose(repetition + 1)
    return 1000 * (time.process_time() - started) / REPETITIONS


def cost(algorithm: str, count: int) -> float:
    """Milliseconds a proposal of ours after so many trials, each telling one trial more."""
    generator = np.random.default_rng(0)
    seen = observations(count, generator)
    sampler = make_sampler(algorithm, SPACE)

    def propose(_: int) -> None:
        proposal = sampler.propose(len(seen), seen)
        if proposal is not None:
            seen.append(Observation(proposal.params, float(generator.normal()), "complete"))

    return milliseconds(propose)


def tpe_cost(count: int) -> float:
    """Milliseconds a proposal of Optuna's TPE in a study that knows so many trials."""
    import optuna

    seen = observations(count, np.random.default_rng(0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sampler = optuna.samplers.TPESampler(seed=0)
        study = memory_study(SPACE, seen, "maximize")
        study.sampler = sampler
        distributions = dict(study.trials[0].distributions)
        return milliseconds(lambda _: study.ask(distributions))


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--counts", type=int, nargs="+", default=[100, 500, 1000, 10_000])
    parser.add_argument("--out", type=Path, help="replace the table in this Markdown file")
    options = parser.parse_args()
    lines = ["| algorithm | " + " | ".join(f"{n:,} trials" for n in options.counts) + " |"]
    lines.append("|---" * (len(options.counts) + 1) + "|")
    for algorithm in ALGORITHMS:
        figures = " | ".join(f"{cost(algorithm, n):.1f}" for n in options.counts)
        lines.append(f"| {algorithm} | {figures} |")
    figures = " | ".join(f"{tpe_cost(n):.1f}" for n in options.counts)
    lines.append(f"| Optuna TPE | {figures} |")
    text = "Milliseconds of one core:\n\n" + "\n".join(lines) + "\n"
    print(text)
    if options.out:
        write_between_marks(options.out, text, "cost")


if __name__ == "__main__":
    main()
