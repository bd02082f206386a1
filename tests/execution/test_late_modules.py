"""Modules that are loaded when something of them is used."""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from hpsearch.execution.late_modules import LateFinder

LOADED: list[str] = []
"""What the modules of these tests enter their names in."""


@pytest.fixture
def late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which the package `tardy` and the module `broken` are found late."""
    before = set(sys.modules)
    enter = f"import sys; sys.modules[{__name__!r}].LOADED.append(__name__)\n"
    (tmp_path / "tardy").mkdir()
    (tmp_path / "tardy" / "__init__.py").write_text(
        enter + "from tardy.part import value\n__all__ = ['value']\n"
    )
    (tmp_path / "tardy" / "part.py").write_text(enter + "value = 3\n")
    (tmp_path / "broken.py").write_text(enter + "import no_such_module\n")
    finder = LateFinder(("tardy", "broken"))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    LOADED.clear()
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_is_loaded_when_a_name_is_asked_for(late: Path) -> None:
    module = importlib.import_module("tardy")
    assert LOADED == []
    assert module.value == 3
    assert LOADED == ["tardy", "tardy.part"]
    assert type(module) is ModuleType
    with pytest.raises(AttributeError):
        _ = module.nothing
    assert LOADED == ["tardy", "tardy.part"]


def test_names_are_taken_from_it_as_from_any_module(late: Path) -> None:
    names: dict[str, object] = {}
    exec("from tardy import *", names)
    assert names["value"] == 3


def test_a_part_of_a_package_is_loaded_once(late: Path) -> None:
    package = importlib.import_module("tardy")
    part = importlib.import_module("tardy.part")
    assert LOADED == ["tardy.part"]
    assert package.value == 3
    assert LOADED == ["tardy.part", "tardy"]
    assert package.part is part is sys.modules["tardy.part"]


def test_a_part_is_taken_from_a_package_that_stays_unloaded(late: Path) -> None:
    names: dict[str, object] = {}
    exec("from tardy import part", names)
    assert LOADED == ["tardy.part"]
    assert names["part"] is importlib.import_module("tardy").part


def test_is_not_loaded_when_all_modules_are_looked_through(late: Path) -> None:
    module = importlib.import_module("tardy")
    for other in list(sys.modules.values()):
        getattr(other, "__file__", None)
    inspect.getmodule(json.dumps)
    assert module.__file__ == str(late / "tardy" / "__init__.py")
    assert LOADED == []


def test_what_cannot_be_loaded_says_so_each_time(late: Path) -> None:
    module = importlib.import_module("broken")
    for _ in range(2):
        with pytest.raises(ModuleNotFoundError, match="no_such_module"):
            _ = module.value
