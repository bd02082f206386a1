"""The page of the speed benchmarks: figures that are missing or short of their goal say so."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import benchmark_page
from benchmarks.page_parts import verdict
from benchmarks.target_section import time_to_target
from benchmarks.throughput_section import throughput

HARDWARE = {"processor": "a processor", "cores": 2, "memory_gib": 8}
VERSIONS = dict.fromkeys(("python", "tensorflow", "keras", "keras-tuner", "optuna"), "1")
MADE_ON = {
    "hardware": HARDWARE,
    "versions": VERSIONS,
    "git_commit": "abc",
    "created": "2026-01-01T00",
}


def run(seconds: float) -> dict[str, Any]:
    trials = [{"number": n, "score": n / 10, "epochs": [1.0, 1.0]} for n in range(4)]
    facts = {"load": 0.5, "made_on": MADE_ON}
    return {"seconds": seconds, "training_seconds": seconds, "trials": trials, **facts}


def ours(seconds: float) -> dict[str, Any]:
    timings = {"build": 0.1, "trace": 1.0, "train": 1.0, "validate": 0.1}
    told = {"score": 0.1, "timings": timings, "num_epochs": 2, "seconds": 3.0, "reused": True}
    trials = [{**told, "number": n, "score": n / 10} for n in range(4)]
    return {**run(seconds), "trials": trials, "precision": {"precision": "float32"}}


def test_a_figure_says_whether_it_meets_its_goal() -> None:
    assert verdict(3.0, 3.0) == "reached"
    assert verdict(2.9, 3.0) == "**not reached**"
    assert verdict(0.1, 0.2, at_least=False) == "reached"
    assert verdict(0.3, 0.2, at_least=False) == "**not reached**"


def test_throughput_compares_with_stock() -> None:
    results = {"s | 4 | Keras Tuner | 0": run(80.0), "s | 4 | hpsearch float32 | 0": ours(20.0)}
    text = "\n".join(throughput(results, "s"))
    assert "hpsearch float32 against Keras Tuner: 4.00×, goal 3.0×: reached" in text
    assert "| hpsearch float32 | 12.0 | 12.0 | 4.00 | 4.00 | 100% | float32 |" in text
    assert "**Preliminary**" in text


def test_time_to_target_names_the_best_of_the_others() -> None:
    costs = {"per_trial": 1.0, "epoch_factor": 1.0}
    found = {"A": [100.0, 120.0, None], "B": [60.0, 90.0, 95.0], "hpsearch x": [30.0, 30.0, 31.0]}
    searches = {
        f"{tool} | {seed}": {"seconds": value, "trials": 5}
        for tool, values in found.items()
        for seed, value in enumerate(values)
    }
    results = {"target": 0.9, "num_curves": 360, "searches": searches}
    text = "\n".join(time_to_target({**results, "costs": dict.fromkeys(found, costs)}))
    assert "the best of the others, B: 3.00× as fast" in text
    assert "goal 2×: reached" in text
    assert "| A | 3 | 120 | 100 to inf | 1 | 5 | 1.00 | 1.00 |" in text


def test_what_was_not_measured_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark_page, "read", lambda name: {})
    assert benchmark_page.page().count("Not measured yet.") == 6


def test_what_is_not_training_is_told_by_the_study_and_by_the_epoch() -> None:
    """Four trials of 3 s, 1.1 s of them steps and 0.8 s nothing that has a name, 4 epochs each."""
    text = "\n".join(benchmark_page.overhead({"4 | 0": ours(6.0)}))
    assert "| steps | 36.7% |" in text
    assert "not steps: 63.3%, goal at most 10%: **not reached**" in text
    assert "beside its steps an epoch has 200 ms" in text


def test_a_study_that_starts_late_says_so() -> None:
    """By its first step, at the median of the runs."""
    facts = {"trial": 6.0, "ways": 0, "made_on": MADE_ON}
    seconds = {"8 | 4": (7.0, 7.5, 20.0), "100 | 40": (8.5, 9.0, 9.5)}
    results = {
        f"{length} | {number}": {**facts, "step": step, "epoch": step + 1.0}
        for length, own in seconds.items()
        for number, step in enumerate(own)
    }
    text = "\n".join(benchmark_page.start_up(results))
    assert "| 8 trials × 4 epochs | 6.0 s | 7.5 s | reached | 8.5 s | too short |" in text
    assert (
        "| 100 trials × 40 epochs | 6.0 s | 9.0 s | **not reached** | 10.0 s | too short |" in text
    )


def test_memory_compares_the_thirtieth_trial_with_the_last_before_three_hundred() -> None:
    sizes = {str(n): size * 2**20 for n, size in ((10, 1), (30, 500), (290, 540), (300, 600))}
    text = "\n".join(benchmark_page.memory({"resident": sizes}))
    assert "500 MiB after 30 trials, 600 MiB after 300: +20.0%" in text
    assert "**not reached**" in text
