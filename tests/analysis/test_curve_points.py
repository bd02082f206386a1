"""The points of a curve, from the trials of a study of curves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hpsearch.analysis.curve_points import curve_of
from hpsearch.storage import RunDirectory, StudyView, TrialRecord


def trial(number: int, candidate: int, *, state: str = "complete", **history: Any) -> TrialRecord:
    """A trial of two epochs, the second one the best."""
    return TrialRecord(number, state, candidate=candidate, best_epoch=2, history=history)


def view(
    trials: tuple[TrialRecord, ...], objective: str = "val_accuracy", **changes: Any
) -> StudyView:
    """A study over two sizes, each drawn twice."""
    facts = {
        "stage": "curves",
        "identity": {
            "objective": objective,
            "direction": "minimize" if "loss" in objective else "maximize",
            "curve": {"kind": changes.pop("kind", "sizes")},
        },
        "plan": {
            "replicates": {"axis": "training images", "places": [100, 200, 100, 200]} | changes
        },
    }
    return StudyView(RunDirectory(Path("none")), facts, {}, trials)


HISTORY = {
    "accuracy": [0.5, 0.9],
    "val_accuracy": [0.4, 0.8],
    "loss": [1.0, 0.3],
    "val_loss": [1.1, 0.6],
}


def test_trainings_of_one_place_come_together_at_their_best_epochs() -> None:
    """Two draws of 100 images; accuracies become errors."""
    found = curve_of(view((trial(0, 0, **HISTORY), trial(1, 2, **HISTORY), trial(2, 1, **HISTORY))))
    assert found is not None
    assert [point.place for point in found.points] == [100, 200]
    assert found.points[0].train == pytest.approx((0.1, 0.1))
    assert found.points[0].validation == pytest.approx((0.2, 0.2))
    assert found.points[0].train_loss == (0.3, 0.3)
    assert found.label == "error"
    assert found.is_numeric


def test_places_without_a_completed_training_are_counted() -> None:
    """A failed one is no point."""
    found = curve_of(view((trial(0, 0, **HISTORY), trial(1, 1, state="failed"))))
    assert found is not None
    assert len(found.points) == 1
    assert found.num_missing == 1


def test_a_loss_as_objective_stays_a_loss() -> None:
    """It is low where a model is good already."""
    found = curve_of(view((trial(0, 0, **HISTORY),), "val_loss"))
    assert found is not None
    assert (found.label, found.sign) == ("loss", 1)
    assert found.points[0].validation == (0.6,)


def test_bootstrap_samples_and_searches_are_no_curve() -> None:
    """Their trainings are alike, or differ in everything."""
    assert curve_of(view((), kind="bootstraps")) is None
    assert curve_of(view((), axis="")) is None
