"""`hpsearch worker`: studies that are created in one place and worked on in others."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from hpsearch.storage import load
from tests.integration.conftest import write_space
from tests.integration.test_failures import num_running, wait_for

pytestmark = pytest.mark.slow

BAD_MANNERS = '''"""Trials that do not come back."""
import sys
import time


def build(hp):
    kind = hp.Choice("kind", ["good", "hangs", "leaves"])
    if kind == "hangs":
        print("hanging now", flush=True)
        time.sleep(1000)
    if kind == "leaves":
        sys.exit("bye")
    return 0.5
'''


@pytest.mark.all
@pytest.mark.timeout(300)
def test_workers_elsewhere_spend_the_budget_and_the_same_command_closes_the_stage(
    tmp_path: Path, hpsearch: Any, start: Any
) -> None:
    """Created with no worker, worked on by two, of which one is told to go; then narrowed."""
    space, out = write_space(tmp_path / "slow.py", sleep=0.3), tmp_path / "c"
    arguments = ("coarse", "--space", space, "--trials", 20, "--out", out, "--workers", 0)
    created = hpsearch(*arguments, "--json")
    assert (created.status, created.json["status"]) == (0, "created")
    assert not (out / "narrowing.json").exists()
    leaving, staying = start("worker", "--study", out), start("worker", "--study", out, "--json")
    wait_for(lambda: num_running(out) == 2)
    leaving.send_signal(signal.SIGUSR1)
    assert leaving.wait(30) == 3
    assert staying.wait(60) == 0
    closed = hpsearch(*arguments, "--json")
    assert (closed.status, closed.json["status"]) == (0, "done")
    assert closed.json["trials"] == {"completed": 20, "pruned": 0, "failed": 0}
    assert sorted(t.index for t in load(out).trials) == list(range(20)), "given back, not redone"
    assert (out / "narrowing.json").exists()


@pytest.mark.all
@pytest.mark.timeout(300)
def test_a_trial_that_hangs_is_ended_and_the_study_goes_on(tmp_path: Path, hpsearch: Any) -> None:
    """A timeout of its own kind, with what it printed last; `sys.exit` is an error as others."""
    space = tmp_path / "bad.py"
    space.write_text(BAD_MANNERS, encoding="utf-8")
    grid = ("--algorithm", "grid", "--trials", 3, "--workers", 1, "--trial-time-limit", "2s")
    done = hpsearch("coarse", "--space", space, *grid, "--out", tmp_path / "c", "--json")
    assert done.status == 0, done.err
    trials = {trial.params["kind"]: trial for trial in load(tmp_path / "c").trials}
    assert {kind: trial.failure for kind, trial in trials.items()} == {
        "good": None,
        "hangs": "timeout",
        "leaves": "error",
    }
    assert trials["hangs"].message.splitlines() == [
        "took longer than the limit of 2 s for a trial",
        "hanging now",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("worker", "--study", "nowhere"), "No study in nowhere"),
        (("worker", "--study", ".", "--workers", "0"), "--workers is 0"),
        (("worker",), "Missing option '--study'"),
        (("run", "--space", "gtsrb_lenet", "--workers", "0"), "a run trains here"),
        (("coarse", "--space", "gtsrb_lenet", "--trial-time-limit", "0"), "--trial-time-limit is"),
    ],
)
def test_a_worker_without_a_study_is_refused(
    hpsearch: Any, arguments: tuple[object, ...], message: str
) -> None:
    done = hpsearch(*arguments)
    assert done.status == 2
    assert message in done.err
