"""How a stage computes where that needs no probe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hpsearch.errors import InputError
from hpsearch.execution import StudyPlan
from hpsearch.execution.devices import Placement, Slot
from hpsearch.execution.nvidia import Gpu
from hpsearch.stages import arithmetic
from hpsearch.stages.arithmetic import asked_precision, settled_arithmetic
from hpsearch.stages.request import StageRequest
from hpsearch.training.precision import BFLOAT16, FLOAT16, FLOAT32, Arithmetic

HERE = Placement((Slot(),))
BEFORE = Arithmetic(BFLOAT16, gain=1.8, reason="as results/coarse")


def settle(
    stage: str = "coarse",
    precision: str | None = None,
    before: Arithmetic | None = None,
    placement: Placement = HERE,
) -> Arithmetic | None:
    request = StageRequest(stage, "s", Path("out"), precision=precision)
    return settled_arithmetic(request, placement, before)


@pytest.fixture(autouse=True)
def _amx(monkeypatch: pytest.MonkeyPatch) -> None:
    """A processor with bfloat16, whatever runs these tests."""
    known = {None: [BFLOAT16], 7.5: [FLOAT16]}
    monkeypatch.setattr(arithmetic, "lower_precisions", lambda capability: known[capability])


def test_the_first_stage_has_to_find_out_unless_it_is_told() -> None:
    """None is the probe's question."""
    assert settle() is None
    assert settle(precision="auto") is None
    assert settle(precision=BFLOAT16) == Arithmetic(BFLOAT16)


def test_confirm_is_always_computed_in_float32() -> None:
    """Its figures are to be quoted."""
    told = settle("confirm", before=BEFORE)
    assert told is not None
    assert told.precision == FLOAT32


def test_a_later_stage_computes_as_the_one_before_if_it_can() -> None:
    """Its trials continue what that one has shown."""
    assert settle("fine", before=BEFORE) == BEFORE
    turing = Placement((Slot("0"),), (Gpu("0", capability=7.5),))
    told = settle("fine", before=BEFORE, placement=turing)
    assert told is not None
    assert told.precision == FLOAT32
    assert "which this machine does not have" in told.reason
    unknown = Placement((Slot("0"),), (Gpu("0"),))
    assert settle("fine", before=BEFORE, placement=unknown) == BEFORE


def test_for_workers_elsewhere_nothing_is_measured_here() -> None:
    """The machine that creates a study need not be like those that work on it."""
    nowhere = Placement(())
    told = settle(placement=nowhere)
    assert told is not None
    assert told.precision == FLOAT32
    assert settle(precision=FLOAT16, placement=nowhere) == Arithmetic(FLOAT16)


def test_what_is_deterministic_hangs_on_no_measurement() -> None:
    """Another day the probe might find otherwise; what is asked for is another matter."""
    request = StageRequest("coarse", "s", Path("out"), deterministic=True)
    told = settled_arithmetic(request, HERE, None)
    assert told is not None
    assert told.precision == FLOAT32
    explicit = StageRequest("coarse", "s", Path("out"), deterministic=True, precision=BFLOAT16)
    assert settled_arithmetic(explicit, HERE, None) == Arithmetic(BFLOAT16)


def test_what_was_asked_belongs_to_the_study_and_what_was_found_does_not() -> None:
    """The same command continues a study whatever a second probe would find."""
    assert asked_precision(StageRequest("coarse", "s", Path("out"))) == "auto"
    assert asked_precision(StageRequest("confirm", "s", Path("out"))) == FLOAT32
    assert asked_precision(StageRequest("fine", "s", Path("out"), precision=FLOAT16)) == FLOAT16


def test_a_plan_keeps_how_its_models_compute() -> None:
    """Workers read it from study.json; plans of earlier versions are float32."""
    plan = StudyPlan("s")
    plan = StudyPlan("s", training=plan.training.computing(BEFORE))
    again = StudyPlan.from_json(plan.to_json())
    assert again.training.arithmetic == BEFORE
    old: dict[str, Any] = plan.to_json()
    old["training"] = {"objective": "val_accuracy"}
    assert StudyPlan.from_json(old).training.arithmetic == Arithmetic()


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(InputError, match="No precision 'half'"):
        StageRequest("coarse", "s", Path("out"), precision="half")
