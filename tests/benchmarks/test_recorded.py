"""The recorded curves as a table."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from benchmarks.lenet_fashion import RECORDED
from benchmarks.record_curves import points, write_curves
from benchmarks.recorded import Curve, Recorded, read_curves, recorded_space
from hpsearch.storage import TrialRecord

PARAMS = {name: values[0] for name, values in RECORDED.items()}


def curves(*best: float) -> Recorded:
    every = (dict(zip(RECORDED, values, strict=True)) for values in product(*RECORDED.values()))
    return Recorded([Curve(p, (0.1, value), 1.0) for p, value in zip(every, best, strict=False)])


def test_the_points_are_the_whole_space_each_once() -> None:
    space = recorded_space()
    found = points()
    assert len(found) == space.size() == 360
    assert len({tuple(point.values()) for point in found}) == 360
    assert all(p.contains(point[p.name]) for point in found for p in space)


def test_the_target_of_all_configurations_is_the_best_one() -> None:
    assert curves(0.3, 0.9, 0.5).target(trials=60) == 0.9


def test_the_target_of_two_of_three_is_the_best_of_them_more_often_than_not() -> None:
    """Of three pairs, two hold the best."""
    assert curves(0.3, 0.9, 0.5).target(trials=2) == 0.9


def test_the_target_of_one_of_three_is_the_middle_one() -> None:
    assert curves(0.3, 0.9, 0.5).target(trials=1) == 0.5


def test_one_that_is_not_recorded_is_as_its_neighbour() -> None:
    near, far = {**PARAMS, "dropout": 0.25}, {**PARAMS, "learning_rate": 1e-2}
    table = Recorded([Curve(far, (0.1,), 1.0), Curve(near, (0.2,), 1.0)])
    assert table.nearest({**PARAMS, "dropout": 0.5}).params == near


def test_seconds_are_the_median_of_the_same_width() -> None:
    """What else the machine did at the time is no property of a configuration."""
    same = [{**PARAMS, "dropout": value} for value in (0.0, 0.25, 0.5)]
    wide = {**PARAMS, "filters": 24}
    every = zip([*same, wide], (1.0, 1.2, 9.0, 4.0), strict=True)
    table = Recorded([Curve(params, (0.1,), seconds) for params, seconds in every])
    assert table.seconds(same[2]) == 1.2
    assert table.seconds(wide) == 4.0


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    accuracies = [0.1, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8125]
    record = TrialRecord(
        0,
        "complete",
        PARAMS,
        epochs=8,
        history={"val_accuracy": accuracies},
        timings={"trace": 9.0, "train": 14.0, "validate": 2.0},
    )
    running = TrialRecord(1, "running", PARAMS, epochs=3)
    assert write_curves([record, running], tmp_path / "curves.csv") == 1
    (curve,) = read_curves(tmp_path / "curves.csv").curves
    assert curve.params == PARAMS
    assert curve.accuracies == pytest.approx(accuracies, abs=1e-4)
    assert curve.seconds == 2.0  # eight epochs took 16 s
