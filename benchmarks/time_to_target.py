"""Seconds until a search finds a good configuration: every tool on the recorded curves.

    python -m benchmarks.time_to_target

The target is the validation accuracy that random search reaches with 60 configurations of 8 epochs,
the median of its best. A simulated clock adds up the recorded seconds of training, what each tool
takes besides (measured by `throughput.py`) and the processor time of its proposals. Each search is
written to `results/time_to_target.json`; the same command goes on. `--seeds 5` is for trying out.
`--real 3 --images fashion_mnist.npz` then checks the two leaders by real searches.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from benchmarks import throughput_figures as figures  # noqa: E402  (after the threads were set)
from benchmarks.fashion_subset import write_subset  # noqa: E402
from benchmarks.real_searches import hpsearch_search, stock_search  # noqa: E402
from benchmarks.recorded import read_curves  # noqa: E402
from benchmarks.replayed_tools import EPOCHS, MOST, Hpsearch, KerasTuner, OptunaTpe  # noqa: E402
from benchmarks.simulated_clock import Costs, Tool, search  # noqa: E402
from benchmarks.target_figures import OURS, best_peer, median, seconds_of  # noqa: E402
from hpsearch.stages.provenance import provenance  # noqa: E402

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "time_to_target.json"
THROUGHPUT = HERE / "results" / "throughput.json"
SPACE = "lenet_fashion"
TRIALS = 60
THROUGHPUT_EPOCHS = 3


def _random(**options: Any) -> Any:
    import keras_tuner

    return keras_tuner.oracles.RandomSearchOracle(max_trials=MOST, **options)


def _bayesian(**options: Any) -> Any:
    import keras_tuner

    return keras_tuner.oracles.BayesianOptimizationOracle(max_trials=MOST, **options)


def _hyperband(**options: Any) -> Any:
    import keras_tuner

    return keras_tuner.oracles.HyperbandOracle(
        max_epochs=EPOCHS, hyperband_iterations=MOST, **options
    )


TOOLS: dict[str, Callable[[int, str], Tool]] = {
    "Keras Tuner RandomSearch": lambda seed, folder: KerasTuner(_random, seed, folder),
    "Keras Tuner BayesianOptimization": lambda seed, folder: KerasTuner(_bayesian, seed, folder),
    "Keras Tuner Hyperband": lambda seed, folder: KerasTuner(_hyperband, seed, folder),
    "Optuna TPE + Hyperband": lambda seed, folder: OptunaTpe(seed),
    "hpsearch bayesian": lambda seed, folder: Hpsearch(seed),
    "hpsearch sobol": lambda seed, folder: Hpsearch(seed, "sobol"),
}
MEASURED = {"Keras": "Keras Tuner", "Optuna": "Optuna", "hpsearch": "hpsearch auto"}


def costs_of(tool: str, results: Mapping[str, Any]) -> Costs:
    """What a tool takes besides training, from the runs of `throughput.py` with most trials."""
    name = MEASURED[tool.split(maxsplit=1)[0]]
    most = figures.sizes(results, SPACE)
    if not most:
        raise SystemExit(f"{THROUGHPUT} has no runs of {SPACE}. Run benchmarks.throughput first.")
    own = figures.runs_of(results, SPACE, most[0], name)
    base = figures.runs_of(results, SPACE, most[0], "hpsearch float32")
    return figures.costs(own, base, figures.WORKERS.get(name, 2), THROUGHPUT_EPOCHS)


def replay(tool: str, seed: int, costs: Costs, target: float) -> dict[str, Any]:
    """One search."""
    with tempfile.TemporaryDirectory() as folder:
        found = search(TOOLS[tool](seed, folder), read_curves(), costs, target)
    facts = asdict(found)
    return {**facts, "seconds": None if math.isinf(found.seconds) else found.seconds}


def recipe(costs: Costs, target: float) -> str:
    """Told apart from what was computed with other costs, curves or another target."""
    from benchmarks.recorded import CURVES

    text = f"{costs} {target} {CURVES.read_text()}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def run_all(options: argparse.Namespace, results: dict[str, Any], target: float) -> None:
    """Every search that is not known yet, seed by seed."""
    measured = json.loads(THROUGHPUT.read_text())
    costs = {tool: costs_of(tool, measured) for tool in options.tools}
    results["target"] = target
    results["num_curves"] = len(read_curves().curves)
    results["costs"] = {**results.get("costs", {}), **{t: asdict(c) for t, c in costs.items()}}
    searches = results.setdefault("searches", {})
    recipes = {tool: recipe(costs[tool], target) for tool in options.tools}
    missing = [
        (tool, seed)
        for seed in range(options.seeds)
        for tool in options.tools
        if searches.get(f"{tool} | {seed}", {}).get("recipe") != recipes[tool]
    ]
    with ProcessPoolExecutor(options.jobs) as pool:
        under_way = {pool.submit(replay, t, s, costs[t], target): (t, s) for t, s in missing}
        for done in as_completed(under_way):
            tool, seed = under_way[done]
            searches[f"{tool} | {seed}"] = {**done.result(), "recipe": recipes[tool]}
            options.results.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
            print(tool, seed, done.result(), flush=True)


def run_real(options: argparse.Namespace, results: dict[str, Any]) -> None:
    """Real searches of the quickest stock tool and of ours, in turn."""
    if not options.real:
        return
    tools = [tool for tool in results["costs"] if seconds_of(results["searches"], tool)]
    ours = min(
        (tool for tool in tools if tool.startswith(OURS)),
        key=lambda tool: median(seconds_of(results["searches"], tool)),
    )
    real = results.setdefault("real", {})
    for run in range(options.real):
        for tool in (best_peer(results["searches"], tools), ours):
            key = f"{tool} | {run}"
            if key in real:
                continue
            with tempfile.TemporaryDirectory() as folder:
                data = Path(folder) / "fashion_subset.npz"
                write_subset(options.images, data)
                job = {"tool": tool, "seed": run, "folder": folder, "data": str(data)}
                own = hpsearch_search if tool == ours else stock_search
                busy = os.getloadavg()[0]
                seconds = own({**job, "target": results["target"]})
            facts = {"load": busy, "made_on": provenance("benchmarks.time_to_target --real")}
            real[key] = {"seconds": seconds, "target": results["target"], **facts}
            options.results.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
            print(key, seconds, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--tools", nargs="+", choices=list(TOOLS), default=list(TOOLS))
    parser.add_argument("--real", type=int, default=0, help="real runs of the two leaders")
    parser.add_argument("--images", type=Path, help="npz of Fashion-MNIST, for --real")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    if options.real and options.images is None:
        parser.error("--real needs --images")
    results = json.loads(options.results.read_text()) if options.results.exists() else {}
    run_all(options, results, read_curves().target(TRIALS))
    run_real(options, results)


if __name__ == "__main__":
    main()
