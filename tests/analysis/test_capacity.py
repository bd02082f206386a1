"""What the trials show of the number of parameters, on errors whose course is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from hpsearch.analysis.capacity import Capacity, capacity_of
from hpsearch.storage import TrialRecord

Course = Callable[[float], float]


def falling(decades: float) -> float:
    return 0.5 - 0.1 * decades


def bent(decades: float) -> float:
    """Falls to the middle of the sizes, then rises."""
    return 0.3 + 0.1 * abs(decades - 1.5)


def level(decades: float) -> float:
    return 0.3


def measured(train: Course, validation: Course, seed: int = 0, count: int = 120) -> Capacity:
    """Trials of 1,000 to 1,000,000 parameters with these errors and some noise."""
    generator = np.random.default_rng(seed)
    records = []
    for number in range(count):
        decades = generator.uniform(0, 3)
        scatter = generator.normal(scale=0.04)
        pair = train(decades) + scatter, validation(decades) + scatter + generator.normal(0, 0.02)
        history = {"accuracy": [1 - pair[0]], "val_accuracy": [1 - pair[1]]}
        size = round(1000 * 10**decades)
        records.append(
            TrialRecord(
                number,
                "complete",
                value=1 - pair[1],
                history=history,
                best_epoch=1,
                epochs=1,
                num_parameters=size,
            )
        )
    return capacity_of(records)


def test_errors_that_turn_while_training_errors_fall_are_overfitting() -> None:
    found = measured(falling, bent)
    assert found.finding == "overfitting"
    assert found.turning is not None
    assert 10_000 < found.turning < 100_000  # truly 31,623
    assert "parameters begin to correlate and to specialize" in found.words


def test_errors_that_rise_with_those_of_training_are_not_called_overfitting() -> None:
    found = measured(bent, bent)
    assert found.finding == "too large"
    assert "overfitted, they are not trained well enough" in found.words
    assert "specialize" not in found.words


def test_errors_that_fall_all_the_way_are_no_reason_against_parameters() -> None:
    found = measured(falling, falling)
    assert (found.finding, found.turning) == ("larger is better", None)


def test_without_an_effect_a_rise_is_rarely_seen() -> None:
    """At a level of 1 % 40 studies have more than 3 findings in one case of a thousand."""
    findings = [measured(level, level, seed, count=60).finding for seed in range(40)]
    assert sum(finding != "no trend" for finding in findings) <= 3


def test_few_trials_say_nothing() -> None:
    found = measured(falling, bent, count=29)
    assert (found.finding, found.words) == ("too few", "")


def test_errors_are_those_of_the_best_epoch_and_losses_where_there_is_no_accuracy() -> None:
    histories = (
        {"accuracy": [0.5, 0.75], "val_accuracy": [0.5, 0.625]},
        {"loss": [2.0, 1.0], "val_loss": [3.0, 1.5]},
    )
    both = [
        capacity_of(
            [
                TrialRecord(
                    4, "complete", value=1.0, history=history, best_epoch=2, num_parameters=100
                )
            ]
        )
        for history in histories
    ]
    assert [(own.measure, *own.train, *own.validation) for own in both] == [
        ("error", 0.25, 0.375),
        ("loss", 1.0, 1.5),
    ]
    assert both[0].numbers == (4,)


def test_trials_that_did_not_complete_or_have_no_size_are_left_out() -> None:
    history = {"val_loss": [1.0]}
    records = [
        TrialRecord(0, "failed", history=history, best_epoch=1, num_parameters=10),
        TrialRecord(1, "complete", value=1.0, history=history, best_epoch=1),
        TrialRecord(2, "complete", value=1.0, best_epoch=1, num_parameters=10),
    ]
    assert len(capacity_of(records).sizes) == 0
    assert capacity_of([]).finding == "too few"


@pytest.mark.parametrize("seed", range(3))
def test_the_same_trials_give_the_same_finding(seed: int) -> None:
    one, other = (measured(falling, bent, seed) for _ in range(2))
    assert (one.finding, one.turning, one.p_value) == (other.finding, other.turning, other.p_value)
