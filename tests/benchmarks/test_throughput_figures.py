"""What the runs of the throughput benchmark say."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.overhead import shares
from benchmarks.throughput_figures import (
    agreement,
    agreement_among,
    costs,
    rate,
    reuse_rate,
    runs_of,
    steady_epochs,
)


def run(scores: list[float], seconds: float, training: float, epochs: list[float]) -> Any:
    trials = [{"number": n, "score": s, "epochs": epochs} for n, s in enumerate(scores)]
    return {"seconds": seconds, "training_seconds": training, "trials": trials}


STOCK = run([0.1, 0.2, 0.3, 0.4], 120, 100, [9.0, 4.0, 6.0])


def test_a_run_is_compared_with_the_one_beside_it() -> None:
    quick = run([0.1] * 4, 40, 20, [2.0, 2.0, 2.0])
    slow_time, slow = run([0.1] * 4, 240, 200, [9.0] * 3), run([0.1] * 4, 60, 50, [2.0] * 3)
    found = rate([quick, slow, quick], [STOCK, slow_time, STOCK])
    assert found.times_stock == 3  # of 3, 4 and 3
    assert found.times_without_start == 5  # of 5, 4 and 5
    assert found.per_minute == 6
    assert found.without_start == 12


def test_scores_in_the_same_order_correlate_whatever_their_values() -> None:
    other = run([0.5, 0.6, 0.9, 0.95], 1, 1, [1.0, 1.0])
    found = agreement([other], [STOCK])
    assert found is not None
    assert found.correlation == pytest.approx(1)
    assert found.difference == pytest.approx(0.4875)


def test_two_neighbours_swapped_cost_a_fifth_of_the_correlation() -> None:
    """Spearman: 1 - 6 · 2 / (4 · 15) = 0.8."""
    swapped = run([0.2, 0.1, 0.3, 0.4], 1, 1, [1.0, 1.0])
    found = agreement_among([STOCK, swapped])
    assert found is not None
    assert found.correlation == pytest.approx(0.8)
    low, high = found.interval
    assert low < 0 < high
    assert agreement_among([STOCK]) is None


def test_a_configuration_that_diverged_is_left_out() -> None:
    """In one of the runs of one tool: of the others all are compared."""
    own = [*STOCK["trials"]]
    other = {**STOCK, "trials": [{**own[0], "score": None}, *own[1:]]}
    found = agreement([other, STOCK], [STOCK])
    assert found is not None
    assert (found.correlation, found.difference, found.left_out) == (pytest.approx(1), 0, 1)


def test_trials_are_compared_by_number_not_by_order() -> None:
    reverse = {**STOCK, "trials": STOCK["trials"][::-1]}
    found = agreement([reverse], [STOCK])
    assert found is not None
    assert found.correlation == pytest.approx(1)


def test_what_an_epoch_takes_has_no_tracing_in_it() -> None:
    ours = {
        "trials": [
            {"number": 0, "num_epochs": 3, "timings": {"trace": 9.0, "train": 6.0, "validate": 1.5}}
        ]
    }
    assert steady_epochs(STOCK) == [5, 5, 5, 5]
    assert steady_epochs(ours) == [2.5]


def test_costs_are_what_is_left_of_the_workers_time() -> None:
    """100 s of one worker, 4 trials of 3 epochs of 5 s: 40 s are left, 10 s each."""
    base = run([0.1] * 4, 1, 1, [9.0, 2.5, 2.5])
    found = costs([STOCK], [base], workers=1, epochs=3)
    assert (found.workers, found.per_trial, found.epoch_factor, found.start) == (1, 10, 2, 20)


def test_the_time_of_two_workers_counts_twice() -> None:
    assert costs([STOCK], [STOCK], workers=2, epochs=3).per_trial == 35


def test_a_reuse_that_was_not_recorded_is_unknown() -> None:
    told = [{"reused": value} for value in (True, True, False, None)]
    assert reuse_rate([{"trials": told}]) == pytest.approx(2 / 3)
    assert reuse_rate([STOCK]) is None


def test_runs_are_found_by_space_trials_and_tool_in_order() -> None:
    keys = (
        "a | 40 | t | 10",
        "a | 40 | t | 2",
        "a | 4 | t | 0",
        "b | 40 | t | 0",
        "a | 40 | t 2 | 0",
    )
    results: Any = {key: {"key": key} for key in keys}
    assert [entry["key"] for entry in runs_of(results, "a", 40, "t")] == [keys[1], keys[0]]


def test_shares_of_a_study_add_up() -> None:
    """Two workers for 10 s; one trial of 3 epochs of 2 s, 1 s of tracing and 0.5 s to build."""
    timings = {"build": 0.5, "trace": 1.0, "train": 5.0, "validate": 1.0}
    trial = {"timings": timings, "num_epochs": 3, "seconds": 8.0}
    found = shares({"seconds": 10.0, "training_seconds": 8.0, "trials": [trial]}, workers=2)
    assert sum(found.values()) == pytest.approx(1)
    assert found["steps"] == pytest.approx(6 / 20)
    assert found["tracing"] == pytest.approx(1 / 20)
    assert found["build"] == pytest.approx(0.5 / 20)
    assert found["rest of trials"] == pytest.approx(0.5 / 20)
    assert found["start and end of the command"] == pytest.approx(4 / 20)
    assert found["between trials"] == pytest.approx(8 / 20)
