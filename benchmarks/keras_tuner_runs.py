"""Runs Keras Tuner's Bayesian oracle on tuning tables, which takes hours, and keeps the results.

python benchmarks/keras_tuner_runs.py --seeds 5 --trials 100
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from peers import keras_tuner_bayesian
from tuning_tables import load_table, table_names

RESULTS = Path(__file__).parent / "results" / "keras_tuner_bayesian.json"
CHECKPOINTS = (25, 50, 100)


def main() -> None:
    """Run what is not in the results yet, one search after another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=100)
    options = parser.parse_args()
    RESULTS.parent.mkdir(exist_ok=True)
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    names = ["nasbench201/cifar10", *table_names("hpobench")]
    for seed in range(options.seeds):
        for name in names:
            if f"{name} {seed}" in results:
                continue
            table = load_table(name)
            with tempfile.TemporaryDirectory() as folder:
                run = keras_tuner_bayesian(table, options.trials, seed, folder)
            results[f"{name} {seed}"] = {
                "regret": {
                    str(n): table.regret(run.choice_at(n))
                    for n in CHECKPOINTS
                    if n <= options.trials
                },
                "seconds_per_proposal": run.seconds / options.trials,
            }
            RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
            print(name, seed, results[f"{name} {seed}"], flush=True)


if __name__ == "__main__":
    main()
