"""Many workers on one study: no trial twice, none lost, the budget exact, whatever the storage."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from benchmarks.storage_overhead import create, measure
from hpsearch.storage import RunDirectory, StudyStore, counted
from tests.postgres import PostgresServer

pytestmark = [pytest.mark.all, pytest.mark.timeout(600)]

WORKERS = 16
TRIALS = 320
OUTAGE_SECONDS = 20.0


def check_exact(directory: RunDirectory, trials: int) -> None:
    """Every proposal is there once and has ended well."""
    records = StudyStore(directory).records()
    assert [record.state for record in records] == ["complete"] * trials
    assert len(counted(records)) == trials
    assert sorted(record.index for record in records) == list(range(trials))
    assert len({record.seed for record in records}) == trials


@pytest.mark.parametrize("kind", ["journal", "postgresql"])
def test_sixteen_workers_share_a_study_exactly(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    storage = "journal" if kind == "journal" else request.getfixturevalue("database")
    directory = create(tmp_path / "run", storage, TRIALS)
    overheads = measure(directory.path, WORKERS, seconds=0.1)
    assert len(overheads) == TRIALS
    check_exact(directory, TRIALS)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_server_that_is_gone_for_a_while_loses_nothing(
    mode: str, postgres: PostgresServer, database: str, tmp_path: Path
) -> None:
    """Stopped in order or killed, while sixteen workers claim and end trials."""
    directory = create(tmp_path / "run", database, TRIALS)
    store = StudyStore(directory)

    def outage() -> None:
        while len(counted(store.records())) < TRIALS // 8:
            time.sleep(0.1)
        postgres.stop(mode)
        time.sleep(OUTAGE_SECONDS)
        postgres.start()

    thread = threading.Thread(target=outage)
    thread.start()
    try:
        overheads = measure(directory.path, WORKERS, seconds=0.8)
    finally:
        thread.join()
    assert max(overheads) > OUTAGE_SECONDS / 2  # they were in the middle of it
    check_exact(directory, TRIALS)
