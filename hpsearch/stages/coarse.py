"""Coarse: many cheap trials over the whole space, to learn which hyperparameters matter."""

from __future__ import annotations

from dataclasses import replace

from hpsearch.spaces import load_space
from hpsearch.stages.loading_ahead import loading_ahead
from hpsearch.stages.narrowing_files import narrowed_facts
from hpsearch.stages.prepared import Prepared
from hpsearch.stages.result import StageResult
from hpsearch.stages.running import Update, run
from hpsearch.stages.winner_view import looking_after


def run_coarse(prepared: Prepared, on_update: Update = lambda snapshot: None) -> StageResult:
    """Run the coarse stage and narrow the space by what it showed."""
    result = run(prepared, loading_ahead(on_update))
    with looking_after(result):
        return narrow_after(result, prepared)


def narrow_after(result: StageResult, prepared: Prepared) -> StageResult:
    """Write the narrowed space of a stage that has completed trials and is not just beginning."""
    if result.view.best is None or result.status == "created":
        return result
    limits = load_space(prepared.loaded.reference).space.limits
    facts = narrowed_facts(result.view, limits)
    return replace(result, extra={**result.extra, "narrowing": facts})
