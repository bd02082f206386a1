"""Stages that train nothing: their trials are entered in a real study, on a clock of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hpsearch.runs import RunPlan, RunRequest, RunResult, plan_run, run_all
from hpsearch.runs.running import Verbs
from hpsearch.spaces import Float, Space
from hpsearch.stages import StageRequest, StageResult
from hpsearch.stages.result import summarize
from hpsearch.storage import RunDirectory, StudyStore, counted, load
from hpsearch.storage.atomic import write_json
from tests.conftest import facts

SPACE_FILE = '''"""A space with small budgets."""

from hpsearch import Budget, SearchSpace


class Small(SearchSpace):
    coarse = Budget(trials=6, epochs=2)
    fine = Budget(trials=4, epochs=3)
    confirm = Budget(top=1, seeds=2, epochs=4)

    def build(self, hp):
        raise AssertionError("nothing is built here")
'''
ONE = Space((Float("x", 0.0, 1.0),))


class KilledError(BaseException):
    """Stands for kill -9: nothing is tidied up."""


@dataclass(frozen=True)
class FakePrepared:
    """As much of a prepared stage as a run looks at."""

    request: StageRequest
    trials: int
    algorithm: str = "bayesian"
    workers: int = 1
    probed: Any = None
    estimate: float = 1.0

    @property
    def directory(self) -> RunDirectory:
        return RunDirectory(self.request.out)

    @property
    def plan(self) -> Any:
        return SimpleNamespace(algorithm=self.algorithm)

    def limited(self, seconds: float | None) -> FakePrepared:
        limit = None if seconds is None else max(seconds, 0.01)
        return replace(self, request=replace(self.request, time_limit=limit))

    def seconds_of_trial(self, epochs: int) -> float:
        return self.estimate * epochs


@dataclass
class FakeStages:
    """Stages whose trials take a second an epoch; may be killed after any number of steps."""

    now: float = 0.0
    steps_to_live: int = 10**9
    ran: list[str] = field(default_factory=list)
    reports: int = 0
    algorithm: str = "bayesian"
    fails: str = ""
    estimate: float = 1.0  # seconds an epoch is thought to take

    def live(self) -> None:
        """One step; the last one kills."""
        self.steps_to_live -= 1
        if self.steps_to_live < 0:
            raise KilledError

    def prepare(self, request: StageRequest, **options: Any) -> FakePrepared:
        self.live()
        run = RunDirectory(request.out)
        trials = request.trials or (request.seeds or 0) * 2
        if run.has_study and request.trials is None and request.top is None:
            trials = run.read_study()["budget"]["trials"]
        return FakePrepared(request, trials, self.algorithm, estimate=self.estimate)

    def run(self, prepared: FakePrepared, update: Callable[[object], None]) -> StageResult:
        """Trial after trial until the budget or the time is spent."""
        self.live()
        store, started = self.open(prepared), self.now
        self.ran.append(prepared.request.out.name)
        limit = prepared.request.time_limit
        while len(counted(store.records())) < prepared.trials:
            self.live()
            if limit is not None and self.now - started + (prepared.request.epochs or 1) > limit:
                self.now = started + limit
                update(None)
                return replace(self.result(prepared, "stopped"), time_is_up=True)
            self.train(store, prepared)
            update(None)
        self.live()
        return self.result(prepared, "done")

    def open(self, prepared: FakePrepared) -> StudyStore:
        """The study, made if it is not there."""
        run, request = prepared.directory, prepared.request
        run.make()
        if not run.has_study:
            write_json(run.space_file, ONE.to_json())
            write_json(run.narrowed_space_file, ONE.to_json())
            StudyStore(run, create=True)
            run.write_study(
                facts(
                    run.path.name,
                    request.stage,
                    budget={"trials": prepared.trials, "epochs": request.epochs},
                    **{"from": str(request.source) if request.source else None},
                )
            )
        return StudyStore(run)

    def train(self, store: StudyStore, prepared: FakePrepared) -> None:
        """One trial."""
        epochs = prepared.request.epochs or 1
        number = store.create_trial({}, {}, {"params": {"x": self.now % 1}, "seed": 1})
        failed = prepared.request.out.name == self.fails
        state = "failed" if failed else "complete"
        store.finish(number, state, None if failed else 0.5, {"seconds": float(epochs)})
        self.now += epochs

    @staticmethod
    def result(prepared: FakePrepared, status: str) -> StageResult:
        return summarize(prepared.directory, status, "" if status == "done" else "time", "", 1.0)

    def report(self, directories: list[Path]) -> Path:
        self.live()
        self.reports += 1
        return directories[0] / "report" / "index.html"

    def verbs(self) -> Verbs:
        """Everything a run calls."""
        own = (self.prepare, self.run)
        stages = dict.fromkeys(("coarse", "fine", "confirm"), own)
        return Verbs(stages, self.report, lambda: self.now)  # type: ignore[arg-type]

    def plan(self, request: RunRequest) -> RunPlan:
        """The run, planned with these stages."""
        return plan_run(request, self.prepare)  # type: ignore[arg-type]

    def invoke(self, request: RunRequest) -> RunResult:
        """One invocation from beginning to end."""
        began = self.now
        return run_all(self.plan(request), verbs=self.verbs(), began=began)


def trials_in(root: Path) -> dict[str, int]:
    """Stage → number of trials that count."""
    names = ("coarse", "fine", "fine-2", "fine-3", "confirm")
    begun = [name for name in names if RunDirectory(root / name).has_study]
    return {name: len(counted(load(root / name).trials)) for name in begun}


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., RunRequest]:
    """Makes a request for a run of the small space."""
    file = tmp_path / "small.py"
    file.write_text(SPACE_FILE, encoding="utf-8")

    def make(**changes: Any) -> RunRequest:
        return RunRequest(str(file), tmp_path / "run", **changes)

    return make
