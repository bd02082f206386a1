"""Joining a study from the command line: progress on standard error, how it ended."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from hpsearch.cli.durations import parse_duration
from hpsearch.cli.output import Output
from hpsearch.cli.printing import print_error, print_json
from hpsearch.cli.running import own_command, parse_workers
from hpsearch.cli.screen import Screen
from hpsearch.counting import count_of
from hpsearch.errors import InputError
from hpsearch.execution.devices import MOST_WORKERS, parse_gpus
from hpsearch.execution.finding import find_study
from hpsearch.stages import StageResult
from hpsearch.stages.request import check_seconds
from hpsearch.stages.running import join
from hpsearch.storage import RunDirectory, StudyView, load


def parse_places(
    workers: str | None, gpus: str | None, workers_per_gpu: int | None
) -> dict[str, Any]:
    """Where to work, as `join` takes it: one worker unless GPUs are named.

    Raises:
        InputError: A flag is impossible.
    """
    default = "1" if gpus is None and workers_per_gpu is None else "auto"
    count = parse_workers(default if workers is None else workers)
    for flag, number in {"--workers": count, "--workers-per-gpu": workers_per_gpu}.items():
        if number is not None and not 1 <= number <= MOST_WORKERS:
            raise InputError(
                f"{flag} is {number}.", f"Give a whole number from 1 to {MOST_WORKERS:,}."
            )
    return {"workers": count, "gpus": parse_gpus(gpus), "workers_per_gpu": workers_per_gpu}


def worker_command(
    study: str, places: Mapping[str, Any], time_limit: str | None, output: Output
) -> int:
    """Work on a study until its budget is spent; the exit status.

    Raises:
        InputError: There is no study, or a flag is impossible.
    """
    limit = parse_duration(time_limit)
    check_seconds("--time-limit", limit)
    directory = find_study(study) if "://" in study else RunDirectory(study)
    view = load(directory.path)
    synthetic = bool(view.facts["data"].get("synthetic"))
    screen = Screen(view.objective, view.direction, synthetic, verbose=output.verbose)
    with screen.show() as update:
        result = join(
            view.directory, **places, time_limit=limit, command=own_command(), on_update=update
        )
    if output.as_json:
        print_json(result.to_json())
    else:
        _print(result, view)
    return result.exit_status


def _print(result: StageResult, before: StudyView) -> None:
    if result.error is not None:
        print_error(result.error, as_json=False)
        return
    new = sum(result.view.count().values()) - sum(before.count().values())
    trials = count_of(sum(result.view.count().values()), "trial")
    sys.stdout.write(
        f"{result.view.directory}: the budget is spent, {trials} in all, {new} of them since "
        "this worker came.\n"
    )
