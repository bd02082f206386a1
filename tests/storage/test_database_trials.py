"""The trials of a study in PostgreSQL, also when the server goes away."""

from __future__ import annotations

import json
import logging
import math
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
import psycopg
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution

from hpsearch.errors import StudyError
from hpsearch.spaces import Space
from hpsearch.storage import RunDirectory, StudyStore, load
from hpsearch.storage.address import parse_address
from hpsearch.storage.atomic import write_json
from hpsearch.storage.database import ConnectionLost, redone
from hpsearch.storage.database_study import delete_database_study
from tests.conftest import facts
from tests.postgres import PASSWORD, PostgresServer

PARAMS: dict[str, Any] = {"rate": 0.01, "optimizer": "adam"}
DISTRIBUTIONS = {
    "rate": FloatDistribution(1e-5, 1, log=True),
    "optimizer": CategoricalDistribution(["adam", "sgd"]),
}


@pytest.fixture
def run(tmp_path: Path, database: str) -> RunDirectory:
    """A study without trials."""
    directory = RunDirectory(tmp_path / "coarse")
    directory.make()
    address = parse_address(database)
    assert address is not None
    named = address.named_after("coarse")
    StudyStore(directory, create=True, storage=named)
    write_json(directory.space_file, Space().to_json())
    directory.write_study(facts("coarse", storage=named.to_json()))
    return directory


@pytest.fixture
def store(run: RunDirectory) -> StudyStore:
    return StudyStore(run)


def add(store: StudyStore, waiting: bool = False, **attributes: Any) -> int:
    given = {"params": PARAMS, "seed": 7, "worker": "w1", **attributes}
    return store.create_trial(PARAMS, DISTRIBUTIONS, given, waiting=waiting)


def lose_every_connection(database: str) -> None:
    """What a restart of the server does to its clients."""
    with psycopg.connect(database) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


# --- trials ----------------------------------------------------------------------


def test_a_trial_from_beginning_to_end(run: RunDirectory, store: StudyStore) -> None:
    assert add(store, index=3, retry_of=1, candidate=2) == 0
    (record,) = store.records()
    assert (record.number, record.state, record.worker, record.seed) == (0, "running", "w1", 7)
    assert (record.params, record.index, record.retry_of) == (PARAMS, 3, 1)
    assert store.report(0, 2, 0.5)
    assert store.record(0).rungs == {2: 0.5}
    result = {"history": {"loss": [2.0, math.nan]}, "seconds": 1.5, "best_epoch": 1}
    assert store.finish(0, "complete", 0.75, result)
    (record,) = StudyStore(run).records()
    assert (record.state, record.value, record.seconds) == ("complete", 0.75, 1.5)
    assert (record.epochs, record.history) == (2, {"loss": [2.0, None]})
    assert record.started.endswith("+00:00")


def test_a_finished_trial_is_not_changed(store: StudyStore) -> None:
    store.finish(add(store), "failed", None, {"failure": "lost", "message": "gone"})
    assert not store.finish(0, "complete", 0.9, {"history": {}})
    assert not store.report(0, 1, 0.5)
    record = store.record(0)
    assert (record.state, record.failure, record.value, record.rungs) == (
        "failed",
        "lost",
        None,
        {},
    )


def test_ending_a_trial_twice_in_the_same_way_is_ending_it_once(store: StudyStore) -> None:
    number = add(store)
    assert store.finish(number, "complete", 0.5, {"history": {}})
    assert store.finish(number, "complete", 0.5, {"history": {}})


def test_a_trial_given_back_shows_no_rungs_that_it_trains_again(store: StudyStore) -> None:
    number = add(store)
    store.report(number, 1, 0.4)
    store.give_back(number)
    assert store.record(number).state == "waiting"
    store.take(number, "w2")
    store.forget_rungs(number)
    record = store.record(number)
    assert (record.state, record.worker, record.rungs) == ("running", "w2", {})


def test_others_see_what_has_changed_and_nothing_else_is_read(
    run: RunDirectory, store: StudyStore
) -> None:
    other = StudyStore(run)
    store.finish(add(store), "complete", 0.5, {"history": {}})
    add(store)
    before = other.records()
    assert [record.state for record in before] == ["complete", "running"]
    store.set_attributes(1, {"worker": "w2"})
    store.add_param(1, "units", 8.0, FloatDistribution(1, 10))
    add(store, waiting=True)
    after = other.records()
    assert after[0] is before[0]
    assert (after[1].worker, after[2].state) == ("w2", "waiting")


def test_stock_optuna_sees_the_same_trials(
    run: RunDirectory, store: StudyStore, database: str
) -> None:
    store.finish(add(store), "complete", 0.75, {"history": {}})
    add(store)
    assert run.storage is not None
    storage = optuna.storages.RDBStorage(database.replace("postgresql:", "postgresql+psycopg:"))
    study = optuna.load_study(study_name=run.storage.study, storage=storage)
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "RUNNING"]
    assert study.trials[0].params == PARAMS
    assert study.best_value == 0.75
    study.enqueue_trial({"rate": 0.1})
    assert store.record(2).state == "waiting"
    assert add(store) == 3
    storage.remove_session()
    storage.engine.dispose()


def test_two_studies_in_one_database_do_not_meet(
    run: RunDirectory, store: StudyStore, tmp_path: Path
) -> None:
    assert run.storage is not None
    other_run = RunDirectory(tmp_path / "other")
    other_run.make()
    address = run.storage.named_after("other")
    other = StudyStore(other_run, create=True, storage=address)
    add(store)
    assert add(other) == 0
    assert add(store) == 1
    delete_database_study(address)
    assert [record.number for record in store.records()] == [0, 1]
    other_run.write_study(facts("other", storage=address.to_json()))
    with pytest.raises(StudyError, match="holds no study other-"):
        StudyStore(other_run)


def test_only_the_owner_reads_where_the_study_is_and_nobody_the_password(
    run: RunDirectory, store: StudyStore
) -> None:
    add(store)
    assert stat.S_IMODE(run.study_file.stat().st_mode) == 0o600
    written = [path.read_bytes() for path in run.path.rglob("*") if path.is_file()]
    assert not any(PASSWORD.encode() in content for content in written)
    assert load(run.path).trials[0].state == "running"


# --- servers that go away --------------------------------------------------------


def test_a_lost_connection_loses_nothing(
    store: StudyStore, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    number = add(store)
    lose_every_connection(database)
    assert store.finish(number, "complete", 0.5, {"history": {}})
    lose_every_connection(database)
    assert [record.state for record in store.records()] == ["complete"]
    assert "does not answer" in caplog.text
    assert PASSWORD not in caplog.text


def test_what_is_done_under_the_lock_is_done_wholly_or_not_at_all(
    run: RunDirectory, store: StudyStore, database: str
) -> None:
    def half_a_claim() -> None:
        with store.locked():
            add(store)
            lose_every_connection(database)
            add(store)

    with pytest.raises(ConnectionLost):
        half_a_claim()
    assert StudyStore(run).records() == []


def test_a_method_under_the_lock_is_done_again(store: StudyStore, database: str) -> None:
    attempts = []

    @redone
    def claim() -> int:
        with store.locked():
            attempts.append(len(store.records()))
            number = add(store)
            if len(attempts) == 1:
                lose_every_connection(database)
        return number

    assert claim() == 0
    assert attempts == [0, 0]
    assert len(store.records()) == 1


@contextmanager
def answer_to_commit_lost(store: StudyStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The first commit reaches the server, and the word of it does not come back."""
    from sqlalchemy.engine.default import DefaultDialect

    commit: Callable[..., None] = DefaultDialect.do_commit
    lost = []

    def deaf(dialect: Any, connection: Any) -> None:
        commit(dialect, connection)
        if not lost:
            lost.append(True)
            connection.dbapi_connection.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(DefaultDialect, "do_commit", deaf)
        yield
    assert lost


def test_an_end_whose_answer_was_lost_counts_once(
    store: StudyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = add(store)
    with answer_to_commit_lost(store, monkeypatch):
        assert store.finish(number, "complete", 0.5, {"history": {}})
    assert [record.value for record in store.records()] == [0.5]


def test_a_server_that_starts_again_is_waited_for(
    postgres: PostgresServer, run: RunDirectory, store: StudyStore, caplog: Any
) -> None:
    add(store)
    caplog.set_level(logging.WARNING)
    postgres.stop("immediate")
    late = threading.Timer(1.0, postgres.start)
    late.start()
    try:
        assert store.finish(0, "complete", 0.5, {"history": {}})
    finally:
        late.join()
    assert StudyStore(run).record(0).value == 0.5


def test_opening_a_study_does_not_wait(postgres: PostgresServer, run: RunDirectory) -> None:
    postgres.stop()
    try:
        with pytest.raises(StudyError, match="does not answer: "):
            StudyStore(run)
    finally:
        postgres.start()


# --- what is refused -------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"password": "wrong"}, "the password is wrong"),
        ({"password": None}, "it wants a password"),
    ],
)
def test_a_wrong_login_is_named(
    postgres: PostgresServer, run: RunDirectory, monkeypatch: Any, change: Any, reason: str
) -> None:
    assert run.storage is not None
    name = run.storage.url.partition("?")[0].rpartition("/")[2]
    monkeypatch.setenv("HPSEARCH_STORAGE_LOGIN", "")
    monkeypatch.setenv("HPSEARCH_STORAGE", postgres.url(name, **change))
    with pytest.raises(StudyError, match=reason) as refusal:
        StudyStore(run)
    assert PASSWORD not in str(refusal.value)


def test_a_missing_database_is_named(postgres: PostgresServer, run: RunDirectory) -> None:
    address = parse_address(postgres.url("nowhere"))
    assert address is not None
    with pytest.raises(StudyError, match="there is no such database"):
        StudyStore(run, create=True, storage=address.named_after("x"))


def test_the_password_may_come_from_the_environment_of_libpq(
    run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HPSEARCH_STORAGE_LOGIN", "")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert StudyStore(run).records() == []


@pytest.mark.parametrize(
    ("version", "hint"),
    [("v3.0.0.d", "optuna storage upgrade"), ("v9.9.9.a", "newer version")],
)
def test_tables_of_another_version_are_refused_by_it(
    run: RunDirectory, database: str, version: str, hint: str
) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", [version])
    with pytest.raises(StudyError, match=f"schema version {version}") as refusal:
        StudyStore(run)
    assert hint in refusal.value.hint


def test_a_database_without_studies_is_refused(run: RunDirectory, postgres: PostgresServer) -> None:
    address = parse_address(postgres.create_database())
    assert address is not None
    run.write_study({**json.loads(run.study_file.read_text()), "storage": address.to_json()})
    with pytest.raises(StudyError, match="holds no studies"):
        StudyStore(run)
    assert "HPSEARCH_STORAGE_LOGIN" in os.environ
