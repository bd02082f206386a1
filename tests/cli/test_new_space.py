"""A new space file loads, builds its model and has nothing to warn of, whatever its data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.cli.new_space import write_new_space
from hpsearch.cli.space_templates import STARTS
from hpsearch.data import NAMED
from hpsearch.errors import InputError
from hpsearch.execution.inspection import Inspection, inspection_from
from hpsearch.execution.inspection_process import facts_of
from hpsearch.execution.study_plan import DataRequest
from hpsearch.spaces import load_space
from hpsearch.stages.lint import lint
from tests.data.pictures import class_folders

pytestmark = pytest.mark.slow  # TensorFlow


def own_images(kind: str, folder: Path) -> Path:
    """Small images of three classes in one of the forms that people have."""
    if kind == "npz":
        np.savez(folder / "own.npz", x=np.zeros((30, 28, 28)), y=np.arange(30) % 3)
        return folder / "own.npz"
    photos = class_folders(folder / "photos", {"a": 3, "b": 3, "c": 3})
    if kind == "folder":
        return photos
    lines = [f"{path.relative_to(folder)},{path.parent.name}" for path in photos.rglob("*.png")]
    (folder / "own.csv").write_text("\n".join(["path,label", *lines]), encoding="utf-8")
    return folder / "own.csv"


def inspected(path: Path, source: Path | None = None) -> Inspection:
    space = load_space(str(path)).space
    data = DataRequest(source and str(source))
    data.bind(space)
    return inspection_from(facts_of(space, data))


def test_there_is_a_start_for_every_data_set_and_every_form() -> None:
    assert set(STARTS) == {*NAMED, "folder", "csv", "npz"}


@pytest.mark.parametrize("dataset", STARTS)
def test_a_new_file_builds_and_lints(dataset: str, tmp_path: Path) -> None:
    """With --data for one's own images; the model is for their classes."""
    write_new_space("my_space", dataset, tmp_path / "spaces", as_json=True)
    path = tmp_path / "spaces" / "my_space.py"
    source = None if dataset in NAMED else own_images(dataset, tmp_path)
    found = inspected(path, source)
    assert not found.failure
    assert lint(found) == []
    classes = NAMED[dataset]().num_classes if dataset in NAMED else 3
    outputs = [layer.shape for layer in found.layers][-1]
    assert outputs == ((1,) if dataset == "dogs_vs_cats" else (classes,))


@pytest.mark.parametrize("kind", ["folder", "csv", "npz"])
def test_a_path_goes_into_the_file(kind: str, tmp_path: Path, capsys: Any) -> None:
    """Then nothing need be given any more, and the advice of what to run says so."""
    source = own_images(kind, tmp_path)
    write_new_space("mine", str(source), tmp_path, as_json=False)
    assert "--data" not in capsys.readouterr().out
    found = inspected(tmp_path / "mine.py")
    assert not found.failure
    assert found.layers[-1].shape == (3,)


def test_a_path_may_hold_quotation_marks(tmp_path: Path) -> None:
    folder = tmp_path / """Ann's "best" photos"""
    folder.mkdir()
    source = own_images("folder", folder)
    write_new_space("mine", str(source), tmp_path, as_json=True)
    assert not inspected(tmp_path / "mine.py").failure


def test_a_wrong_name_lists_the_right_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No data set 'cats'") as raised:
        write_new_space("mine", "cats", tmp_path, as_json=False)
    for name in STARTS:
        assert name in raised.value.hint
