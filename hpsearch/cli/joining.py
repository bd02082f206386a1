"""Joining a study from the command line: progress on standard error, how it ended."""

from __future__ import annotations

import shlex
import sys

from hpsearch.cli.durations import parse_duration
from hpsearch.cli.printing import print_error, print_json
from hpsearch.cli.running import parse_workers
from hpsearch.cli.screen import Screen
from hpsearch.counting import count_of
from hpsearch.errors import InputError
from hpsearch.stages import StageResult
from hpsearch.stages.request import check_seconds
from hpsearch.stages.running import join
from hpsearch.storage import RunDirectory, StudyView, load


def worker_command(study: str, workers: str, time_limit: str | None, *, as_json: bool) -> int:
    """Work on a study until its budget is spent; the exit status.

    Raises:
        InputError: There is no study, or a flag is impossible.
    """
    count = parse_workers(workers)
    if count == 0:
        raise InputError("--workers is 0.", "Give a whole number of 1 or more, or auto.")
    limit = parse_duration(time_limit)
    check_seconds("--time-limit", limit)
    view = load(RunDirectory(study).path)
    synthetic = bool(view.facts["data"].get("synthetic"))
    command = shlex.join(["hpsearch", *sys.argv[1:]])
    with Screen(view.objective, view.direction, synthetic).show() as update:
        result = join(
            view.directory, workers=count, time_limit=limit, command=command, on_update=update
        )
    if as_json:
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
