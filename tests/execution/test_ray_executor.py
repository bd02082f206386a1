"""How a worker's end is read off its Ray task, with a stand-in for Ray."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hpsearch.errors import InputError
from hpsearch.execution import ray_task
from hpsearch.execution.ray_executor import RayWorker
from hpsearch.execution.ray_task import Ended, Order, fingerprint, unusable
from hpsearch.storage import RunDirectory


class RayError(Exception):
    """Ray's own tree of exceptions, as far as it is told apart."""


class TaskCancelledError(RayError):
    pass


class RayTaskError(RayError):
    pass


class OutOfMemoryError(RayError):
    pass


class NodeDiedError(RayError):
    pass


class FakeRay:
    """A Ray with one task, which ended as given."""

    exceptions = SimpleNamespace(
        RayError=RayError,
        TaskCancelledError=TaskCancelledError,
        RayTaskError=RayTaskError,
        OutOfMemoryError=OutOfMemoryError,
        NodeDiedError=NodeDiedError,
    )

    def __init__(self, ended: Ended | Exception | None) -> None:
        self.ended = ended

    def wait(self, tasks: list[Any], timeout: float) -> tuple[list[Any], list[Any]]:
        return (tasks, []) if self.ended is not None else ([], tasks)

    def get(self, task: Any) -> Ended | None:
        if isinstance(self.ended, Exception):
            raise self.ended
        return self.ended


def worker(tmp_path: Path, ended: Ended | Exception | None) -> RayWorker:
    return RayWorker(RunDirectory(tmp_path), "w", FakeRay(ended), object())


def test_a_task_that_waits_or_runs_has_no_status(tmp_path: Path) -> None:
    """Ray may have no place for it as yet."""
    assert worker(tmp_path, None).status is None


@pytest.mark.parametrize(
    ("ended", "status", "kind"),
    [
        (Ended(0), 0, ""),
        (Ended(-9, "crash", "killed"), -9, "crash"),
        (TaskCancelledError(), 3, ""),
        (NodeDiedError("node gone\ndetails"), 1, "lost"),
        (RayError("worker gone"), 1, "lost"),
        (OutOfMemoryError("too much"), 1, "oom"),
    ],
)
def test_how_a_task_ended_is_how_its_worker_did(
    tmp_path: Path, ended: Ended | Exception, status: int, kind: str
) -> None:
    """What Ray loses is lost, and tried again; only a lost node excuses the worker."""
    seen = worker(tmp_path, ended)
    assert (seen.status, seen.failure()[0]) == (status, kind)
    assert seen.lost_its_machine is isinstance(ended, NodeDiedError)
    assert "details" not in seen.failure()[1]


def test_a_node_that_cannot_work_ends_the_stage_with_its_reason(tmp_path: Path) -> None:
    """Both what the task found and what kept it from running at all."""
    refused = worker(tmp_path, Ended(1, refused=("Node n sees no study.", "Mount it.")))
    broken = worker(tmp_path, RayTaskError("trace\nModuleNotFoundError: No module named hpsearch"))
    for one, words in ((refused, "Node n sees no study. Mount it."), (broken, "No module named")):
        assert one.status == 1
        with pytest.raises(InputError, match=words):
            one.raise_error()


def test_a_node_must_see_the_very_study(
    tmp_path: Path, make_study: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of the same name on the node's own disk is not the run directory."""
    monkeypatch.setattr(ray_task, "SEEN_WITHIN_SECONDS", 0.0)
    monkeypatch.setattr(ray_task, "node_name", lambda: "node7")
    directory = RunDirectory(make_study())
    order = Order(str(directory), fingerprint(directory), "w", 1, None)
    assert unusable(directory, order) is None
    elsewhere = RunDirectory(tmp_path / "elsewhere")
    assert "node7 sees no study" in (unusable(elsewhere, order) or ("",))[0]
    directory.study_file.write_text("{}")
    assert "node7 sees another study" in (unusable(directory, order) or ("",))[0]
    older = Order(str(directory), "", "w", 1, None, version="0.0.1")
    assert "run by 0.0.1" in (unusable(directory, older) or ("",))[0]
