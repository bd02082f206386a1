"""`hpsearch slurm` without a Slurm: what it prints, what it refuses, what it leaves alone."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpsearch.cli.entry import run
from tests.integration.conftest import write_space

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Any:
    """Runs the command in an empty directory, where the space is; its status and what it said."""
    write_space(tmp_path / "mine.py", sleep=0.0)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        status = run(["slurm", *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return call


def test_printing_gives_a_script_that_bash_reads_and_writes_nothing(
    slurm: Any, tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    status, out, err = slurm("--space", "mine.py", "--workers", "8", "--time-limit", "4h")
    assert status == 0
    assert subprocess.run(["bash", "-n"], input=out, text=True, check=False).returncode == 0
    assert out.count("$(sbatch --parsable") == 6
    assert "#SBATCH --array=0-7\n" in out
    assert "--submit the study in results/coarse is created here and 6 jobs submitted" in err
    assert sorted(tmp_path.iterdir()) == before


def test_json_tells_the_jobs_with_their_scripts_and_what_they_wait_for(slurm: Any) -> None:
    arguments = ("--space", "mine.py", "--stage", "coarse", "--coarse", "--trials 7", "--json")
    status, out, _ = slurm(*arguments)
    plan = json.loads(out)
    assert (status, plan["status"], plan["directory"]) == (0, "planned", "results/coarse")
    create = "hpsearch coarse --space mine.py --out results/coarse --trials 7 --workers 0"
    assert " ".join(plan["create"]) == create
    assert [job["name"] for job in plan["jobs"]] == ["coarse-workers", "coarse-closing"]
    waits = {"dependency": "afterany", "job": "coarse-workers"}
    assert [job["after"] for job in plan["jobs"]] == [[], [waits]]
    assert all(job["script"].startswith("#!/bin/bash\n#SBATCH ") for job in plan["jobs"])


def test_data_and_cache_are_named_in_the_scripts_and_secrets_are_not(
    slurm: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slurm keeps scripts where others can read them; the environment goes another way."""
    monkeypatch.setenv("HPSEARCH_CACHE", "shared cache")
    monkeypatch.setenv("HPSEARCH_STORAGE", "postgresql://me:secret@host/studies")
    _, out, _ = slurm("--space", "mine.py")
    assert f"export HPSEARCH_CACHE='{tmp_path}/shared cache'\n" in out
    assert "secret" not in out
    assert "#SBATCH --export=ALL\n" in out


def test_what_has_begun_is_continued_where_it_is(
    slurm: Any, make_study: Callable[..., Path], tmp_path: Path
) -> None:
    """The stage from which a later one has begun is over; that later one is gone on with."""
    make_study(name="coarse")
    make_study(name="fine", stage="fine")
    status, out, _ = slurm("--space", "mine.py", "--out", str(tmp_path), "--json")
    plan = json.loads(out)
    names = ["fine-workers", "fine-closing", "confirm-workers", "confirm-closing"]
    assert (status, [job["name"] for job in plan["jobs"]]) == (0, names)
    assert plan["create"][1] == "fine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--space is missing"),
        (("--space", "nowhere.py"), "No space file at nowhere.py"),
        (("--space", "mine.py", "--stage", "finer"), "No stage 'finer'"),
        (("--space", "mine.py", "--from", "x"), "--from is given, but --stage all begins"),
        (("--stage", "fine"), "--from is missing"),
        (("--stage", "fine", "--from", "nowhere"), "No study in nowhere"),
        (("--space", "mine.py", "--stage", "coarse", "--fine", "--trials 3"), "--fine is given"),
        (("--space", "mine.py", "--coarse", "--trails 3"), "No such option: --trails"),
        (("--space", "mine.py", "--coarse", "--trials 'x"), "is no part of a command line"),
        (("--space", "mine.py", "--coarse", "--trials x"), "Input should be a valid integer"),
        (("--space", "mine.py", "--coarse", "--data x://me:secret@host"), "has a password in it"),
        (("--space", "mine.py", "--coarse", "--data x://h/d?password=a"), "has a password in it"),
        (("--space", "mine.py", "--coarse", "--workers 4"), "--coarse has --workers in it"),
        (("--space", "mine.py", "--fine", "--rounds 2"), "--fine has --rounds in it"),
        (("--space", "mine.py", "--coarse", "--overwrite"), "--coarse has --overwrite in it"),
        (("--space", "mine.py", "--fine", "--algorithm guess"), "No algorithm 'guess'"),
        (("--space", "mine.py", "--confirm", "--top 0"), "--top is 0"),
        (("--space", "mine.py", "--time-limit", "30s"), "--time-limit is 30 s"),
        (("--space", "mine.py", "--setup", "nowhere.sh"), "No setup file at nowhere.sh"),
        (("--space", "mine.py", "--data", "nowhere"), "No data at nowhere"),
        (("--space", "mine.py", "--out", "mine.py"), "mine.py is a file"),
        (("--space", "mine.py", "--workers", "0"), "--workers"),
        (("--space", "mine.py", "--submit"), "There is no sbatch on this machine"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_written(
    slurm: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    status, out, err = slurm(*arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert "secret" not in err
    assert len(err.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine.py"]


def test_the_directory_of_a_whole_run_is_left_to_it(slurm: Any, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}", encoding="utf-8")
    status, _, err = slurm("--space", "mine.py", "--out", str(tmp_path))
    assert status == 2
    assert "holds a run of `hpsearch run`" in err
