"""`hpsearch run` and rounds of fine: plan, progress and result of several stages."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hpsearch.cli.durations import format_duration
from hpsearch.cli.output import Output
from hpsearch.cli.plans import plan_json, plan_lines
from hpsearch.cli.printing import print_error, print_json, print_lines
from hpsearch.cli.running import print_result, screen_of
from hpsearch.execution.template import keep_template
from hpsearch.runs import Division, RunPlan, RunRequest, RunResult, Watcher, plan_run, run_all
from hpsearch.runs.division import Share
from hpsearch.spaces.describing import format_params
from hpsearch.stages import (
    Prepared,
    Rounds,
    StageRequest,
    StageResult,
    prepare_fine,
    run_fine,
    run_rounds,
)
from hpsearch.stages.running import Update

LOOKING = "Looking at space, data and model …\n"


class ScreenWatcher(Watcher):
    """Shows plan, progress and result of each stage.

    Args:
        output: What is to be printed.
    """

    def __init__(self, output: Output) -> None:
        self.output = output

    def told(self, sentence: str) -> None:
        sys.stderr.write(f"\n{sentence}\n")
        sys.stderr.flush()

    @contextmanager
    def watching(self, prepared: Prepared) -> Iterator[Update]:
        print_lines(plan_lines(prepared), f"\n{_heading(prepared)}", stderr=True)
        with screen_of(prepared, self.output.verbose).show() as update:
            yield update

    def ended(self, result: StageResult) -> None:
        if not self.output.as_json:
            print_result(result, followed=True)


def _heading(prepared: Prepared) -> str:
    return f"hpsearch {prepared.directory.path.name}: {prepared.loaded.name}"


@keep_template()
def run_command(request: RunRequest, output: Output) -> int:
    """Plan a run, print the plan, run all stages and print the result; the exit status."""
    began = time.monotonic()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.write(LOOKING)
    plan = plan_run(request)
    lines = run_plan_lines(plan)
    print_lines(
        lines, f"hpsearch run: {request.space}", stderr=not output.dry_run or output.as_json
    )
    if output.dry_run:
        if plan.coarse is not None and not output.as_json:
            print_lines(plan_lines(plan.coarse), f"\n{_heading(plan.coarse)}", stderr=False)
        if output.as_json:
            print_json(run_plan_json(plan))
        return 0
    result = run_all(plan, ScreenWatcher(output), began=began)
    if output.as_json:
        print_json(result.to_json())
    else:
        print_run_result(result)
    return result.exit_status


def run_plan_lines(plan: RunPlan) -> dict[str, str]:
    """The division of the budget in words, one line for each stage."""
    request, division = plan.request, plan.division
    rounds = f", {division.rounds} rounds" if division.rounds > 1 else ""
    if request.rounds.auto:
        rounds = f", a round; another while it promises more than noise, {division.rounds} at most"
    lines = {
        "budget": _budget(plan),
        "coarse": _share(division.coarse),
        "fine": _share(division.fine) + rounds,
        "confirm": _confirm(division),
        "report": str(plan.root.report / "index.html"),
        "output": str(plan.root),
    }
    seconds = plan.estimated_seconds
    if seconds is not None and request.currency != "seconds":
        hours = f" ({seconds / 3600:.2f} hours)" if seconds >= 90 else ""
        lines["time"] = f"about {format_duration(seconds)}{hours} if no trial ends early"
    if division.notes:
        lines["note"] = " ".join(division.notes)
    begun = [directory.path.name for directory in plan.root.stages]
    if begun and not request.overwrite:
        lines["so far"] = f"{', '.join(begun)} begun earlier; the run is continued"
    return lines


def _budget(plan: RunPlan) -> str:
    request = plan.request
    if request.currency == "own":
        return f"the space's own budgets, {plan.division.trials:,} trials at most"
    if request.currency == "seconds":
        return f"{format_duration(request.amount)} in all, divided as the trials' times are"
    unit = "trials" if request.currency == "trials" else "epochs of all trials together"
    return f"{request.amount:.0f} {unit}, divided as the space's own budgets are"


def _share(share: Share) -> str:
    if share.seconds is None:
        return f"{share.trials:,} trials × at most {share.epochs} epochs"
    about = f"about {share.trials:,} trials × at most {share.epochs} epochs"
    return f"{format_duration(share.seconds)}: {about}"


def _confirm(division: Division) -> str:
    share = division.confirm
    if share is None:
        return "left out"
    within = f"{format_duration(share.seconds)}: " if share.seconds is not None else ""
    return (
        f"{within}the best {share.top} and the defaults × {share.seeds} seeds "
        f"× at most {share.epochs} epochs"
    )


def run_plan_json(plan: RunPlan) -> dict[str, Any]:
    """The plan as JSON."""
    seconds = plan.estimated_seconds
    return {
        "space": plan.request.space,
        "stage": "run",
        "status": "planned",
        "directory": str(plan.root),
        "rounds": str(plan.request.rounds),
        "division": plan.division.to_json(),
        "estimated_seconds": seconds,
        "estimated_hours": None if seconds is None else seconds / 3600,
        "coarse": None if plan.coarse is None else plan_json(plan.coarse),
    }


def print_run_result(result: RunResult) -> None:
    """Print how a run ended, stage by stage."""
    rows = {stage.view.directory.path.name: _outcome(stage) for stage in result.stages}
    rows["time"] = f"{format_duration(result.seconds)} over all invocations"
    print_lines(rows, f"\nrun {result.status}: {result.directory}", stderr=False)
    if result.error is not None:
        print_error(result.error, as_json=False)
    if result.page is not None:
        sys.stdout.write(f"Report: {result.page}\n")


def _outcome(stage: StageResult) -> str:
    view = stage.view
    counts = ", ".join(f"{number} {name}" for name, number in view.count().items() if number)
    facts, best = view.confirmation, view.best
    if facts is not None:
        return f"{counts}; {facts['verdict']}"
    if best is None:
        return counts or "no trial"
    score = f"{view.objective} {best.value:.4f}, a search score"
    return f"{counts}; trial {best.number}, {score}: {format_params(dict(best.params))}"


@keep_template()
def rounds_command(request: StageRequest, rounds: Rounds, output: Output) -> int:
    """Run fine and its further rounds, and print the result of each; the exit status."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.write(LOOKING)
    if output.dry_run:
        return _rounds_plan(prepare_fine(request), rounds, output.as_json)
    watcher, sentences = ScreenWatcher(output), list[str]()

    def tell(sentence: str) -> None:
        sentences.append(sentence)
        watcher.told(sentence)

    results = run_rounds(request, rounds, _round_runner(request, watcher), tell)
    last = results[-1]
    if output.as_json:
        told = [result.to_json() for result in results]
        print_json({**last.to_json(), "decisions": sentences, "rounds": told})
    return last.exit_status


def _round_runner(
    first: StageRequest, watcher: Watcher
) -> Callable[[StageRequest], StageResult | None]:
    """Runs one round of fine, all of them within the time limit of the first request."""
    began = time.monotonic()

    def run_round(request: StageRequest) -> StageResult:
        prepared = prepare_fine(request)
        if first.time_limit is not None:
            left = first.time_limit - (time.monotonic() - began)
            prepared = prepared.limited(left)
        with watcher.watching(prepared) as update:
            result = run_fine(prepared, update)
        watcher.ended(result)
        return result

    return run_round


def _rounds_plan(prepared: Prepared, rounds: Rounds, as_json: bool) -> int:
    if as_json:
        print_json({**plan_json(prepared), "rounds": str(rounds)})
        return 0
    many = f"{rounds.most}"
    if rounds.auto:
        many = f"another while it promises more than the noise of seeds, {rounds.most} at most"
    lines = {**plan_lines(prepared), "rounds": many}
    print_lines(lines, _heading(prepared), stderr=False)
    return 0
