"""What is trained for a curve of a winner, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.errors import InputError
from hpsearch.execution.outputs import Outputs
from hpsearch.execution.replicates import Replicates
from hpsearch.spaces import Boolean, Choice, Condition, Float, Int, Space
from hpsearch.stages.curve_asked import CurveAsked
from hpsearch.stages.curves import candidates_of_curve
from hpsearch.stages.decomposing import decomposition_json
from hpsearch.storage import RunDirectory, StudyView, TrialRecord

SPACE = Space(
    (
        Float("l2", 1e-6, 1e-2, default=1e-4, sampling="log"),
        Choice("optimizer", ("adam", "sgd"), ordered=False),
        Int("layers", 1, 3),
        Boolean("deep"),
        Int("units", 10, 90, default=50, conditions=(Condition("deep", (True,)),)),
    )
)
WINNER = {"l2": 3e-4, "optimizer": "sgd", "layers": 2, "deep": False}


def source(train: int = 8000) -> StudyView:
    """A finished study with one trial."""
    trial = TrialRecord(0, "complete", params=WINNER, value=0.9)
    facts: dict[str, Any] = {
        "stage": "fine",
        "from": None,
        "identity": {"objective": "val_accuracy", "direction": "maximize", "seed": 0},
        "data": {"train": train, "num_classes": 10},
    }
    return StudyView(RunDirectory(Path("none")), facts, SPACE.to_json(), (trial,))


def test_each_size_is_half_of_the_next_and_drawn_three_times() -> None:
    """Four sizes of 8,000 images; every draw goes through all of them."""
    found = candidates_of_curve(source(), CurveAsked("sizes", 4), seeds=None)
    assert found.places == (1000, 2000, 4000, 8000) * 3
    assert [draw.seed for draw in found.draws] == [0] * 4 + [1] * 4 + [2] * 4
    assert all(dict(own) == WINNER for own in found.configurations)
    assert not found.keeps_models


def test_sizes_below_two_images_a_class_are_refused_with_what_fits() -> None:
    """200 images of 10 classes: 200, 100, 50 and 25 fit."""
    message = r"--sizes 5 would go down to 12 of 200 .* at least 20"
    with pytest.raises(InputError, match=message) as refused:
        candidates_of_curve(source(200), CurveAsked("sizes", 5), seeds=1)
    assert refused.value.hint == "Give --sizes 4 or less."
    assert len(candidates_of_curve(source(200), CurveAsked("sizes", 4), seeds=1).draws) == 4


def test_a_hyperparameter_is_varied_over_its_range_with_the_own_value_among() -> None:
    """Seven values from end to end on the log scale, and the winner's 0.0003."""
    found = candidates_of_curve(source(), CurveAsked("vary", 5, "l2"), seeds=None)
    assert found.places == pytest.approx((1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 1e-2))
    assert [own["l2"] for own in found.configurations] == list(found.places)
    assert all(own["optimizer"] == "sgd" for own in found.configurations)


def test_given_values_may_lie_outside_of_the_range() -> None:
    """The user knows what is wanted."""
    asked = CurveAsked.parse(None, "l2=0.1,1e-3", None)
    assert candidates_of_curve(source(), asked, None).places == (3e-4, 1e-3, 0.1)


def test_what_becomes_active_takes_its_default() -> None:
    """A deep network has units; a flat one has none."""
    found = candidates_of_curve(source(), CurveAsked("vary", name="deep"), None)
    assert [own.get("units") for own in found.configurations] == [None, 50]


def test_unordered_choices_are_all_tried() -> None:
    """Whatever the number of points."""
    found = candidates_of_curve(source(), CurveAsked("vary", name="optimizer"), None)
    assert set(found.places) == {"adam", "sgd"}


def test_an_unknown_hyperparameter_is_refused_with_those_there_are() -> None:
    """`units` is none of the winner's: it is not deep."""
    with pytest.raises(InputError, match="the winner has no such hyperparameter"):
        candidates_of_curve(source(), CurveAsked("vary", name="units"), None)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ((None, None, None), "nothing says what the curve"),
        ((5, "l2", None), "--sizes and --vary says"),
        ((1, None, None), "--sizes is 1"),
        ((None, None, 1000), "--bootstraps is 1000"),
        ((None, "l2=0.1", None), "--vary l2=0.1 is no"),
        ((None, "l2=0.1,,2", None), "is no hyperparameter with values"),
        ((None, "=1,2", None), "is no hyperparameter with values"),
    ],
)
def test_impossible_flags_are_refused(flags: tuple[Any, Any, Any], message: str) -> None:
    """One clear message each."""
    with pytest.raises(InputError, match=message):
        CurveAsked.parse(*flags)


def test_a_plan_with_draws_survives_json() -> None:
    """Workers read from study.json what each candidate is trained on."""
    import json
    from dataclasses import asdict

    found = candidates_of_curve(source(), CurveAsked("sizes", 3), seeds=1)
    plan = Replicates(found.configurations, 1, False, None, found.draws, found.axis, found.places)
    assert Replicates.from_json(json.loads(json.dumps(asdict(plan)))) == plan
    assert plan.draw_of(0) == found.draws[0]
    assert plan.draw_of(None) is None
    assert Replicates(found.configurations, 1).draw_of(2) is None


def test_bias_and_variance_of_classes_that_have_no_image_are_left_open() -> None:
    """Two models, three images of two of three classes."""
    values = np.array([[[0.8, 0.2, 0], [0.3, 0.7, 0], [0.6, 0.4, 0]]] * 2)
    facts = decomposition_json(Outputs(values, np.array([0, 1, 1]), ("a", "b", "c"), "one_label"))
    assert facts["losses"]["zero_one"]["whole"]["loss"] == pytest.approx(1 / 3)
    assert facts["losses"]["zero_one"]["classes"][2] is None
    assert facts["losses"]["squared"]["whole"]["variance"] == 0.0


def test_a_regression_has_squared_loss_only() -> None:
    """There are no classes to be right about."""
    values = np.array([[[1.0]], [[3.0]]])
    facts = decomposition_json(Outputs(values, np.array([0.0]), (), "regression"))
    assert list(facts["losses"]) == ["squared"]
    assert facts["losses"]["squared"]["whole"]["bias"] == 4.0
