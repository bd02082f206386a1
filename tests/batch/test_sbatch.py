"""Talking to Slurm, with stand-ins for its commands that write down what they are asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hpsearch.batch import (
    BatchFolder,
    Job,
    JobSettings,
    Resources,
    queued,
    require_slurm,
    submit,
)
from hpsearch.errors import HpsearchError, InputError, StudyError

JOBS = [
    Job("coarse-workers", "Works.", (("worker",),), array=4),
    Job("coarse-closing", "Closes.", (("coarse",),), after_end="coarse-workers"),
    Job("fine-workers", "Works.", (("worker",),), array=4, after_success="coarse-closing"),
]
SBATCH = """
count=$(cat count 2>/dev/null || echo 10)
[ "$count" -lt "${FULL_AT:-99}" ] || { echo 'sbatch: error: QOSMaxSubmitJob' >&2; exit 1; }
echo $((count + 1)) >count
echo $((count + 1))
"""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Puts Slurm's commands in place; gives what was asked of them."""
    for name, body in {"sbatch": SBATCH, "scancel": "", "squeue": "echo 11; echo 12"}.items():
        program = tmp_path / name
        program.write_text(f'#!/bin/bash\necho "{name} $*" >>asked\n{body}\n', encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return lambda: (tmp_path / "asked").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def settings(tmp_path: Path) -> JobSettings:
    return JobSettings(BatchFolder(tmp_path / "run"), tmp_path, ("hpsearch",), Resources())


def test_each_job_waits_for_the_numbers_of_those_before(
    asked: Callable[[], list[str]], settings: JobSettings
) -> None:
    numbers = {"coarse-workers": "11", "coarse-closing": "12", "fine-workers": "13"}
    assert submit(JOBS, settings) == numbers
    folder = settings.folder
    assert asked() == [
        f"sbatch --parsable {folder.script('coarse-workers')}",
        f"sbatch --parsable --dependency=afterany:11 {folder.script('coarse-closing')}",
        f"sbatch --parsable --dependency=afterok:12 {folder.script('fine-workers')}",
    ]
    assert json.loads(folder.submitted_file.read_text(encoding="utf-8")) == {"jobs": numbers}
    assert queued(folder) == {"coarse-workers": "11", "coarse-closing": "12"}, "not what is over"


def test_a_submission_that_slurm_refuses_half_way_is_taken_back(
    asked: Callable[[], list[str]], settings: JobSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FULL_AT", "12")
    with pytest.raises(HpsearchError, match="sbatch failed: sbatch: error: QOSMaxSubmitJob"):
        submit(JOBS, settings)
    assert asked()[-1] == "scancel 11 12"
    assert queued(settings.folder) == {}


def test_a_damaged_note_of_what_was_submitted_is_one_line(settings: JobSettings) -> None:
    settings.folder.path.mkdir(parents=True)
    settings.folder.submitted_file.write_text('{"jobs": {"coarse-workers": 11}}', encoding="utf-8")
    with pytest.raises(StudyError, match=r"submitted\.json"):
        queued(settings.folder)


def test_without_slurm_nothing_can_be_submitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="no sbatch on this machine"):
        require_slurm()
