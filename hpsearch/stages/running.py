"""Running a stage: open its study or join it, supervise workers, read the result."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from hpsearch.errors import NoTrialSucceeded, StudyError, StudyStopped, TimeIsUp
from hpsearch.execution import Snapshot, StudyPlan, supervise
from hpsearch.execution.claims import is_spent
from hpsearch.execution.devices import Placement, place_workers
from hpsearch.execution.executor import Executor
from hpsearch.execution.local_workers import LocalExecutor
from hpsearch.execution.ray_connection import resolve_address
from hpsearch.execution.template import (
    Template,
    launcher_of,
    release_template,
    start_template,
)
from hpsearch.stages.opening import create_study, remove_study
from hpsearch.stages.prepared import Prepared
from hpsearch.stages.provenance import provenance
from hpsearch.stages.result import StageResult, summarize
from hpsearch.stages.sharing_cores import parallelism_of
from hpsearch.storage import RunDirectory, StudyStore

Update = Callable[[Snapshot], None]


def run(prepared: Prepared, on_update: Update = lambda snapshot: None) -> StageResult:
    """Run a prepared stage to the end of its budget.

    Returns:
        The result; a study that was stopped or in which no trial succeeded is one too, with
        that status. With no workers the study is only created, unless its budget is spent.
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
        prepared.storage,
    )
    session = directory.start_session(_session(prepared))
    store = prepared.store or StudyStore(directory)
    if prepared.workers == 0 and not is_spent(store.records(), prepared.budget.trials):
        return summarize(directory, "created", store=store)
    with _ending(directory, session) as ended:
        result = _supervised(
            store,
            prepared.plan,
            _executor(prepared),
            request.time_limit,
            on_update,
            prepared.template,
        )
        ended.append(result.status)
    return result


@contextmanager
def _ending(directory: RunDirectory, session: Path) -> Iterator[list[str]]:
    """Enters into a session how it ended: what the block adds, else `failed`."""
    ended: list[str] = []
    try:
        yield ended
    finally:
        with suppress(OSError, StudyError):  # a full disk is no reason to end in another way
            directory.end_session(session, ended[0] if ended else "failed")


def _executor(prepared: Prepared) -> Executor:
    """What runs the workers of a stage; with none it still sees to the trials of others."""
    request, directory = prepared.request, prepared.directory
    if request.executor != "ray" or request.workers == 0:
        return LocalExecutor(directory, prepared.placement, launcher_of(prepared.template))
    from hpsearch.execution.ray_executor import RayExecutor

    asked = None if request.workers is None else prepared.workers
    return RayExecutor(directory, asked, request.workers_per_gpu, request.ray_address)


def join(
    directory: RunDirectory,
    *,
    workers: int | None = 1,
    gpus: tuple[int, ...] | None = None,
    workers_per_gpu: int | None = None,
    time_limit: float | None = None,
    command: str = "library",
    on_update: Update = lambda snapshot: None,
) -> StageResult:
    """Work on a study that somebody has created, until its budget is spent.

    Any number of processes may do so, on any machines that see the run directory; they may come
    and go at any time. What follows a stage (narrowing, the look at the test split) is left to
    whoever runs the stage's own command.

    Args:
        directory: The run directory of the study.
        workers: Number of worker processes on this machine; None chooses.
        gpus: Which of the visible GPUs, counted from 0; None for all, none of them for ().
        workers_per_gpu: How many workers share a GPU.
        time_limit: Seconds after which to stop; None for no limit.
        command: The command line, for the record.
        on_update: Called a few times a second.

    Returns:
        The result; a study that was stopped or in which no trial succeeded is one too.

    Raises:
        InputError: There is no study, or its space or data cannot be used here.
    """
    plan, store = StudyPlan.read(directory), StudyStore(directory)
    placement = place_workers(workers, gpus, workers_per_gpu)
    known = parallelism_of(directory.read_study())
    if workers is None and placement.can_fork and known is not None and known.is_here:
        placement = placement.shared(*known.way)
    facts = {"joined": True, **_places(placement), "time_limit": time_limit}
    directory.start_session({**facts, **provenance(command)})
    template = start_template() if placement.can_fork else None
    executor = LocalExecutor(directory, placement, launcher_of(template))
    return _supervised(store, plan, executor, time_limit, on_update, template)


def _places(placement: Placement) -> dict[str, Any]:
    """Where the workers of an invocation train, for the record."""
    return {
        "workers": placement.workers,
        "threads": placement.threads,
        "gpus": [slot.gpu for slot in placement.slots if slot.gpu],
    }


def _supervised(
    store: StudyStore,
    plan: StudyPlan,
    executor: Executor,
    time_limit: float | None,
    on_update: Update,
    template: Template | None,
) -> StageResult:
    """Keep workers going until the study is over or is stopped; the result either way."""
    directory, started = store.directory, time.monotonic()
    status, message, hint, time_is_up = "done", "", "", False
    try:
        message = supervise(
            directory, plan, executor, store=store, time_limit=time_limit, on_update=on_update
        )
    except StudyStopped as stop:
        status, message, hint = "stopped", stop.message, stop.hint
        time_is_up = isinstance(stop, TimeIsUp)
    except NoTrialSucceeded as failure:
        status, message, hint = "failed", failure.message, failure.hint
    finally:
        executor.close()
        release_template(template)
    result = summarize(directory, status, message, hint, time.monotonic() - started, store)
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
        "parallelism": prepared.parallelism and prepared.parallelism.to_json(),
        "budget": {
            "trials": prepared.budget.trials,
            "epochs": prepared.budget.epochs,
            "patience": prepared.budget.patience,
        },
        "provenance": record,
    }


def _session(prepared: Prepared) -> dict[str, Any]:
    on_cluster = prepared.request.executor == "ray"
    return {
        "trials": prepared.budget.trials,
        **({"workers": prepared.request.workers} if on_cluster else _places(prepared.placement)),
        "executor": prepared.request.executor,
        "ray_address": resolve_address(prepared.request.ray_address) if on_cluster else None,
        "time_limit": prepared.request.time_limit,
        "trial_time_limit": prepared.request.trial_time_limit,
        **provenance(prepared.request.command),
    }
