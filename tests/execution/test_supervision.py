"""What the supervisor does with workers, wherever they run: stand-ins for their processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hpsearch.errors import HpsearchError
from hpsearch.execution.claims import Claims
from hpsearch.execution.executor import Executor, WorkerProcess
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.execution.supervisor import _Supervision
from hpsearch.spaces import Float, Space
from hpsearch.storage import RunDirectory, StudyStore
from hpsearch.storage.atomic import write_json


@dataclass
class FakeWorker(WorkerProcess):
    """A worker that trains nothing and ends as it is told."""

    claims: Claims
    ended: int | None = None
    on_lost_machine: bool = False
    states_when_killed: list[str] = field(default_factory=list)

    @property
    def status(self) -> int | None:
        return self.ended

    @property
    def lost_its_machine(self) -> bool:
        return self.on_lost_machine

    def failure(self) -> tuple[str, str]:
        return "lost" if self.on_lost_machine else "crash", "gone"

    def kill(self) -> None:
        self.states_when_killed += [r.state for r in self.claims.store.records()]


@dataclass
class FakeExecutor(Executor):
    """Two workers at a time; remembers which it let go."""

    directory: RunDirectory
    claims: Claims
    started: list[FakeWorker] = field(default_factory=list)
    dismissed: list[str] = field(default_factory=list)

    @property
    def workers(self) -> int:
        return 2

    def start(self) -> FakeWorker:
        self.started.append(FakeWorker(self.directory, f"w{len(self.started)}", self.claims))
        return self.started[-1]

    def stop(self, workers: Sequence[WorkerProcess]) -> None:
        raise AssertionError("nobody stops here")

    def dismiss(self, workers: Sequence[WorkerProcess]) -> None:
        self.dismissed += [worker.name for worker in workers]

    def close(self) -> None:
        raise AssertionError("whoever made the executor closes it")


@pytest.fixture
def supervision(tmp_path: Path) -> _Supervision:
    """A study of four trials."""
    directory = RunDirectory(tmp_path / "run")
    directory.make()
    write_json(directory.space_file, Space((Float("x", 0.0, 1.0),)).to_json())
    store = StudyStore(directory, create=True)
    directory.start_session({"trials": 4, "trial_time_limit": None})
    claims = Claims(directory, store, StudyPlan(reference="none"))
    return _Supervision(directory, FakeExecutor(directory, claims), store, claims)


def started(supervision: _Supervision) -> list[FakeWorker]:
    executor = supervision.executor
    assert isinstance(executor, FakeExecutor)
    return executor.started


def test_an_overdue_trial_is_ended_before_its_worker_hears_of_it(
    supervision: _Supervision,
) -> None:
    """One that is slow to die would give it back; a trial it takes meanwhile is only lost."""
    supervision.step()
    worker = started(supervision)[0]
    supervision.claims.claim(worker.name)
    supervision.step()
    supervision.directory.start_session({"trials": 4, "trial_time_limit": 1e-9})
    supervision.step()
    assert worker.states_when_killed == ["failed"]
    assert supervision.store.record(0).failure == "timeout"
    supervision.directory.start_session({"trials": 4, "trial_time_limit": None})
    supervision.claims.claim(worker.name)
    worker.ended = -9
    supervision.step()
    assert [r.failure for r in supervision.store.records()] == ["timeout", "lost"]


def test_machines_that_are_lost_do_not_make_a_study_hopeless(supervision: _Supervision) -> None:
    """Any number of nodes may go before a first trial; three crashes there are the end."""
    for _ in range(5):
        supervision.step()
        for worker in started(supervision)[-2:]:
            worker.on_lost_machine, worker.ended = True, 1
    supervision.step()
    for worker in started(supervision)[-2:]:
        worker.ended = 1
    supervision.step()
    started(supervision)[-1].ended = 1
    with pytest.raises(HpsearchError, match="3 workers ended before their first trial: gone"):
        supervision.step()


def test_workers_that_wait_for_a_place_are_let_go_when_the_budget_is_spent(
    supervision: _Supervision,
) -> None:
    """On a full cluster one would otherwise wait for a place to find nothing to do."""
    supervision.step()
    for _ in range(4):
        claim = supervision.claims.claim("w0")
        assert claim is not None
        supervision.store.finish(claim.number, "complete", 0.5, {})
    assert supervision.step() is False
    executor = supervision.executor
    assert isinstance(executor, FakeExecutor)
    assert executor.dismissed == ["w0", "w1"]
    for worker in executor.started:
        worker.ended = 0
    assert supervision.step() is True
