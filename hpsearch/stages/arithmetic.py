"""How the models of a stage compute: as asked, as the stage before, or as a probe finds best."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hpsearch.execution import ProbeResult
from hpsearch.execution.devices import Placement
from hpsearch.stages.request import StageRequest
from hpsearch.storage import StudyView
from hpsearch.training.precision import FLOAT32, Arithmetic, lower_precisions

AUTO = "auto"


def asked_precision(request: StageRequest) -> str:
    """What is asked for, in words of `--precision`; it belongs to what the study is."""
    if not request.searches:
        return FLOAT32
    return request.precision or AUTO


def settled_arithmetic(
    request: StageRequest, placement: Placement, before: Arithmetic | None
) -> Arithmetic | None:
    """How models compute, where that needs no probe; None where one has to find out.

    Args:
        request: What was asked.
        placement: Where the workers train.
        before: What the stage before computes in, where this one is to do the same.
    """
    asked = asked_precision(request)
    if not request.searches:
        return Arithmetic(reason="figures to quote are always computed so")
    if before is not None:
        return before if _is_here(before, placement) else _elsewhere(before)
    if asked != AUTO:
        return Arithmetic(asked)
    if request.deterministic:
        return Arithmetic(reason="what is deterministic must not hang on a measurement")
    if not placement.slots:
        return Arithmetic(reason="what the workers elsewhere can do is not known")
    return None


def _is_here(arithmetic: Arithmetic, placement: Placement) -> bool:
    """Whether workers here can compute so; those elsewhere say it themselves."""
    if not placement.slots or arithmetic.precision == FLOAT32:
        return True
    if not placement.gpus:
        return arithmetic.precision in lower_precisions(None)
    capabilities = {gpu.capability for gpu in placement.gpus} - {0.0}  # 0: not known
    return all(arithmetic.precision in lower_precisions(own) for own in capabilities)


def _elsewhere(before: Arithmetic) -> Arithmetic:
    return Arithmetic(
        reason=f"the stage before computes in {before.precision}, which this machine does not have"
    )


def arithmetic_of(view: StudyView) -> Arithmetic:
    """How the models of a study compute; studies of earlier versions all in float32."""
    training: dict[str, Any] = view.facts.get("plan", {}).get("training", {})
    return Arithmetic(
        training.get("precision", FLOAT32),
        training.get("xla", False),
        training.get("precision_gain", 1.0),
        training.get("precision_reason", ""),
    )


def in_float32(timing: ProbeResult, source: StudyView) -> ProbeResult:
    """The time of the source's trials as if they had been computed in float32."""
    seconds = timing.seconds_per_epoch * arithmetic_of(source).gain
    return replace(timing, seconds_per_epoch=seconds)


def same_as(source: StudyView) -> Arithmetic:
    """How the models of a stage's source compute, for the stage to do the same."""
    return replace(arithmetic_of(source), reason=f"as {source.directory}")
