"""The scripts of jobs, run by bash with stand-ins for `hpsearch` and for Slurm's commands."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hpsearch.batch import (
    BatchFolder,
    Job,
    JobSettings,
    Resources,
    job_script,
    submission_script,
)
from hpsearch.errors import InputError

TASK = {"SLURM_ARRAY_JOB_ID": "17", "SLURM_ARRAY_TASK_ID": "3", "SLURM_JOB_ID": "20"}
WORKERS = Job("coarse-workers", "Works.", (("worker", "--study", "it's 100 %"),), array=4)
CLOSING = Job("coarse-closing", "Closes.", (("coarse", "--fix", "a=b c"), ("report", "r")))


def write_program(path: Path, *lines: str) -> Path:
    """A shell program."""
    path.write_text("\n".join(["#!/bin/bash", *lines]) + "\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def settings(tmp_path: Path) -> JobSettings:
    """Those of jobs whose `hpsearch` writes down how it was called and ends with status 0."""
    program = write_program(tmp_path / "hp search", f'printf "%s|" "$@" >>"{tmp_path}/called"')
    write_program(tmp_path / "scontrol", f'echo "$*" >>"{tmp_path}/requeued"')
    return JobSettings(BatchFolder(tmp_path / "run"), tmp_path, (str(program),), Resources(3600))


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the script of a job as Slurm would."""
    started: list[subprocess.Popen[str]] = []

    def start(job: Job, settings: JobSettings, **variables: str) -> subprocess.Popen[str]:
        script = tmp_path / "job.sh"
        script.write_text(job_script(job, settings), encoding="utf-8")
        paths = f"{tmp_path}:{os.environ['PATH']}"
        environment = {**os.environ, **TASK, "PATH": paths, **variables}
        process = subprocess.Popen(
            ["bash", script],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            start_new_session=True,
        )
        started.append(process)
        return started[-1]

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # a script may have left its program behind
        process.communicate()


def lines_of(path: Path) -> list[str]:
    """The lines of a file that need not be there."""
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def test_commands_arrive_as_they_were_given(
    tmp_path: Path, settings: JobSettings, begin: Callable[..., subprocess.Popen[str]]
) -> None:
    """Blanks, quotes and signs of Slurm's in paths and values are themselves."""
    assert begin(WORKERS, settings).wait(20) == 0
    assert begin(CLOSING, settings).wait(20) == 0
    called = "worker|--study|it's 100 %|" + "coarse|--fix|a=b c|" + "report|r|"
    assert (tmp_path / "called").read_text(encoding="utf-8") == called
    assert lines_of(tmp_path / "requeued") == []


@pytest.mark.parametrize(
    ("job", "status", "restarts", "requeued"),
    [
        (WORKERS, 3, "", ["requeue 17_3"]),
        (WORKERS, 3, "9", ["requeue 17_3"]),
        (WORKERS, 3, "10", []),
        (WORKERS, 4, "", []),
        (WORKERS, 1, "", []),
        (WORKERS, 137, "", []),
        (CLOSING, 3, "", ["requeue 20"]),
        (CLOSING, 2, "", []),
    ],
)
def test_only_what_stopped_early_is_requeued_and_not_for_ever(
    tmp_path: Path,
    settings: JobSettings,
    begin: Callable[..., subprocess.Popen[str]],
    job: Job,
    status: int,
    restarts: str,
    requeued: list[str],
) -> None:
    write_program(tmp_path / "hp search", f'echo x >>"{tmp_path}/called"', f"exit {status}")
    assert begin(job, settings, SLURM_RESTART_COUNT=restarts).wait(20) == status
    assert lines_of(tmp_path / "requeued") == requeued
    assert lines_of(tmp_path / "called") == ["x"], "what follows a failure is not run"


@pytest.mark.parametrize(
    ("number", "requeued"), [(signal.SIGUSR1, ["requeue 17_3"]), (signal.SIGTERM, [])]
)
@pytest.mark.parametrize("handles", [True, False])
def test_a_time_limit_ahead_requeues_and_a_cancelled_job_stays_away(
    tmp_path: Path,
    settings: JobSettings,
    begin: Callable[..., subprocess.Popen[str]],
    number: signal.Signals,
    requeued: list[str],
    handles: bool,
) -> None:
    """The signal reaches the program, also one that has not yet learnt to handle it."""
    trap = "trap 'exit 3' USR1 TERM" if handles else ""
    wait = "while :; do sleep 0.05; done"
    write_program(tmp_path / "hp search", trap, f'echo x >"{tmp_path}/started"', wait)
    job = begin(WORKERS, settings)
    deadline = time.monotonic() + 20
    while not (tmp_path / "started").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    job.send_signal(number)
    assert job.wait(20) == 3
    assert lines_of(tmp_path / "requeued") == requeued


def test_the_setup_file_is_read_first_and_may_name_another_program(
    tmp_path: Path, settings: JobSettings, begin: Callable[..., subprocess.Popen[str]]
) -> None:
    setup = tmp_path / "set up.sh"
    setup.write_text('hpsearch=(echo "in a container: $HPSEARCH_CACHE")\n', encoding="utf-8")
    changed = replace(settings, setup=setup, environment={"HPSEARCH_CACHE": "/a b"})
    job = begin(CLOSING, changed)
    assert job.communicate(timeout=20)[0].splitlines() == [
        "in a container: /a b coarse --fix a=b c",
        "in a container: /a b report r",
    ]
    setup.write_text("return 7\n", encoding="utf-8")
    assert begin(WORKERS, changed).wait(20) == 1, "half an environment is none"


def test_the_submission_submits_what_it_writes_in_order(
    tmp_path: Path, settings: JobSettings
) -> None:
    """Run by bash with an `sbatch` that answers as that of a federation does."""
    write_program(tmp_path / "sbatch", f'echo "$*" >>"{tmp_path}/sbatch.log"', "echo '17;north'")
    closing = replace(CLOSING, after_success="coarse-workers", after_end="coarse-workers")
    script = submission_script(("coarse", "--workers", "0"), [WORKERS, closing], settings)
    done = subprocess.run(
        ["bash", "-c", script],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "coarse-workers: 17;north\ncoarse-closing: 17;north\n"
    batch = tmp_path / "run" / "batch"
    assert lines_of(tmp_path / "sbatch.log") == [
        f"--parsable {batch}/coarse-workers.sh",
        f"--parsable --dependency=afterok:17,afterany:17 {batch}/coarse-closing.sh",
    ]
    assert (batch / "coarse-workers.sh").read_text("utf-8") == job_script(WORKERS, settings)
    assert (tmp_path / "called").read_text("utf-8") == "coarse|--workers|0|"


def test_slurm_reads_paths_with_its_own_signs_in_them(
    tmp_path: Path, settings: JobSettings
) -> None:
    here = tmp_path / "it's 100 %"
    lines = job_script(WORKERS, replace(settings, folder=BatchFolder(here), directory=here))
    assert f'#SBATCH --chdir="{tmp_path}/it\'s 100 %"\n' in lines
    assert f'#SBATCH --output="{tmp_path}/it\'s 100 %%/batch/coarse-workers-%A_%a.log"\n' in lines
    with pytest.raises(InputError, match="quotation mark"):
        replace(settings, directory=tmp_path / 'a"b')


def test_a_missing_setup_file_is_refused(tmp_path: Path, settings: JobSettings) -> None:
    with pytest.raises(InputError, match="No setup file at"):
        replace(settings, setup=tmp_path / "nowhere.sh")
