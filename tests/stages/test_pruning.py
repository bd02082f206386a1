"""Which pruner a stage takes, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpsearch.errors import InputError
from hpsearch.execution import PruningPlan, StudyPlan
from hpsearch.stages.pruning import choose_pruner
from hpsearch.stages.request import StageRequest


def choose(stage: str, pruner: str, epochs: int) -> PruningPlan:
    """What a stage would do."""
    return choose_pruner(StageRequest(stage, "s", Path("out"), pruner=pruner), epochs)


@pytest.mark.parametrize(
    ("stage", "pruner", "epochs", "chosen", "rungs"),
    [
        ("coarse", "auto", 5, "none", ()),
        ("coarse", "auto", 12, "median", (2, 4, 6, 8)),
        ("fine", "auto", 40, "none", ()),
        ("fine", "asha", 40, "asha", (7, 20)),
        ("coarse", "hyperband", 12, "hyperband", (2, 6)),
        ("coarse", "none", 12, "none", ()),
        ("confirm", "auto", 60, "none", ()),
    ],
)
def test_the_stage_decides_where_nothing_is_asked(
    stage: str, pruner: str, epochs: int, chosen: str, rungs: tuple[int, ...]
) -> None:
    """Coarse stops the worse half if there are epochs to save; fine and confirm stop nothing."""
    plan = choose(stage, pruner, epochs)
    assert (plan.pruner, plan.rungs) == (chosen, rungs)
    assert plan.reason


def test_too_few_epochs_for_a_rung_are_said() -> None:
    assert "no rung" in choose("coarse", "asha", 2).reason


def test_a_plan_is_the_same_after_a_round_trip() -> None:
    """Workers judge at the rungs of study.json, and plans from before have no pruner."""
    plan = StudyPlan("s", pruning=PruningPlan("asha", (2, 6), "as asked"))
    assert StudyPlan.from_json(plan.to_json()) == plan
    assert plan.pruner().rungs == (2, 6)
    old = {key: value for key, value in plan.to_json().items() if key != "pruning"}
    assert StudyPlan.from_json(old).pruning == PruningPlan()


def test_an_unknown_pruner_is_refused() -> None:
    with pytest.raises(InputError, match="No pruner 'luck'"):
        choose("coarse", "luck", 12)
