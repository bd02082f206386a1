"""A whole run through the command line: killed in the middle, continued, bounded by time."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from hpsearch.errors import StudyError
from hpsearch.storage import counted, load

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SPACE = '''"""Numbers with noise instead of models; small budgets."""
import time

import numpy as np

from hpsearch import Budget, SearchSpace


class Tiny(SearchSpace):
    coarse = Budget(trials=6, epochs=2)
    fine = Budget(trials=4, epochs=2)
    confirm = Budget(top=1, seeds=3, epochs=2)

    def build(self, hp):
        x = hp.Float("x", 0.0, 1.0, default=0.9)
        time.sleep(0.2)
        return 1 - (x - 0.3) ** 2 + float(np.random.normal(0, 0.01))
'''


@pytest.fixture
def space(tmp_path: Path) -> Path:
    """A space whose whole search takes seconds."""
    path = tmp_path / "tiny.py"
    path.write_text(SPACE, encoding="utf-8")
    return path


def finished(directory: Path) -> int:
    """Trials that have ended in a study; none where there is no study yet."""
    try:
        return len(counted(load(directory).trials))
    except StudyError:
        return 0


def wait_until(process: Any, directory: Path, trials: int) -> None:
    """Wait until a study has so many trials."""
    while finished(directory) < trials:
        assert process.poll() is None, "the run ended before it could be killed"
        time.sleep(0.05)


@pytest.mark.all
def test_a_killed_run_is_continued_to_all_stages_and_the_report(
    space: Path, tmp_path: Path, start: Any, hpsearch: Any
) -> None:
    """kill -9 in coarse and again in fine; the third time every stage is there, once."""
    arguments = ("run", "--space", space, "--rounds", 2, "--workers", 1, "--out", "r")
    for stage in ("coarse", "fine"):
        process = start(*arguments)
        wait_until(process, tmp_path / "r" / stage, 2)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    done = hpsearch(*arguments, "--json", timeout=200)
    assert done.status == 0, done.err
    result = done.json
    assert result["status"] == "done"
    names = [Path(stage["directory"]).name for stage in result["stages"]]
    assert names == ["coarse", "fine", "fine-2", "confirm"]
    counts = [finished(tmp_path / "r" / name) for name in names]
    assert counts[:3] == [6, 4, 4]
    assert counts[3] in (4, 5, 6), "the defaults are 0.36 worse and may be given up"
    assert result["stages"][-1]["confirmation"]["candidates"][0]["seeds"] == 3
    page = (tmp_path / result["report"]).read_text(encoding="utf-8")
    places = [page.index(f'id="study-{number}"') for number in range(1, 5)]
    assert places == sorted(places)
    assert "Narrowing after coarse" in page
    other = hpsearch(*arguments, "--trials", 30)
    assert other.status == 2
    assert "--trials was not given, now 30" in other.err
    assert "Traceback" not in other.err


@pytest.mark.all
def test_a_time_limit_is_the_budget_over_two_invocations(
    space: Path, tmp_path: Path, start: Any, hpsearch: Any
) -> None:
    """The second invocation has only what the first left of the 45 s, and ends with status 0."""
    arguments = ("run", "--space", space, "--time-limit", "45s", "--workers", 1, "--out", "r")
    process = start(*arguments)
    wait_until(process, tmp_path / "r" / "coarse", 2)
    time.sleep(6)  # until the time is written down, which happens every five seconds
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    began = time.monotonic()
    done = hpsearch(*arguments, "--json", timeout=200)
    assert done.status == 0, done.err
    assert done.json["status"] == "done"
    assert done.json["stages"][0]["trials"]["completed"] > 6, "the hours are used"
    assert done.json["seconds"] - (time.monotonic() - began) > 3, "the first one's time counts"
    assert Path(tmp_path / done.json["report"]).is_file()


def test_the_plan_says_how_the_budget_is_divided(
    space: Path, tmp_path: Path, hpsearch: Any
) -> None:
    """A dry run prints one object, and writes nothing."""
    plan = hpsearch("run", "--space", space, "--trials", 60, "--dry-run", "--json").json
    assert plan["status"] == "planned"
    division = plan["division"]
    assert division["confirm"]["top"] == 1
    assert division["coarse"]["trials"] + division["fine"]["trials"] == 60 - 6
    assert not (tmp_path / "results").exists()
