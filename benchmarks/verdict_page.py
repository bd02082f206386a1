"""The page on how often verdicts are right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.page_parts import table, verdict
from hpsearch.analysis.intervals import wilson_interval
from hpsearch.analysis.verdicts import Verdict, judge_trials
from hpsearch.storage.records import TrialRecord

GOAL = 0.95
HEAD = """# How far verdicts can be trusted

Written by `python -m benchmarks.verdicts --images fashion_mnist.npz`; do not edit. The report says
of a winner's learning curves what is wrong with the training, if anything. This page says how
often that is right where the cause is known. A quick version is a test
(`tests/analysis/test_verdicts.py`).
"""
SIMULATED = """
{each} curves of each of {kinds} causes, {total} in all: 6 to 60 epochs, 2 to 43 classes, validation
parts of 200 to 5,000 images with their sampling error, jitter of both curves; exponential,
power-law and S-shaped approaches, validation that gets worse for a while and then better, losses
that follow errors with exponents of their own, with and without scores by class and
hyperparameters. The generator (`benchmarks/verdict_curves.py`) shares no code with the judge. Its
seed is held out: thresholds were chosen on others. A verdict counts as right only if the cause is
the finding that comes first.

The limits from which the causes are drawn keep off the borders (a gap of 0.05 of accuracy, a
training error of 0.1, …), where no answer is right. So the figures say how well noise is kept
apart from causes, not where a border should lie.
"""
NETWORKS = """
LeNets on 150 to 3,000 images of Fashion-MNIST, on scikit-learn's digits or on the built-in
synthetic signs, each with one fault put there on purpose, and two with none. What the verdict may
be was written down before they were trained (`benchmarks/verdict_networks.py`). Thresholds were
looked at with the networks of seed 0, then with those of seed 1, of which 3 of 21 had been wrong
besides the last named below; those of seed 2 were trained afterwards and changed nothing.

Three faults that turned out to be none were replaced while thresholds were looked at: an L2 of
0.05 on the signs, with which training reached 0.98; duplicates behind a dropout that the judge was
told of, which explains as much (it said so, behind "good fit"); and, as a net without a fault,
LeNet on the signs with dropout alone. What took its place, with a little augmentation, overfits by
0.04 as well; it has stayed.
"""


def page(results: Mapping[str, Any]) -> str:
    """The whole page.

    Args:
        results: What the benchmark has left.
    """
    lines = [*HEAD.splitlines(), "", "## Simulated curves"]
    lines += simulated(results["simulated"])
    lines += ["## Trained networks", *networks(results.get("networks", {}))]
    return "\n".join(lines).rstrip() + "\n"


def simulated(found: Mapping[str, Any]) -> Iterator[str]:
    """How many of each cause were recognized, and what the others were taken for."""
    said, each = found["said"], found["each"]
    total, right = each * len(said), sum(row.get(kind, 0) for kind, row in said.items())
    yield from SIMULATED.format(each=each, kinds=len(said), total=total).splitlines()
    share = wilson_interval(right, total)
    yield ""
    yield (
        f"- right: {right} of {total}, {share.mean:.1%} (95 % interval {share.low:.1%} to "
        f"{share.high:.1%}), goal {GOAL:.0%}: {verdict(right / total, GOAL)}"
    )
    for name, (good, count) in sorted(found["by_certainty"].items()):
        yield f"- of those called {name}: {good} of {count} right, {good / count:.1%}"
    yield ""
    rows = [[_words(k), f"{row.get(k, 0)} of {each}", _others(k, row)] for k, row in said.items()]
    yield from table(["cause", "right", "taken for"], rows)


def _others(kind: str, row: Mapping[str, int]) -> str:
    wrong = sorted((item for item in row.items() if item[0] != kind), key=lambda item: -item[1])
    return ", ".join(f"{_words(other)} {count}" for other, count in wrong) or "–"


def networks(trained: Mapping[str, Any]) -> Iterator[str]:
    """What was said of each trained network."""
    if not trained:
        yield from ["", "Not measured yet.", ""]
        return
    yield from NETWORKS.splitlines()
    judged = {key: (entry, judged_again(entry)) for key, entry in trained.items()}
    yield ""
    for seed in sorted({key.split(" | ")[1] for key in judged}):
        own = [pair for key, pair in judged.items() if key.endswith(f" | {seed}")]
        good = sum(v.kind in entry["expected"] for entry, v in own)
        yield f"- seed {seed}: {good} of {len(own)} right"
    yield ""
    rows = [_row(key, entry, said) for key, (entry, said) in judged.items()]
    yield from table(["network | seed".replace(" | ", ", "), "right", "verdict", "evidence"], rows)


def judged_again(entry: Mapping[str, Any]) -> Verdict:
    """The verdict on a network that was trained before."""
    record = TrialRecord(0, "complete", params=entry["params"], history=entry["history"])
    return judge_trials(
        [record], num_classes=entry["num_classes"], num_validation=entry["num_validation"]
    )


def _row(key: str, entry: Mapping[str, Any], said: Verdict) -> list[str]:
    name = key.replace(" | ", ", seed ")
    right = "yes" if said.kind in entry["expected"] else f"**no**: {_words(entry['expected'][0])}"
    also = f"; also {', '.join(_words(own.kind) for own in said.also)}" if said.also else ""
    what = f"{_words(said.kind)} ({said.certainty}){also}"
    return [f"{name}: {entry['cause']}", right, what, said.evidence]


def _words(kind: str) -> str:
    return kind.replace("_", " ")
