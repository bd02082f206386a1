"""What is installed, judged without loading it."""

from __future__ import annotations

import pytest

from hpsearch.doctor.software import (
    check_packages,
    check_python,
    check_software,
    check_variables,
)


def test_what_the_project_installs_is_well() -> None:
    """In the environment that runs these tests nothing is to be mended."""
    assert {check.name for check in check_software() if check.verdict != "ok"} == set()


@pytest.mark.parametrize(
    ("version", "verdict"), [("3.11.0", "ok"), ("3.13.9", "ok"), ("3.14.0", "problem")]
)
def test_python_is_judged_by_what_the_package_declares(version: str, verdict: str) -> None:
    """>=3.11,<3.14 as in pyproject.toml."""
    assert check_python(version, ">=3.11,<3.14").verdict == verdict


def test_packages_that_are_missing_or_of_other_versions_are_named() -> None:
    """Those of extras are nobody's need, nor those for other systems."""
    check = check_packages(
        [
            "numpy>=2",
            "numpy>=99",
            "surely-not-installed",
            "other-missing; extra == 'ray'",
            "another-missing; sys_platform == 'win32'",
        ]
    )
    assert check.verdict == "problem"
    told = check.found.split("; ")
    assert told[0].startswith("numpy is ")
    assert told[0].endswith(" but >=99 is needed")
    assert told[1:] == ["surely-not-installed is not installed"]
    assert check.advice == "Run: make install"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:secret@host:5432/x", "postgresql://me:***@host:5432/x"),
        ("postgresql+psycopg://me:s/e@c@host/x", "postgresql+psycopg://me:***@host/x"),
        ("postgresql://me@host/x?password=secret&a=1", "postgresql://me@host/x?password=***&a=1"),
        ("postgresql://me@host/x", "postgresql://me@host/x"),
    ],
)
def test_no_password_is_ever_shown(url: str, shown: str) -> None:
    """Doctor's output is what people paste into messages."""
    assert check_variables({"HPSEARCH_STORAGE": url}).found == f"HPSEARCH_STORAGE={shown}"


def test_only_variables_that_change_something_are_shown() -> None:
    """The rest of the environment is nobody's business."""
    found = check_variables({"HPSEARCH_DATA": "/d", "HOME": "/h", "CUDA_VISIBLE_DEVICES": ""}).found
    assert found == "CUDA_VISIBLE_DEVICES=, HPSEARCH_DATA=/d"
