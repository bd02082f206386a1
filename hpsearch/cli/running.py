"""Running a stage from the command line: plan, progress, result."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from typing import Any

from hpsearch.analysis.folds import spread_in_words
from hpsearch.cli.counts import parse_count, parse_whole
from hpsearch.cli.durations import format_duration, parse_duration
from hpsearch.cli.narrowing import print_narrowing
from hpsearch.cli.output import Output
from hpsearch.cli.plans import plan_json, plan_lines
from hpsearch.cli.printing import print_error, print_json, print_lines, print_table
from hpsearch.cli.screen import Screen
from hpsearch.execution.devices import parse_gpus
from hpsearch.execution.template import keep_template
from hpsearch.spaces import Overrides
from hpsearch.spaces.describing import format_params
from hpsearch.spaces.tries import parse_tries
from hpsearch.stages import (
    Prepared,
    StageRequest,
    StageResult,
)
from hpsearch.stages.confirmation_words import (
    CONFIRMATION_TITLE,
    confirmation_lines,
    confirmation_table,
)
from hpsearch.stages.curve_words import told_by
from hpsearch.stages.estimates import estimate_line
from hpsearch.storage import StudyView
from hpsearch.storage.address import redacted_argument


def make_request(stage: str, **flags: Any) -> StageRequest:
    """The request that the flags of a command mean.

    Raises:
        InputError: A flag is impossible.
    """
    return StageRequest(stage, **settings_of(**flags))


def settings_of(**flags: Any) -> dict[str, Any]:
    """The fields of a request that the flags of a command mean.

    Raises:
        InputError: A flag is impossible.
    """
    fix, limit = flags.pop("fix", None), flags.pop("limit", None)
    flags["tries"] = parse_tries(flags.get("tries") or ())
    flags["overrides"] = Overrides.parse(fix or (), limit or ())
    flags["workers"] = parse_workers(flags["workers"])
    flags["gpus"] = parse_gpus(flags.get("gpus"))
    for limit in ("time_limit", "trial_time_limit"):
        flags[limit] = parse_duration(flags[limit])
    flags["max_params"] = parse_count(flags.get("max_params"), "--max-params")
    flags["command"] = own_command()
    return flags


def own_command() -> str:
    """This command line as it may be written down: without passwords."""
    return shlex.join(["hpsearch", *map(redacted_argument, sys.argv[1:])])


def parse_workers(text: str) -> int | None:
    """Number of workers; None for `auto`.

    Raises:
        InputError: It is neither.
    """
    if text == "auto":
        return None
    return parse_whole(text, "--workers", least=0, hint="Give a number, or auto.")


@keep_template()
def run_stage_command(
    request: StageRequest,
    prepare: Callable[..., Prepared],
    run: Callable[..., StageResult],
    output: Output,
) -> int:
    """Prepare a stage, print its plan, run it and print its result; the exit status."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.write("Looking at space, data and model …\n")
    prepared = prepare(request)
    heading = f"hpsearch {request.stage}: {prepared.loaded.name}"
    print_lines(plan_lines(prepared), heading, stderr=not output.dry_run or output.as_json)
    if output.dry_run:
        if output.as_json:
            print_json(plan_json(prepared))
        return 0
    with screen_of(prepared, output.verbose).show() as update:
        result = run(prepared, update)
    if output.as_json:
        print_json(result.to_json())
    else:
        print_result(result)
    return result.exit_status


def screen_of(prepared: Prepared, verbose: bool) -> Screen:
    """What shows the progress of a prepared stage."""
    training = prepared.plan.training
    synthetic = bool(prepared.data.facts.get("synthetic"))
    return Screen(training.objective, training.direction, synthetic, verbose=verbose)


def print_result(result: StageResult, *, followed: bool = False) -> None:
    """Print how a stage ended and what to do next, unless that is `followed` of itself."""
    view, error = result.view, result.error
    if result.status == "created":
        print_created(view)
        return
    counts = view.count()
    outcomes = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
    rows = {
        "trials": outcomes or "none finished",
        "time": format_duration(result.seconds),
        "data": view.facts["data"]["source"],
    }
    best = view.best
    if best is not None and "confirmation" not in result.extra:
        rows["winner"] = f"trial {best.number}, {view.objective} {best.value:.4f}"
        rows["winner"] += f" at epoch {best.best_epoch}: {format_params(dict(best.params))}"
        rows |= {"folds": spread} if (spread := spread_in_words(best.fold_values)) else {}
        estimate = estimate_line(view)
        rows |= {"estimate": estimate} if estimate else {}
    if result.comparison:
        rows["against"] = result.comparison
    if result.message and error is None:
        rows["note"] = result.message
    print_lines(rows, f"\n{view.stage} {result.status}: {view.directory}", stderr=False)
    if "narrowing" in result.extra:
        print_narrowing(result.extra["narrowing"])
    if "confirmation" in result.extra:
        print_confirmation(result.extra["confirmation"])
    if view.stage == "curves" and error is None:
        print_curve(view)
    if error is not None:
        print_error(error, as_json=False)
    elif not followed:
        sys.stdout.write(f"Next: {_next(view)}\n")


def print_created(view: StudyView) -> None:
    """Print that a study waits for workers, and how to start them."""
    worker = shlex.join(["hpsearch", "worker", "--study", str(view.directory)])
    rows = {
        "workers": f"{worker}   (as many as you like, wherever {view.directory} is seen)",
        "afterwards": "the same command again closes the stage",
    }
    print_lines(rows, f"\n{view.stage} created: {view.directory}", stderr=False)


def print_confirmation(facts: dict[str, Any]) -> None:
    """Print the configurations with their intervals, the verdict and the test score."""
    headings, rows = confirmation_table(facts)
    print_table(headings, rows, CONFIRMATION_TITLE)
    print_lines(confirmation_lines(facts), "Confirmation", stderr=False)


def print_curve(view: StudyView) -> None:
    """Print what a study of curves shows, as a table and in sentences."""
    told = told_by(view)
    if told.rows:
        print_table(told.headings, told.rows, told.title)
    for sentence in told.sentences:
        sys.stdout.write(f"{sentence}\n")


def _next(view: StudyView) -> str:
    """The command that usually follows a stage."""
    if view.stage == "coarse":
        return shlex.join(["hpsearch", "fine", "--from", str(view.directory)])
    if view.stage == "fine":
        return shlex.join(["hpsearch", "confirm", "--from", str(view.directory)])
    where = view.directory.path if view.stage == "curves" else view.directory.path.parent
    return shlex.join(["hpsearch", "report", str(where)])
