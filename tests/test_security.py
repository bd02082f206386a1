"""Nothing of what comes from files is run, wherever in the package it is read."""

from __future__ import annotations

import ast
import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import hpsearch
from hpsearch.errors import HpsearchError
from hpsearch.report.csv_files import write_csv_files
from hpsearch.storage import load

PACKAGE = Path(hpsearch.__file__).parent
FORBIDDEN = {"pickle", "cPickle", "joblib", "dill", "cloudpickle", "shelve", "marshal", "torch"}
RUNNING = {"eval", "exec", "compile", "system", "popen", "getoutput"}
Make = Callable[..., Any]


def trees() -> Iterator[tuple[Path, ast.AST]]:
    files = sorted(PACKAGE.rglob("*.py"))
    assert len(files) > 100, "nothing was looked at"
    return ((file, ast.parse(file.read_text())) for file in files)


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def given(call: ast.Call, name: str) -> str | None:
    """The value of a keyword argument as it stands in the code."""
    return next((ast.unparse(k.value) for k in call.keywords if k.arg == name), None)


def test_nothing_is_unpickled_or_evaluated() -> None:
    for file, tree in trees():
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [str(node.module)]
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert not FORBIDDEN & {name.partition(".")[0] for name in names}, file
        for name, call in calls(tree):
            nothing = [ast.unparse(argument) for argument in call.args] == ["''"]
            assert name not in RUNNING or nothing, (file, name)
            assert not name.startswith(("os.system", "os.popen", "pickle.")), (file, name)


def test_arrays_models_and_processes_are_opened_safely() -> None:
    """Arrays hold numbers only, models no code, and no shell reads what is run."""
    seen = []
    for file, tree in trees():
        for name, call in calls(tree):
            if name in {"np.load", "numpy.load"}:
                assert given(call, "allow_pickle") == "False", file
            elif name.endswith("load_model"):
                assert given(call, "safe_mode") == "True", file
            elif name.startswith("subprocess."):
                assert given(call, "shell") is None, file
            elif name.endswith((".extractall", ".extract")):
                assert file.name == "archives.py", f"{file} unpacks without the checks"
            else:
                continue
            seen.append(name)
    assert {"np.load", "keras.saving.load_model", "subprocess.run"} <= {*seen}


def test_cells_that_a_spreadsheet_would_compute_are_text(make_study: Make, trial: Make) -> None:
    """A hyperparameter or a value of somebody's study may begin as a formula does."""
    formula = '=HYPERLINK("http://evil.example","x")'
    params = {"@name": formula, "plain": "-relu", "number": -1.5}
    view = load(make_study([trial(-0.5, params)]))
    write_csv_files(view)
    text = view.directory.trials_csv.read_text()
    assert "'=HYPERLINK" in text
    assert "'-relu" in text
    row = next(csv.DictReader(text.splitlines()))
    assert row["value"] == "-0.5"
    assert row["params.number"] == "-1.5", "numbers stay numbers"


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_saved_model_with_code_in_it_is_refused(tmp_path: Path) -> None:
    """Its code is not run, and one line says what to write instead."""
    import keras

    from hpsearch.execution.saved_model import load_saved

    model = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: 2 * x)])
    model.save(tmp_path / "model.keras")
    with pytest.raises(HpsearchError, match=r"cannot be loaded: .*Lambda") as refusal:
        load_saved(str(tmp_path / "model.keras"))
    assert "\n" not in str(refusal.value)
    (tmp_path / "noise.keras").write_bytes(b"PK noise")
    with pytest.raises(HpsearchError, match=r"noise\.keras cannot be loaded"):
        load_saved(str(tmp_path / "noise.keras"))
