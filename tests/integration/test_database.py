"""Studies whose trials lie in PostgreSQL, through the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hpsearch.storage import load
from tests.integration.conftest import write_space
from tests.postgres import PASSWORD, PostgresServer

pytestmark = pytest.mark.slow


def leaks(folder: Path) -> list[Path]:
    """The files that hold the password."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if PASSWORD.encode() in path.read_bytes()]


@pytest.mark.all
@pytest.mark.timeout(600)
def test_a_study_in_a_database_from_beginning_to_report(
    postgres: PostgresServer, database: str, tmp_path: Path, hpsearch: Any, monkeypatch: Any
) -> None:
    """Created, joined by URL, continued, shown, reported; the password is nowhere."""
    space = write_space(tmp_path / "fast.py", sleep=0.0)
    coarse = ("coarse", "--space", space, "--trials", 4, "--seed", 3, "--out", tmp_path / "c")
    created = hpsearch(*coarse, "--storage", database, "--workers", 0, timeout=300)
    assert created.status == 0, created.err
    assert not (tmp_path / "c" / "study.journal").exists()
    joined = hpsearch("worker", "--study", database, timeout=300)
    assert joined.status == 0, joined.err

    elsewhere = hpsearch(*coarse, "--storage", postgres.url())
    assert (elsewhere.status, elsewhere.err.count("\n")) == (2, 2)
    assert "a study stays where it was created" in elsewhere.err

    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    more = hpsearch(*coarse[:3], "--trials", 5, *coarse[5:], "--workers", 1, timeout=300)
    assert more.status == 0, more.err
    assert [trial.state for trial in load(tmp_path / "c").trials] == ["complete"] * 5
    assert hpsearch("show", tmp_path / "c", "--json").status == 0
    assert hpsearch("report", tmp_path / "c").status == 0
    printed = [text for done in (created, joined, elsewhere, more) for text in (done.out, done.err)]
    assert not any(PASSWORD in text for text in printed)
    assert leaks(tmp_path) == []


@pytest.mark.parametrize(
    ("storage", "message"),
    [
        ("mysql://a:s3cret@host/x", "only PostgreSQL is tested"),
        ("postgresql://tester:s3cret@localhost:1/x", "does not answer"),
    ],
)
def test_an_unusable_storage_is_one_line(
    tmp_path: Path, hpsearch: Any, storage: str, message: str
) -> None:
    space = write_space(tmp_path / "fast.py", sleep=0.0)
    done = hpsearch("coarse", "--space", space, "--out", tmp_path / "c", "--storage", storage)
    assert (done.status, done.out) == (2, "")
    assert message in done.err.splitlines()[-1]
    assert "s3cret" not in done.err
    assert not (tmp_path / "c").exists()
