"""Python in the documentation compiles, names what exists, and runs where it is whole."""

from __future__ import annotations

import ast
import builtins
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import hpsearch
from tests.conftest import MakeStudy
from tests.docs.documented import Example, python_examples
from tests.docs.project import hpsearch as run_hpsearch
from tests.docs.project import write_files

EXAMPLES = python_examples()
NOT_RUN = {
    'hpsearch.run("gtsrb_lenet", time_limit=8 * 3600)': "takes eight hours",
    "results/confirm/models/winner.keras": "needs a trained model: tests/integration load one",
}
"""Text of a whole example → why it is not run."""


FRAGMENT = "part_of_a_function"


def parsed(example: Example) -> ast.Module:
    """The example as a syntax tree; a part of a function as a function of the name FRAGMENT."""
    try:
        compile(example.code, example.place, "exec")
    except SyntaxError as error:
        if "outside function" not in str(error):
            raise
        inside = f"def {FRAGMENT}(self, hp):\n{textwrap.indent(example.code, '    ')}"
        compile(inside, example.place, "exec")
        return ast.parse(inside)
    return ast.parse(example.code)


def undefined_names(example: Example) -> set[str]:
    """Names that an example uses and neither binds nor imports."""
    bound, used = set(dir(builtins)), set()
    for node in ast.walk(parsed(example)):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {(name.asname or name.name).partition(".")[0] for name in node.names}
    return used - bound


def is_whole(example: Example) -> bool:
    """Whether it needs nothing that is not in it."""
    first = parsed(example).body[0]
    is_fragment = isinstance(first, ast.FunctionDef) and first.name == FRAGMENT
    return not is_fragment and not undefined_names(example)


def reason_not_to_run(example: Example) -> str:
    return next((why for text, why in NOT_RUN.items() if text in example.code), "")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.place)
def test_it_compiles(example: Example) -> None:
    parsed(example)


def imported(example: Example) -> Iterator[tuple[str, str]]:
    """Module and name of everything that is taken from hpsearch."""
    for node in ast.walk(parsed(example)):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("hpsearch"):
            yield from ((str(node.module), name.name) for name in node.names)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "hpsearch":
            yield "hpsearch", node.attr


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.place)
def test_what_it_takes_from_hpsearch_exists(example: Example) -> None:
    for module, name in imported(example):
        public = hpsearch.__all__ if module == "hpsearch" else dir(import_module(module))
        assert name in public, f"{example.place}: {module}.{name}"


def test_whole_examples_are_told_from_fragments() -> None:
    """Nothing is left out because a check takes a whole example for a fragment."""
    assert is_whole(Example("", "import numpy\nprint(numpy.pi)\n"))
    assert not is_whole(Example("", "print(numpy.pi)\n"))
    assert not is_whole(Example("", "given = 1\nreturn given\n"))
    assert len([example for example in EXAMPLES if is_whole(example)]) >= 8


def test_every_reason_is_needed() -> None:
    codes = [example.code for example in EXAMPLES if is_whole(example)]
    assert [text for text in NOT_RUN if not any(text in code for code in codes)] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "example",
    [one for one in EXAMPLES if is_whole(one) and not reason_not_to_run(one)],
    ids=lambda example: example.place,
)
def test_a_whole_example_runs(
    example: Example, tmp_path: Path, make_study: MakeStudy, trial: Any, history: Any
) -> None:
    """In a folder with the files of a reader and a coarse study that nobody has trained."""
    write_files(tmp_path)
    values = [0.5 + number / 50 for number in range(20)]
    trials = [trial(v, {"filters": 6}, history=history([v, v], [v, v])) for v in values]
    make_study(trials, name="results/coarse")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", example.code],
        cwd=tmp_path,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{example.place}\n{done.stderr}"


def example_with(text: str, page: str) -> Example:
    return next(one for one in EXAMPLES if text in one.code and one.place.startswith(page))


@pytest.mark.slow
@pytest.mark.parametrize("page", ["README.md", "docs/guides/own-space.md"])
def test_the_space_of_a_page_is_a_space(page: str, tmp_path: Path) -> None:
    """Its ranges are read, and the model of its defaults is built."""
    example = example_with("class MySigns", page)
    (tmp_path / "my_signs.py").write_text(example.code, encoding="utf-8")
    done = run_hpsearch(tmp_path, "spaces", "my_signs.py")
    assert done.returncode == 0, done.stderr
    assert "learning_rate" in done.stdout


@pytest.mark.all
@pytest.mark.timeout(300)
def test_the_builder_of_the_guide_trains(tmp_path: Path) -> None:
    example = example_with("def build(hp):", "docs/guides/own-space.md")
    (tmp_path / "my_model.py").write_text(example.code, encoding="utf-8")
    given = "coarse --space my_model.py:build --data digits --trials 1 --epochs 1 --workers 1"
    done = run_hpsearch(tmp_path, *given.split())
    assert done.returncode == 0, done.stderr
