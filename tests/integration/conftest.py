"""Spaces that cost nothing to train and a way to run the command line as a user does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

FAST_SPACE = '''"""Numbers instead of models: trials cost nothing."""
import time


def build(hp):
    x = hp.Float("x", 0.0, 1.0)
    rate = hp.Float("rate", 1e-5, 1e-1, sampling="log", default=1e-3)
    time.sleep({sleep})
    return 1 - (x - 0.3) ** 2
'''


@dataclass(frozen=True)
class Finished:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON object and nothing else."""
        return json.loads(self.out)


def command(*arguments: object) -> list[str]:
    """The command line of `hpsearch` with these arguments."""
    return [sys.executable, "-m", "hpsearch", *(str(argument) for argument in arguments)]


def environment(home: Path) -> dict[str, str]:
    """An environment in which no data set of the developer's is found."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HPSEARCH_")}
    return {**kept, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


@pytest.fixture
def hpsearch(tmp_path: Path) -> Any:
    """Run a command to its end, in an empty directory."""

    def run(*arguments: object, timeout: float = 110) -> Finished:
        done = subprocess.run(
            command(*arguments),
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            cwd=tmp_path,
            env=environment(tmp_path),
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def start(tmp_path: Path) -> Any:
    """Start a command in a process group of its own; whatever is left of it is killed later."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command(*arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=tmp_path,
            env=environment(tmp_path),
            start_new_session=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def fast_space(tmp_path: Path) -> Path:
    """A space file whose trials take no time."""
    return write_space(tmp_path / "fast.py", sleep=0.0)


def write_space(path: Path, sleep: float) -> Path:
    """A space file whose trials take `sleep` seconds."""
    path.write_text(FAST_SPACE.format(sleep=sleep), encoding="utf-8")
    return path
