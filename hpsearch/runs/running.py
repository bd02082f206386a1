"""Running all stages and the report, each by its own function, under one budget."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import mean

from hpsearch.errors import NoTrialSucceeded
from hpsearch.report import build_report
from hpsearch.runs.division import Division
from hpsearch.runs.opening import open_run
from hpsearch.runs.planning import RunPlan, coarse_request, with_share
from hpsearch.runs.request import RunRequest
from hpsearch.runs.result import RunResult
from hpsearch.runs.spending import Spending
from hpsearch.runs.watching import Watcher
from hpsearch.stages import (
    Prepared,
    Rounds,
    StageRequest,
    StageResult,
    prepare,
    prepare_confirm,
    prepare_fine,
    run_coarse,
    run_confirm,
    run_fine,
    run_rounds,
)
from hpsearch.stages.fine import round_after
from hpsearch.stages.prepared import LEAST_SECONDS, START_SECONDS
from hpsearch.stages.provenance import provenance
from hpsearch.stages.result import summarize
from hpsearch.stages.running import Update
from hpsearch.storage import RunDirectory, counted
from hpsearch.storage.file_shapes import NARROWING

MOST_GROWTH = 4  # times as many trials as estimated, before looking at the clock again

PrepareStage = Callable[..., Prepared]
RunStage = Callable[[Prepared, Update], StageResult]


def _report(directories: list[Path]) -> Path:
    """The report of a run, whose own space file may be run once more."""
    return build_report(directories, models="all")


@dataclass(frozen=True)
class Verbs:
    """What prepares and runs each stage, and what makes the report.

    Args:
        stages: Stage → what prepares it, what runs it.
        report: From directories to the path of the page.
        clock: Seconds that never go back.
    """

    stages: Mapping[str, tuple[PrepareStage, RunStage]]
    report: Callable[[list[Path]], Path] = _report
    clock: Callable[[], float] = time.monotonic


VERBS = Verbs(
    {
        "coarse": (prepare, run_coarse),
        "fine": (prepare_fine, run_fine),
        "confirm": (prepare_confirm, partial(run_confirm, closing=True)),
    }
)


def run_all(
    plan: RunPlan,
    watcher: Watcher | None = None,
    verbs: Verbs = VERBS,
    began: float | None = None,
) -> RunResult:
    """Run coarse, the rounds of fine, confirm and the report; what is over is not run again.

    Args:
        plan: The run, as planned.
        watcher: Told of what happens.
        verbs: What prepares and runs the stages.
        began: When this invocation began, by the clock; default now.

    Returns:
        The result; a run that was stopped or in which no trial succeeded is one too.
    """
    began = verbs.clock() if began is None else began
    division = open_run(plan.root, plan.request, lambda: plan.division)
    facts = {"time_limit": plan.request.time_limit, **provenance(plan.request.command)}
    spending = Spending(plan.root, facts, began, verbs.clock)
    run = _Run(replace(plan, division=division), watcher or Watcher(), verbs, spending)
    try:
        return run.all()
    except (Exception, KeyboardInterrupt):
        spending.end("failed")
        raise


class _Run:
    def __init__(self, plan: RunPlan, watcher: Watcher, verbs: Verbs, spending: Spending) -> None:
        self.plan, self.watcher, self.verbs, self.spending = plan, watcher, verbs, spending
        self.results: list[StageResult] = []
        self.sentences: list[str] = []

    @property
    def request(self) -> RunRequest:
        return self.plan.request

    @property
    def division(self) -> Division:
        return self.plan.division

    @property
    def by_time(self) -> bool:
        return self.request.currency == "seconds"

    def all(self) -> RunResult:
        self.sentences += self.division.notes
        for stage in (self._coarse, self._fine, self._confirm):
            stage()
            if self.results[-1].status != "done":
                break
        stopped = self.results[-1].status == "stopped"
        page = None if stopped else self.verbs.report([self.plan.root.path])
        result = RunResult(
            self.plan.root.path,
            self.division,
            tuple(self.results),
            tuple(self.sentences),
            page,
            self.spending.total,
        )
        self.spending.end(result.status)
        return result

    def _tell(self, sentence: str) -> None:
        self.sentences.append(sentence)
        self.watcher.told(sentence)

    def _coarse(self) -> None:
        root, share = self.plan.root, self.division.coarse
        if self.plan.coarse is None:
            self.results.append(self._over(root.coarse))
            return
        asked = coarse_request(self.request, share)
        self.results.append(self._stage("coarse", asked, share.seconds or 0.0, self.plan.coarse))

    def _fine(self) -> None:
        source = self.results[-1].view.directory.path
        rounds = Rounds(self.division.rounds, self.request.rounds.auto)
        run_rounds(self.request.later_stage("fine", source), rounds, self._round, self._tell)

    def _round(self, request: StageRequest) -> StageResult | None:
        number = len(self.results)
        directory, share = RunDirectory(request.out), self.division.fine
        following = RunDirectory(round_after(request.out))
        if following.has_study or self.plan.root.confirm.has_study:
            result = self._over(directory)
        elif self._no_time_for(directory):
            return None
        else:
            deadline = (self.division.coarse.seconds or 0.0) + number * (share.seconds or 0.0)
            asked = with_share(request, share, begun=directory.has_study)
            result = self._stage("fine", asked, deadline)
        self.results.append(result)
        return result

    def _confirm(self) -> None:
        share, directory = self.division.confirm, self.plan.root.confirm
        if share is None or self._no_time_for(directory):
            return
        if directory.winner_file.is_file() and not self.request.retrain:
            self.results.append(self._over(directory))
            return
        searched = [result for result in self.results if result.view.best is not None]
        source = searched[-1].view.directory.path
        asked = with_share(self.request.later_stage("confirm", source), share)
        self.results.append(self._stage("confirm", asked, self.request.amount))

    def _no_time_for(self, directory: RunDirectory) -> bool:
        """Whether a stage that was not begun has no time to begin; says so."""
        left = self.request.amount - self.spending.total
        if not self.by_time or directory.has_study or left > START_SECONDS:
            return False
        self._tell(f"The time is spent: none is left for {directory.path.name}.")
        return True

    def _over(self, directory: RunDirectory) -> StageResult:
        """The result of a stage that is over: a later one has gone on, or it has its winner."""
        result = summarize(directory, "done")
        facts = result.view.confirmation
        if facts is not None:
            return replace(result, extra={"confirmation": facts})
        if directory.narrowing_file.is_file():
            narrowing = directory.read_json(directory.narrowing_file, NARROWING)
            return replace(result, extra={"narrowing": narrowing})
        return result

    def _stage(
        self, stage: str, request: StageRequest, deadline: float, prepared: Prepared | None = None
    ) -> StageResult:
        """Run one stage, as long as its share of the budget lasts."""
        prepare_stage, run_stage = self.verbs.stages[stage]
        prepared = prepare_stage(request) if prepared is None else prepared
        with self.watcher.watching(prepared) as shown:

            def update(snapshot: object) -> None:
                self.spending.note()
                shown(snapshot)  # type: ignore[arg-type]  # whatever the stage gives

            result = self._until(deadline, prepared, run_stage, update)
            while self.by_time and (more := self._more_trials(prepared, result, deadline)):
                request = replace(prepared.request, trials=more, overwrite=False)
                prepared = prepare_stage(request)
                result = self._until(deadline, prepared, run_stage, update)
        self.spending.note(now=True)
        self.watcher.ended(result)
        return result

    def _until(
        self, deadline: float, prepared: Prepared, run_stage: RunStage, update: Update
    ) -> StageResult:
        """Run a stage until its share of the time is up, if time is what is divided.

        One in which no trial is completed by then goes on in the time of those after it.
        """
        result = run_stage(self._limited(prepared, deadline), update)
        if not self.by_time or not result.time_is_up:
            return result
        if result.view.best is None and deadline < self.request.amount:
            return self._until(self.request.amount, prepared, run_stage, update)
        return closed(result)

    def _limited(self, prepared: Prepared, deadline: float) -> Prepared:
        limit = self.request.time_limit
        if limit is not None:
            left = deadline - self.spending.total if self.by_time else limit - self.spending.here
            return prepared.limited(left)
        return prepared

    def _more_trials(self, prepared: Prepared, result: StageResult, deadline: float) -> int | None:
        """With how many trials a stage goes on that has spent its trials, but not its time."""
        if result.message or result.status != "done":
            return None
        if prepared.plan.algorithm in ("grid", "replicates"):
            return None
        finished = counted(result.view.trials)
        seconds = [record.seconds or 0.0 for record in finished]
        each = max(mean(seconds) / prepared.workers, LEAST_SECONDS)
        left = deadline - self.spending.total - START_SECONDS
        more = min(math.floor(left / each), MOST_GROWTH * len(finished))
        return len(finished) + more if more >= prepared.workers else None


def closed(result: StageResult) -> StageResult:
    """A stage whose time is up, closed with the trials it has."""
    count = len(counted(result.view.trials))
    if result.view.best is None:
        error = NoTrialSucceeded(
            "The time is up and no trial was completed.",
            "Start again with --overwrite and more time, or a smaller model.",
        )
        return replace(result, status="failed", message=error.message, hint=error.hint)
    message = f"Its share of the time is up; closed with {count} trials."
    if result.view.stage == "confirm" and "confirmation" not in result.extra:
        message += " Too few of every configuration for a verdict."
    return replace(result, status="done", message=message, hint="")
