"""The examples in docs/batch, run with a stand-in for `hpsearch` that writes down its calls."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hpsearch.cli.stage_flags import check_command

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "batch"
STAGES = ["coarse", "fine", "confirm", "report"]
STAND_IN = """#!/bin/bash
echo "$*" >>called
[ "$1" != "$STOPS" ] || exit 3
[ "$1" != fine ] || echo '{"best": {"value": 0.9, "params": {"x": 1}}}'
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs an example in an empty directory."""
    (tmp_path / "hpsearch").write_text(STAND_IN, encoding="utf-8")
    (tmp_path / "hpsearch").chmod(0o755)
    (tmp_path / "results").mkdir()

    def call(*arguments: object, stops: str = "none") -> subprocess.CompletedProcess[str]:
        (tmp_path / "called").unlink(missing_ok=True)
        paths = f"{tmp_path}:{os.environ['PATH']}"
        inherited = {key: value for key, value in os.environ.items() if "MAKE" not in key}
        return subprocess.run(
            [str(argument) for argument in arguments],
            cwd=tmp_path,
            env={**inherited, "PATH": paths, "STOPS": stops},
            capture_output=True,
            text=True,
            check=False,
        )

    return call


def called(tmp_path: Path) -> list[str]:
    """The calls of hpsearch, whose flags must be right."""
    if not (tmp_path / "called").exists():
        return []
    calls = [shlex.split(line) for line in (tmp_path / "called").read_text("utf-8").splitlines()]
    for call in calls:
        if call[0] != "report":
            check_command(call)
    return [call[0] for call in calls]


def test_the_shell_script_goes_through_all_stages_and_reads_the_json(
    tmp_path: Path, run: Run
) -> None:
    done = run("bash", EXAMPLES / "search.sh", "gtsrb_lenet")
    assert done.stdout == "The best trial of fine reached 0.9000 with {'x': 1}\n"
    assert called(tmp_path) == STAGES
    stopped = run("bash", EXAMPLES / "search.sh", "gtsrb_lenet", stops="fine")
    assert (stopped.returncode, called(tmp_path)) == (3, ["coarse", "fine"])


def test_make_goes_on_where_it_was_stopped(tmp_path: Path, run: Run) -> None:
    assert run("make", "-f", EXAMPLES / "Makefile", stops="fine").returncode == 2
    assert called(tmp_path) == ["coarse", "fine"]
    assert run("make", "-f", EXAMPLES / "Makefile").returncode == 0
    assert called(tmp_path) == STAGES[1:]
    assert run("make", "-f", EXAMPLES / "Makefile").returncode == 0
    assert called(tmp_path) == [], "nothing is left to do"


def test_the_flags_in_the_other_examples_are_those_of_the_commands() -> None:
    text = (EXAMPLES / "Snakefile").read_text(encoding="utf-8")
    calls = re.findall(r'"hpsearch ((?:coarse|fine|confirm) .*)"', text)
    assert len(calls) == 3
    for call in calls:
        check_command(shlex.split(call.replace("{threads}", "4")))
    (night,) = re.findall(
        r"^[^#].*hpsearch (run .*) >>", (EXAMPLES / "crontab").read_text("utf-8"), re.MULTILINE
    )
    assert shlex.split(night)[1:3] == ["--space", "gtsrb_lenet"]
