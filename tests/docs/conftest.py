"""The folder of a reader, with studies that nobody has trained or small real ones."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from hpsearch.spaces import Boolean, Choice, Float
from tests.conftest import MakeStudy
from tests.docs.project import STUDIES, hpsearch, write_files


@pytest.fixture
def made_up_project(tmp_path: Path, make_study: MakeStudy, trial: Any, history: Any) -> Path:
    """The files of a reader, and a coarse and a fine study that nobody has trained."""
    write_files(tmp_path)
    space = (
        Float("dropout", 0.0, 0.6),
        Choice("optimizer", ("adam", "sgd")),
        Boolean("batch_norm"),
    )
    values = [0.80, 0.86, 0.90, 0.84]
    for stage in ("coarse", "fine"):
        trials = [
            trial(
                value,
                {"dropout": value / 4, "optimizer": "adam", "batch_norm": value > 0.85},
                history=history([value, value + 0.02], [value - 0.01, value]),
                best_epoch=2,
            )
            for value in values
        ]
        make_study(trials, name=f"results/{stage}", stage=stage, space=space)
    return tmp_path


@pytest.fixture(scope="session")
def trained_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a reader, and small real studies of all three stages."""
    folder = tmp_path_factory.mktemp("trained") / "project"
    folder.mkdir()
    write_files(folder)
    for study in STUDIES:
        done = hpsearch(folder, *study.split())
        assert done.returncode == 0, f"{study}\n{done.stderr}"
    return folder


@pytest.fixture
def own_copy(trained_project: Path, tmp_path: Path) -> Path:
    """The trained project, for one command alone."""
    return Path(shutil.copytree(trained_project, tmp_path / "project"))
