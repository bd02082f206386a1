"""A finished search to be damaged, and the command line run inside the test's own process."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hpsearch.cli.entry import main
from hpsearch.errors import StudyStopped
from tests.integration.conftest import command, environment, hpsearch, start

__all__ = ["hpsearch", "start"]  # the fixtures of the tests of the whole

SPACE = '''"""Numbers instead of models, with conditions and every kind of hyperparameter."""


def build(hp):
    x = hp.Float("x", 0.0, 1.0)
    hp.Float("rate", 1e-5, 1e-1, sampling="log", default=1e-3)
    depth = hp.Int("depth", 1, 4)
    if hp.Choice("kind", ["a", "b"]) == "b":
        x += hp.Float("shift", -0.1, 0.1)
    return 1 - (x - 0.3) ** 2 + 0.01 * depth
'''
COMMANDS = {
    "coarse": "coarse --space space.py --trials 11 --seed 3 --workers 1 --out study/coarse",
    "fine": "fine --from study/coarse --trials 6 --workers 1",
    "confirm": "confirm --from study/fine --top 2 --seeds 3 --workers 1",
}
STATUSES = {0, 1, 2, 3, 4, 141}


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    arguments: list[str]
    status: int
    out: str
    err: str

    def must_be_civil(self) -> None:
        """What holds of every command, whatever it was given."""
        assert self.status in STATUSES, self
        assert "Traceback" not in self.out + self.err, self
        if "--json" in self.arguments and "-h" not in self.arguments:
            assert isinstance(json.loads(self.out), dict), self
        elif self.status != 0:
            told = [line for line in self.err.splitlines() if line.startswith("hpsearch: ")]
            assert len(told) == 1, self
            assert self.err.splitlines()[-1] == told[0], self


def invoke(*arguments: str) -> Ended:
    """Run a command as `hpsearch` does, without the second that a process of its own takes.

    An exception that the command line does not catch is one of the test.
    """
    out, err = io.BytesIO(), io.BytesIO()
    streams = [io.TextIOWrapper(one, "utf-8") for one in (out, err)]
    status: Any = 0
    with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
        try:
            main(list(arguments))
        except SystemExit as end:
            status = end.code
        for stream in streams:
            stream.flush()
    return Ended([*arguments], status, out.getvalue().decode(), err.getvalue().decode())


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `space.py` and the finished stages in `study/`, made once."""
    home = tmp_path_factory.mktemp("template")
    (home / "space.py").write_text(SPACE, encoding="utf-8")
    for arguments in COMMANDS.values():
        line = command(*arguments.split())
        done = subprocess.run(
            line, cwd=home, env=environment(home), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def fresh(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Path]]:
    """Gives the folder anew, as the current one; workers that would be started are not."""

    def no_worker(*arguments: object, **settings: object) -> None:
        raise StudyStopped("No worker is started in this test.", "Nothing is wrong.")

    monkeypatch.setattr("hpsearch.execution.local_workers.start_worker", no_worker)
    monkeypatch.setattr("hpsearch.stages.preparing.start_template", lambda: None)
    monkeypatch.setenv("HPSEARCH_CACHE", str(tmp_path / "cache"))
    home = tmp_path / "home"
    before = Path.cwd()

    def make() -> Path:
        os.chdir(tmp_path)
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(template, home)
        os.chdir(home)
        return home

    yield make
    os.chdir(before)
