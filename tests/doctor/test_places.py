"""Disks, locks and storage: real folders, and a database nobody listens for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from hpsearch.doctor import places
from hpsearch.doctor.places import check_disk, check_journal, check_locks, check_storage, nearest
from tests.postgres import PASSWORD


class Usage(NamedTuple):
    """What shutil.disk_usage returns."""

    total: float
    used: float
    free: float


@pytest.mark.parametrize(("gigabytes", "verdict"), [(50, "ok"), (1, "warning"), (0.05, "problem")])
def test_too_little_space_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gigabytes: float, verdict: str
) -> None:
    """A study of ten thousand trials has a journal of some 40 MB; models are larger."""
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(0, 0, gigabytes * 1e9))
    check = check_disk("results", tmp_path / "not" / "yet")
    assert check.verdict == verdict
    assert ("--out" in check.advice) == (verdict != "ok")


def test_a_folder_that_cannot_be_written_to_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for the superuser of a container, for whom permissions do not count."""
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    check = check_disk("cache", tmp_path)
    assert check.verdict == "problem"
    assert "HPSEARCH_CACHE" in check.advice


def test_the_folder_need_not_exist_yet(tmp_path: Path) -> None:
    """Space is looked for where it will be."""
    assert nearest(tmp_path / "results" / "coarse") == tmp_path.resolve()


def test_locks_of_this_disk_work_and_nothing_is_left_behind(tmp_path: Path) -> None:
    """Two real processes."""
    assert check_locks(tmp_path).verdict == "ok"
    assert list(tmp_path.iterdir()) == []


def test_locks_that_exclude_nobody_are_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a network disk mounted with nolock: here the first process holds another file."""
    unused = tmp_path / "unused"
    monkeypatch.setattr(places, "hold", lambda path: os.open(unused, os.O_CREAT))
    assert check_locks(tmp_path).verdict == "problem"


def test_a_journal_is_written_and_read(tmp_path: Path) -> None:
    """By the backend that studies use."""
    assert check_journal(tmp_path).verdict == "ok"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("storage", ["", "journal"])
def test_without_a_database_the_journal_is_looked_at(tmp_path: Path, storage: str) -> None:
    """`--storage journal` and $HPSEARCH_STORAGE may say so."""
    assert check_storage(storage, tmp_path) == check_journal(tmp_path)


def test_a_database_that_does_not_answer_is_a_problem_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Port 1 of this machine has no server."""
    monkeypatch.setenv("HPSEARCH_STORAGE_LOGIN", "")
    check = check_storage("postgresql://me:secret@127.0.0.1:1/studies", tmp_path)
    assert check.verdict == "problem"
    assert check.found.startswith("postgresql://me@127.0.0.1:1/studies does not answer: ")
    assert "secret" not in check.found + check.advice


def test_a_database_that_answers_is_well(tmp_path: Path, database: str) -> None:
    """Its password is not shown then either."""
    check = check_storage(database, tmp_path)
    assert (check.verdict, check.found.endswith(" answers")) == ("ok", True)
    assert PASSWORD not in check.found


@pytest.mark.parametrize("storage", ["nonsense", "sqlite:///x.db"])
def test_what_no_study_could_be_kept_in_is_a_problem(tmp_path: Path, storage: str) -> None:
    """One line, as a stage would refuse it."""
    assert check_storage(storage, tmp_path).verdict == "problem"
