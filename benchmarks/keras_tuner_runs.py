"""Runs Keras Tuner's Bayesian oracle on tuning tables, which takes hours, and keeps the results.

    python benchmarks/keras_tuner_runs.py --seeds 5 --trials 100 --jobs 2

What is in `results/keras_tuner_bayesian.json` already is not run again.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from peers import keras_tuner_bayesian  # noqa: E402  (after the number of threads was set)
from tuning_tables import load_table, table_names  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "keras_tuner_bayesian.json"
CHECKPOINTS = (25, 50, 100)


def known() -> dict[str, Any]:
    """The results so far, by table and seed."""
    return dict(json.loads(RESULTS.read_text())) if RESULTS.exists() else {}


def search(name: str, seed: int, trials: int) -> tuple[str, dict[str, Any]]:
    """One search: its key and its entry in the results."""
    table = load_table(name)
    with tempfile.TemporaryDirectory() as folder:
        run = keras_tuner_bayesian(table, trials, seed, folder)
    regret = {str(n): table.regret(run.choice_at(n)) for n in CHECKPOINTS if n <= trials}
    return f"{name} {seed}", {"regret": regret, "seconds_per_proposal": run.seconds / trials}


def main() -> None:
    """Run what is not in the results yet; each is written down as soon as it has ended."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    RESULTS.parent.mkdir(exist_ok=True)
    names = ["nasbench201/cifar10", *table_names("hpobench")]
    jobs = [(name, seed) for seed in range(options.seeds) for name in names]
    missing = [(name, seed) for name, seed in jobs if f"{name} {seed}" not in known()]
    with ProcessPoolExecutor(options.jobs) as pool:
        under_way = [pool.submit(search, *job, options.trials) for job in missing]
        for done in as_completed(under_way):
            key, entry = done.result()
            RESULTS.write_text(json.dumps({**known(), key: entry}, indent=1, sort_keys=True) + "\n")
            print(key, entry, flush=True)


if __name__ == "__main__":
    main()
