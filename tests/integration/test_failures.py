"""Bad luck and bad input: what is lost, what is said, how it ends."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from hpsearch.storage import load
from tests.faults.invariants import processes_on
from tests.integration.conftest import write_space

pytestmark = pytest.mark.slow

FAILING = '''"""Fails in several ways."""
import math
import os

import numpy as np


def build(hp):
    kind = hp.Choice("kind", ["good", "raises", "nan", "huge", "dies"])
    x = hp.Float("x", 0.0, 1.0)
    if kind == "raises":
        raise ValueError("not this one")
    if kind == "nan":
        return math.nan
    if kind == "huge":
        np.ones((400_000, 400_000))
    if kind == "dies":
        os.kill(os.getpid(), 11)
    return x


def hopeless(hp):
    hp.Float("x", 0.0, 1.0)
    raise RuntimeError("the layer has no name")
'''


def wait_for(condition: Any, seconds: float = 90) -> None:
    """Wait until something observable holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def num_complete(directory: Path) -> int:
    """Completed trials of a study that may not exist yet."""
    if not (directory / "study.json").is_file():
        return -1
    return sum(trial.state == "complete" for trial in load(directory).trials)


def num_running(directory: Path) -> int:
    """Trials under way of a study that may not exist yet."""
    if not (directory / "study.json").is_file():
        return -1
    return sum(trial.state == "running" for trial in load(directory).trials)


def test_every_failure_has_its_kind_and_the_study_completes(tmp_path: Path, hpsearch: Any) -> None:
    """Exceptions, NaN, huge allocations and dead workers are data; the budget comes out exact."""
    space = tmp_path / "failing.py"
    space.write_text(FAILING, encoding="utf-8")
    grid = ("--algorithm", "grid", "--grid-points", 2, "--trials", 10)
    done = hpsearch("coarse", "--space", space, *grid, "--out", tmp_path / "c", "--json")
    assert done.status == 0, done.err
    assert done.json["trials"] == {"completed": 2, "pruned": 0, "failed": 8}
    trials = load(tmp_path / "c").trials
    kinds = {trial.params["kind"]: trial.failure for trial in trials}
    expected = {"good": None, "raises": "error", "nan": "diverged", "huge": "oom", "dies": "crash"}
    assert kinds == expected
    huge = next(trial.message for trial in trials if trial.failure == "oom")
    assert huge.startswith("out of memory: 1.16 TiB asked for an array of shape [400000, 400000]")
    retries = [trial for trial in trials if trial.retry_of is not None]
    assert len(retries) == 2, "each of the two crashed trials is tried again exactly once"
    assert all(trials[t.retry_of].seed == t.seed for t in retries if t.retry_of is not None)


def test_a_builder_that_always_raises_ends_the_study_with_its_cause(
    tmp_path: Path, hpsearch: Any
) -> None:
    """Exit status 4 after a handful of trials, with the one cause."""
    space = tmp_path / "failing.py"
    space.write_text(FAILING, encoding="utf-8")
    arguments = ("coarse", "--space", f"{space}:hopeless", "--trials", 60, "--json")
    done = hpsearch(*arguments, "--out", tmp_path / "c")
    assert done.status == 4
    assert done.json["status"] == "failed"
    assert "the layer has no name" in done.json["error"]["message"]
    assert len(load(tmp_path / "c").trials) < 10


@pytest.mark.all
@pytest.mark.timeout(300)
def test_killed_at_once_the_same_command_loses_and_repeats_nothing(
    tmp_path: Path, hpsearch: Any, start: Any
) -> None:
    """kill -9 of the supervisor and all workers: only running trials are tried again."""
    space, out = write_space(tmp_path / "slow.py", sleep=0.7), tmp_path / "c"
    arguments = ("coarse", "--space", space, "--trials", 9, "--out", out, "--workers", 2)
    process = start(*arguments)
    wait_for(lambda: num_complete(out) >= 2 and num_running(out) >= 1)
    kill_tree(process.pid, out)
    before = [trial for trial in load(out).trials if trial.state == "complete"]
    done = hpsearch(*arguments, "--json")
    assert done.status == 0, done.err
    assert done.json["trials"] == {"completed": 9, "pruned": 0, "failed": 0}
    trials = load(out).trials
    assert [trials[trial.number] for trial in before] == before
    lost = [trial.number for trial in trials if trial.failure == "lost"]
    assert lost
    assert sorted(t.retry_of for t in trials if t.retry_of is not None) == lost
    configurations = [trial.index for trial in trials if trial.state == "complete"]
    assert sorted(configurations) == list(range(9)), "each configuration exactly once"


def kill_tree(supervisor: int, out: Path) -> None:
    """Kill the supervisor and every worker of a study with a signal they cannot catch."""
    workers = [pid for pid in processes_on(out) if pid != supervisor]
    assert workers
    os.kill(supervisor, signal.SIGSTOP)  # it must not see them die, nor they it
    for worker in (*workers, supervisor):
        os.kill(worker, signal.SIGKILL)
    wait_for(lambda: not any(Path(f"/proc/{worker}/exe").exists() for worker in workers))


def test_ctrl_c_gives_the_running_trials_back(tmp_path: Path, start: Any) -> None:
    """Exit status 3, nothing left running, the given-back trials waiting for the next time."""
    space, out = write_space(tmp_path / "slow.py", sleep=3), tmp_path / "c"
    process = start("coarse", "--space", space, "--trials", 20, "--out", out, "--workers", 2)
    wait_for(lambda: num_running(out) == 2)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 3
    states = [trial.state for trial in load(out).trials]
    assert states.count("running") == 0
    assert states.count("waiting") == 2


@pytest.mark.all
@pytest.mark.timeout(300)
def test_workers_end_when_their_supervisor_is_killed(tmp_path: Path, start: Any) -> None:
    """No orphan goes on training; its trial is given back."""
    space, out = write_space(tmp_path / "slow.py", sleep=3), tmp_path / "c"
    process = start("coarse", "--space", space, "--trials", 20, "--out", out, "--workers", 1)
    wait_for(lambda: num_running(out) == 1)
    process.kill()
    wait_for(lambda: num_running(out) == 0, seconds=20)
    assert "waiting" in [trial.state for trial in load(out).trials]


def test_the_time_limit_ends_with_status_3(tmp_path: Path, hpsearch: Any) -> None:
    """--time-limit bounds one invocation; what is finished is kept."""
    space = write_space(tmp_path / "slow.py", sleep=0.2)
    arguments = ("coarse", "--space", space, "--trials", 500, "--time-limit", "8s", "--json")
    done = hpsearch(*arguments, "--out", tmp_path / "c")
    assert done.status == 3
    assert done.json["status"] == "stopped"
    assert done.json["trials"]["failed"] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("coarse", "--space", "nope"), "No search space 'nope'"),
        (("coarse", "--space", "gtsrb_lenet", "--data", "missing"), "missing do not exist"),
        (("coarse", "--space", "gtsrb_lenet", "--trials", 0), "--trials is 0"),
        (("coarse", "--space", "gtsrb_lenet", "--algorithm", "luck"), "No algorithm 'luck'"),
        (("coarse", "--space", "gtsrb_lenet", "--fix", "filters"), "--fix filters"),
        (("coarse", "--space", "gtsrb_lenet", "--time-limit", "soon"), "'soon' is no duration"),
        (("coarse", "--space", "gtsrb_lenet", "--workers", "many"), "--workers is 'many'"),
        (("fine", "--from", "."), "No study in"),
        (("fine", "--from", "c", "--out", "c"), "c would hold its own source"),
        (("show", "nowhere"), "No study in nowhere"),
        (("narrow", "--from", "nowhere"), "No study in nowhere"),
        (("coarse",), "Missing option '--space'"),
        (("cosrse",), "No such command 'cosrse'"),
    ],
)
def test_wrong_input_is_one_line_status_2_and_writes_nothing(
    tmp_path: Path, hpsearch: Any, arguments: tuple[object, ...], message: str
) -> None:
    """What happened, what was expected, how to fix it; never a traceback."""
    done = hpsearch(*arguments)
    assert done.status == 2
    assert message in done.err
    errors = [line for line in done.err.splitlines() if line.startswith("hpsearch: ")]
    assert len(errors) == 1
    assert "Traceback" not in done.err
    assert not list(tmp_path.iterdir())


def test_wrong_input_as_json_is_an_error_object(hpsearch: Any) -> None:
    """Machines read the same on standard output."""
    done = hpsearch("coarse", "--space", "nope", "--json")
    assert done.status == 2
    assert done.json["error"]["kind"] == "space"
    assert done.json["error"]["hint"]


@pytest.mark.all
@pytest.mark.timeout(300)
def test_a_template_that_is_killed_costs_no_trial(tmp_path: Path, start: Any) -> None:
    """Its workers go on; one that is killed after it is replaced by one that starts plainly."""
    space, out = write_space(tmp_path / "slow.py", sleep=0.7), tmp_path / "c"
    arguments = ("coarse", "--space", space, "--trials", 12, "--out", out, "--workers", 2)
    process = start(*arguments)
    wait_for(lambda: num_complete(out) >= 2)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    (template,) = map(int, children.read_text().split())
    os.kill(template, signal.SIGKILL)
    wait_for(lambda: Path(f"/proc/{template}/cmdline").read_bytes() == b"")
    workers = processes_on(out)
    workers.remove(process.pid)
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    assert process.wait(120) == 0
    states = [trial.state for trial in load(out).trials]
    assert states.count("complete") == 12
    assert states.count("failed") <= 1, "that of the worker that was killed, tried again"
