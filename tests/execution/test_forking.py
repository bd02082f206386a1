"""Forks of this process: they are what was ordered, and end with whoever forked them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hpsearch.execution.forking import fork_beside, has_one_thread
from hpsearch.execution.launching import Launch
from hpsearch.execution.side_process import quiet_environment
from hpsearch.execution.template import WITHOUT_THREADS
from tests.execution.processes import is_alive, wait_for

START = """
import os, subprocess, time
from hpsearch.execution.forking import fork_beside
from hpsearch.execution.launching import Launch

def start(module, *arguments):
    nothing, said = open(os.devnull), open("said", "wb")
    files = (os.dup(nothing.fileno()), os.dup(said.fileno()), os.dup(said.fileno()))
    return fork_beside(Launch(module, arguments, files, {"SAID": "hello"}))
"""
ENDS = """
child = start("tells", "a")
print(child.wait(30), child.poll(), open("said").read())
child.kill()
"""
TELLS = """
import os, sys
print(sys.argv[1:], dict(os.environ), repr(sys.stdin.read()), "subprocess" in sys.modules, end="")
sys.exit(7)
"""
WAITED = """
child = start("hangs")
try:
    child.wait(0.05)
except subprocess.TimeoutExpired:
    print("in vain", child.poll())
child.terminate()
print(child.wait(30))
"""
DIES = """
print(start("hangs").pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a program runs, with modules that it forks into."""
    (tmp_path / "tells.py").write_text(TELLS)
    (tmp_path / "hangs.py").write_text("import time; time.sleep(600)")
    return tmp_path


def start(folder: Path, program: str) -> subprocess.Popen[str]:
    """A program that can start modules of the folder."""
    (folder / "program.py").write_text(START + program)
    return subprocess.Popen(
        [sys.executable, "program.py"],
        cwd=folder,
        env=quiet_environment() | WITHOUT_THREADS,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_fork_is_what_was_ordered(folder: Path) -> None:
    """Its arguments, environment and input; what had been loaded is there; its status is told."""
    said, _ = start(folder, ENDS).communicate(timeout=30)
    assert said.strip() == "7 7 ['a'] {'SAID': 'hello'} '' True"


def test_a_fork_is_waited_for_and_ended(folder: Path) -> None:
    """As `subprocess.Popen` has it: a negative status for a signal."""
    said, _ = start(folder, WAITED).communicate(timeout=30)
    assert said.splitlines() == ["in vain None", f"-{signal.SIGTERM.value}"]


def test_a_fork_does_not_outlive_whoever_forked_it(folder: Path) -> None:
    """However that ends."""
    program = start(folder, DIES)
    assert program.stdout is not None
    child = int(program.stdout.readline())
    os.kill(child, 0)
    program.kill()
    program.communicate()
    wait_for(lambda: not is_alive(child))


def test_a_process_with_threads_is_not_forked() -> None:
    """A lock that a thread holds would never be free in the fork."""
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        assert not has_one_thread()
        with pytest.raises(OSError, match="threads"):
            fork_beside(Launch("never", (), (0, 1, 2), {}))
    finally:
        over.set()
        thread.join()
