"""Workers on a Ray cluster of two nodes, of which one is lost, and what else may end them."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hpsearch.storage import RunDirectory
from tests.faults.invariants import processes_on, records_of, violations
from tests.integration.conftest import write_space
from tests.integration.test_failures import wait_for
from tests.ray_cluster import NODE, running_cluster

pytestmark = [
    pytest.mark.all,
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore"),  # those of Ray's own code
]


@pytest.fixture
def cluster() -> Iterator[Any]:
    with running_cluster() as running:
        yield running


def stage(space: Path, out: Path, cluster: Any, trials: int) -> tuple[object, ...]:
    """A coarse stage of two workers on the cluster."""
    where = ("--executor", "ray", "--ray-address", cluster.address, "--workers", 2)
    return ("coarse", "--space", space, "--out", out, "--trials", trials, *where)


def num_training(out: Path) -> int:
    return sum(record.state == "running" for record in records_of(out))


def workers_of(out: Path) -> set[str]:
    return {record.worker for record in records_of(out)}


def descendants(pid: int) -> list[int]:
    """The processes below one, however deep."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(status[1]), []).append(int(entry.name))
    found: list[int] = []
    todo = [pid]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def lose(cluster: Any, node: Any) -> None:
    """Have a node vanish at once with everything on it, as when its power fails."""
    from ray._private.ray_constants import PROCESS_TYPE_RAYLET

    raylet = node.all_processes[PROCESS_TYPE_RAYLET][0].process.pid
    for pid in [*descendants(raylet), raylet]:
        os.kill(pid, signal.SIGKILL)
    cluster.remove_node(node, allow_graceful=False)


def test_a_lost_node_costs_second_tries_and_nothing_else(
    tmp_path: Path, cluster: Any, start: Any
) -> None:
    """Its trial is lost and tried again; the worker goes on upon the node that joins later."""
    space, out = write_space(tmp_path / "slow.py", sleep=1.0), tmp_path / "c"
    run = start(*stage(space, out, cluster, 20), "--json")
    wait_for(lambda: num_training(out) == 2 and len(records_of(out)) > 4, seconds=90)
    lose(cluster, next(iter(cluster.worker_nodes)))
    wait_for(lambda: any(record.failure == "lost" for record in records_of(out)), seconds=30)
    cluster.add_node(**NODE)
    printed, _ = run.communicate(timeout=120)
    assert run.returncode == 0, printed
    assert json.loads(printed)["status"] == "done"
    records = records_of(out)
    assert violations(records, 20, {}) == []
    lost = [record for record in records if record.failure == "lost"]
    assert len(lost) == 1
    assert "Ray lost the task" in lost[0].message
    assert len(workers_of(out)) == 3
    assert processes_on(out) == []


def test_a_stopped_or_killed_driver_leaves_a_study_that_goes_on_without_ray(
    tmp_path: Path, cluster: Any, start: Any, hpsearch: Any
) -> None:
    """Ctrl-C gives trials back, kill -9 at most loses them; who goes on need not be on Ray."""
    space, out = write_space(tmp_path / "slow.py", sleep=1.0), tmp_path / "c"
    arguments = stage(space, out, cluster, 16)
    run = start(*arguments)
    wait_for(lambda: num_training(out) == 2 and len(records_of(out)) > 4, seconds=90)
    run.send_signal(signal.SIGINT)
    assert run.wait(60) == 3
    assert {record.state for record in records_of(out)} == {"complete", "waiting"}
    assert processes_on(out) == []
    run, known = start(*arguments), workers_of(out)
    wait_for(lambda: num_training(out) == 2 and len(workers_of(out) - known) == 2, seconds=90)
    run.kill()
    wait_for(lambda: not processes_on(out), seconds=60)
    local = (*arguments[: arguments.index("--executor")], "--workers", 1, "--json")
    assert hpsearch(*local).json["status"] == "done"
    assert violations(records_of(out), 16, {}) == []
    facts = [json.loads(p.read_text()) for p in sorted(RunDirectory(out).sessions.glob("*.json"))]
    assert [fact["executor"] for fact in facts] == ["ray", "ray", "local"]
    assert facts[0]["ray_address"] == cluster.address
