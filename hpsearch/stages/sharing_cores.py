"""How the workers of a stage share the cores: as asked, as measured before, or as measured now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hpsearch.execution.devices import available_cores
from hpsearch.execution.parallelism import Parallelism, Way, measure_ways, ways_to_share
from hpsearch.execution.template import launcher_of
from hpsearch.stages.prepared import Prepared
from hpsearch.stages.request import StageRequest
from hpsearch.storage import RunDirectory

SHARE_OF_STUDY = 0.0025
"""Of the time a study will take: for measuring how to share the cores."""
SECONDS_A_WAY = 0.7
"""Of a measurement, besides building and tracing a model."""


def parallelism_of(study: Mapping[str, Any]) -> Parallelism | None:
    """What was measured for a study; None where nothing was.

    Args:
        study: The contents of `study.json`.
    """
    facts = study.get("parallelism")
    return None if facts is None else Parallelism.from_json(facts)


def parallelism_before(request: StageRequest) -> Parallelism | None:
    """What was measured for the stage that this one starts from, to do the same."""
    if request.source is None:
        return None
    known = parallelism_of(RunDirectory(request.source).read_study())
    return known and replace(known, reason=f"as {request.source}")


def with_parallelism(prepared: Prepared, before: Parallelism | None) -> Prepared:
    """The stage with its cores shared in the fastest way, where nobody has said how.

    Args:
        prepared: A stage of which everything else is known.
        before: What was measured for this study, or for the stage before.
    """
    request, placement = prepared.request, prepared.placement
    if request.workers is not None or request.executor != "local" or not placement.can_fork:
        return prepared
    if before is not None and before.rates and before.is_here:
        return replace(prepared, parallelism=before)
    ways = ways_to_share(available_cores(), placement.workers)
    if prepared.estimated_seconds is None or len(ways) == 1:
        return prepared  # numbers instead of models have no threads
    reason = _reason_not_to(prepared, len(ways))
    if reason:
        usual = Way(placement.workers, placement.threads)
        return replace(prepared, parallelism=Parallelism(usual, reason=reason))
    launcher = launcher_of(prepared.template)
    found = measure_ways(prepared.plan, prepared.space.defaults(), ways, launcher)
    return replace(prepared, parallelism=found)


def _reason_not_to(prepared: Prepared, num_ways: int) -> str:
    """Why nothing is measured; empty if it is worth it."""
    if prepared.plan.training.deterministic:
        return "what is deterministic has one thread each"
    assert prepared.probed is not None
    cost = num_ways * (SECONDS_A_WAY + prepared.probed.seconds_per_trial)
    if cost > SHARE_OF_STUDY * (prepared.estimated_seconds or 0.0):
        return "the study is too short for measuring others to pay"
    return ""
