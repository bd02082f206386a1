"""Running a prepared stage: open the study, supervise its workers, read the result."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hpsearch.errors import NoTrialSucceeded, StudyStopped, TimeIsUp
from hpsearch.execution import Snapshot, supervise
from hpsearch.stages.opening import create_study, remove_study
from hpsearch.stages.prepared import Prepared
from hpsearch.stages.provenance import provenance
from hpsearch.stages.result import StageResult, summarize

Update = Callable[[Snapshot], None]


def run(prepared: Prepared, on_update: Update = lambda snapshot: None) -> StageResult:
    """Run a prepared stage to the end of its budget.

    Returns:
        The result; a study that was stopped or in which no trial succeeded is one too, with
        that status.
    """
    directory, request = prepared.directory, prepared.request
    if directory.has_study and request.overwrite and prepared.probed is not None:
        remove_study(directory)
    create_study(
        directory,
        _study_facts(prepared),
        prepared.space,
        prepared.data.split,
        prepared.prior if prepared.plan.algorithm == "bayesian" else (),
    )
    directory.start_session(_session(prepared))
    started = time.monotonic()
    status, message, hint, time_is_up = "done", "", "", False
    try:
        message = supervise(
            directory,
            prepared.plan,
            prepared.budget.trials,
            prepared.workers,
            time_limit=request.time_limit,
            on_update=on_update,
        )
    except StudyStopped as stop:
        status, message, hint = "stopped", stop.message, stop.hint
        time_is_up = isinstance(stop, TimeIsUp)
    except NoTrialSucceeded as failure:
        status, message, hint = "failed", failure.message, failure.hint
    result = summarize(directory, status, message, hint, time.monotonic() - started)
    return replace(result, time_is_up=time_is_up)


def _study_facts(prepared: Prepared) -> dict[str, Any]:
    request, loaded = prepared.request, prepared.loaded
    record = provenance(request.command)
    return {
        "hpsearch": record["versions"]["hpsearch"],
        "stage": request.stage,
        "name": prepared.directory.path.name,
        "space": {
            "name": loaded.name,
            "reference": loaded.reference,
            "code_hash": loaded.code_hash,
            "hash": prepared.space.hash(),
        },
        "generation": request.generation,
        "from": str(request.source) if request.source else None,
        "identity": {**prepared.identity, "algorithm": request.algorithm},
        "plan": prepared.plan.to_json(),
        "data": prepared.data.facts,
        "budget": {
            "trials": prepared.budget.trials,
            "epochs": prepared.budget.epochs,
            "patience": prepared.budget.patience,
        },
        "provenance": record,
    }


def _session(prepared: Prepared) -> dict[str, Any]:
    return {
        "trials": prepared.budget.trials,
        "workers": prepared.workers,
        "time_limit": prepared.request.time_limit,
        **provenance(prepared.request.command),
    }
