"""The command line starts fast and loads nothing heavy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hpsearch.cli.entry import run

HEAVY = ("tensorflow", "keras", "keras_tuner", "optuna", "pandas", "matplotlib", "sklearn", "scipy")

PROGRAM = """
import sys
from hpsearch.cli.entry import run
status = run({arguments!r})
loaded = sorted(name for name in {heavy!r} if name in sys.modules)
assert not loaded, loaded
sys.exit(status)
"""


@pytest.mark.parametrize(
    "arguments", [["--help"], ["spaces"], ["coarse", "--help"], ["--version"], ["spaces", "--json"]]
)
def test_help_and_listing_load_none_of_the_heavy_packages(arguments: list[str]) -> None:
    """Asking what there is must not cost five seconds of imports."""
    program = PROGRAM.format(arguments=arguments, heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_no_command_prints_the_help_and_is_wrong_input() -> None:
    """`hpsearch` alone shows what can be done, without a second message."""
    done = subprocess.run(
        [sys.executable, "-m", "hpsearch"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "coarse" in done.stdout
    assert done.stderr == ""


def test_a_command_group_alone_prints_its_help() -> None:
    """`hpsearch data` is treated as `hpsearch` is: help, no second message, status 2."""
    done = subprocess.run(
        [sys.executable, "-m", "hpsearch", "data"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "fetch" in done.stdout
    assert done.stderr == ""


def test_a_reader_that_leaves_ends_the_command_quietly() -> None:
    """`hpsearch … | head -1` is no error of anybody's."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "hpsearch", "--help"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_wrong_flag_of_a_subcommand_points_to_its_own_help(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The help of the whole program would not list the flag."""
    assert run(["data", "fetch", "--nope"]) == 2
    assert "See: hpsearch data fetch --help" in capsys.readouterr().err


def test_ctrl_c_before_anything_started_is_a_stop(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 3, not typer's 130: the same command may be given again."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hpsearch.spaces.find_spaces", interrupted)
    assert run(["spaces"]) == 3
    assert "the same command goes on" in capsys.readouterr().err


INTERRUPTED_WITHIN_EXEC = """
from hpsearch.cli import entry

def app(**settings):
    exec("raise KeyboardInterrupt")

entry.app = app
entry.main([])
"""


def test_ctrl_c_ends_with_status_3_wherever_it_strikes(tmp_path: Path) -> None:
    """Python itself would end by SIGINT where the signal came while a text was executed."""
    (tmp_path / "interrupted.py").write_text(INTERRUPTED_WITHIN_EXEC, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "interrupted"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr.count("\n")) == (3, 1), done.stderr
