"""The command line starts fast and loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
