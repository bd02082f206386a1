"""The trials of a study in its storage, and the run directory around them."""

import json
import math
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution

from hpsearch.errors import StudyError
from hpsearch.storage import (
    RunDirectory,
    StudyStore,
    TrialRecord,
    find_run_directories,
    load,
)
from hpsearch.storage.journal import FlockJournalBackend
from hpsearch.storage.study_store import STUDY_NAME
from tests.conftest import facts

PARAMS: dict[str, Any] = {"rate": 0.01, "optimizer": "adam"}
DISTRIBUTIONS = {
    "rate": FloatDistribution(1e-5, 1, log=True),
    "optimizer": CategoricalDistribution(["adam", "sgd"]),
}


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    directory = RunDirectory(tmp_path / "coarse")
    directory.make()
    return directory


@pytest.fixture
def store(run: RunDirectory) -> StudyStore:
    return StudyStore(run, create=True)


def add(store: StudyStore, waiting: bool = False, **attributes: Any) -> int:
    facts = {"params": PARAMS, "seed": 7, "worker": "w1", **attributes}
    return store.create_trial(PARAMS, DISTRIBUTIONS, facts, waiting=waiting)


def lines(run: RunDirectory) -> list[bytes]:
    return run.journal_file.read_bytes().splitlines()


def again(run: RunDirectory) -> list[TrialRecord]:
    """What another process reads."""
    return StudyStore(run).records()


# --- creating --------------------------------------------------------------------


def test_one_write_creates_a_trial_with_all_its_parameters(
    run: RunDirectory, store: StudyStore
) -> None:
    before = len(lines(run))
    assert add(store, index=3, retry_of=1, candidate=2) == 0
    assert len(lines(run)) == before + 1
    (record,) = again(run)
    assert (record.number, record.state, record.worker, record.seed) == (0, "running", "w1", 7)
    assert record.params == PARAMS
    assert (record.index, record.retry_of, record.candidate) == (3, 1, 2)
    assert (record.value, record.failure, record.seconds, record.epochs) == (None, None, None, 0)
    assert record.history == {}


def test_stock_optuna_sees_the_same_trials(run: RunDirectory, store: StudyStore) -> None:
    store.finish(add(store), "complete", 0.75, {"history": {}})
    add(store)
    stock = optuna.storages.journal.JournalFileBackend(str(run.journal_file))
    study = optuna.load_study(study_name=STUDY_NAME, storage=optuna.storages.JournalStorage(stock))
    assert [t.state.name for t in study.trials] == ["COMPLETE", "RUNNING"]
    assert study.trials[0].params == PARAMS
    assert study.best_value == 0.75


def test_a_study_is_created_once(run: RunDirectory, store: StudyStore) -> None:
    add(store)
    assert len(StudyStore(run, create=True, direction="minimize").records()) == 1


def test_a_journal_without_a_study_is_refused(run: RunDirectory) -> None:
    with pytest.raises(StudyError, match="holds no study"):
        StudyStore(run)
    assert not run.journal_file.exists()


# --- states ----------------------------------------------------------------------

HISTORY = {"loss": [2.0, 1.0, 1.5], "val_accuracy": [0.5, 0.7, math.nan]}


def test_a_complete_trial(run: RunDirectory, store: StudyStore) -> None:
    result = {
        "history": HISTORY,
        "best_epoch": 2,
        "seconds": 12.5,
        "num_parameters": 56195,
        "model_file": "models/trial-0000.keras",
        "timings": {"build": 0.5},
        "failure": None,
    }
    assert store.finish(add(store), "complete", 0.7, result)
    (record,) = again(run)
    assert (record.state, record.value, record.best_epoch) == ("complete", 0.7, 2)
    assert (record.epochs, record.seconds, record.num_parameters) == (3, 12.5, 56195)
    assert record.history == {"loss": [2.0, 1.0, 1.5], "val_accuracy": [0.5, 0.7, None]}
    assert record.model_file == "models/trial-0000.keras"
    assert record.timings == {"build": 0.5}
    assert b"NaN" not in run.journal_file.read_bytes()
    json.dumps(record.to_json(), allow_nan=False)
    assert "rungs" not in record.to_json()


@pytest.mark.parametrize("failure", ["diverged", "oom", "timeout", "crash", "error", "lost"])
def test_a_failed_trial_has_its_kind_and_message(
    run: RunDirectory, store: StudyStore, failure: str
) -> None:
    store.finish(add(store), "failed", None, {"failure": failure, "message": "why", "seconds": 1.0})
    (record,) = again(run)
    assert (record.state, record.failure, record.message) == ("failed", failure, "why")
    assert record.value is None


def test_a_pruned_trial_keeps_its_value_and_rungs(run: RunDirectory, store: StudyStore) -> None:
    number = add(store)
    store.report(number, 1, 0.2)
    store.report(number, 3, 0.3)
    store.finish(number, "pruned", 0.3, {"history": {"val_accuracy": [0.2, 0.1, 0.3]}})
    (record,) = again(run)
    assert (record.state, record.value, record.epochs) == ("pruned", 0.3, 3)
    assert record.rungs == {1: 0.2, 3: 0.3}
    store.finish(add(store), "pruned", None, {})
    assert again(run)[1].value is None


def test_a_waiting_trial_is_taken_and_given_back(run: RunDirectory, store: StudyStore) -> None:
    number = add(store, waiting=True, worker="")
    record = store.record(number)
    assert (record.state, record.started, record.seconds) == ("waiting", "", None)
    store.take(number, "w2")
    assert (again(run)[0].state, again(run)[0].worker) == ("running", "w2")
    store.give_back(number)
    assert again(run)[0].state == "waiting"
    store.take(number, "w3")
    assert store.finish(number, "complete", 0.5, {})
    assert (store.record(number).worker, store.record(number).state) == ("w3", "complete")


def test_a_finished_trial_cannot_be_finished_again(run: RunDirectory, store: StudyStore) -> None:
    """A worker thought dead that reports late changes nothing, here or for other readers."""
    number = add(store)
    zombie = StudyStore(run)
    assert store.finish(number, "failed", None, {"failure": "lost", "message": "vanished"})
    before = again(run)
    for state, value in (("complete", 0.99), ("failed", None), ("pruned", 0.5)):
        result = {"history": HISTORY, "failure": "error", "message": "late"}
        assert not zombie.finish(number, state, value, result)
    assert again(run) == before == store.records() == zombie.records()
    assert (before[0].failure, before[0].message, before[0].value) == ("lost", "vanished", None)
    add(zombie)  # and it can go on
    assert len(store.records()) == 2


def test_what_the_model_did_not_use_is_no_parameter_of_the_trial(
    run: RunDirectory, store: StudyStore
) -> None:
    number = add(store)
    units = FloatDistribution(0, 1)
    store.add_param(number, "units", 0.25, units)
    store.set_attributes(number, {"discovered": {"units": 0.25}})
    assert store.record(number).params == {**PARAMS, "units": 0.25}
    store.finish(number, "complete", 0.5, {"unused": ["optimizer"]})
    assert again(run)[0].params == {"rate": 0.01, "units": 0.25}


@pytest.fixture
def far_east() -> Iterator[None]:
    """A machine whose clock shows nine hours more than UTC."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Asia/Tokyo"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("far_east")
def test_the_start_is_in_utc(run: RunDirectory, store: StudyStore) -> None:
    now = datetime.now(UTC)
    add(store)
    store.take(add(store, waiting=True), "w")
    for record in again(run):
        started = datetime.fromisoformat(record.started)
        assert record.started.endswith("+00:00")
        assert abs((started - now).total_seconds()) < 60


def test_a_trial_is_there_for_others_at_once(run: RunDirectory, store: StudyStore) -> None:
    """Two open stores see each other's trials, finished ones from the cache included."""
    other = StudyStore(run)
    for n in range(5):
        writer, reader = (store, other) if n % 2 else (other, store)
        number = add(writer)
        assert reader.record(number).state == "running"
        writer.finish(number, "complete", float(n), {})
        assert reader.record(number).value == n
    assert [r.number for r in store.records()] == [0, 1, 2, 3, 4]
    assert store.records() == other.records()


def test_a_damaged_journal_is_a_study_error(run: RunDirectory, store: StudyStore) -> None:
    add(store)
    text = lines(run)
    run.journal_file.write_bytes(b"\n".join([text[0], b"garbage", text[1]]) + b"\n")
    with pytest.raises(StudyError, match="line 2 is damaged"):
        StudyStore(run)


# --- the run directory -----------------------------------------------------------

FACTS = facts("coarse")


def test_a_study_is_read_back_and_reading_writes_nothing(
    run: RunDirectory, store: StudyStore
) -> None:
    run.write_study(FACTS)
    run.space_file.write_text('{"parameters": []}')
    store.finish(add(store), "complete", 0.5, {})
    store.finish(add(store), "complete", 0.7, {})
    store.finish(add(store), "failed", None, {"failure": "lost"})
    add(store)
    with run.journal_file.open("ab") as file:
        file.write(b'{"torn')
    before = {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in run.path.rglob("*")}
    view = load(run.path)
    assert {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in run.path.rglob("*")} == before
    assert (view.stage, view.objective, view.direction) == ("coarse", "val_accuracy", "maximize")
    assert view.best is not None
    assert view.best.number == 1
    assert [record.number for record in view.ranked] == [1, 0]
    assert view.count() == {"completed": 2, "pruned": 0, "failed": 0}  # the lost one is due again
    assert len(view.trials) == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "No study in"),
        ("{", "no valid JSON"),
        ("[1]", "holds no JSON object"),
        ("\xff", "no valid JSON"),
        ("{}", "schema version None"),
        ('{"schema_version": 99}', "schema version 99; this hpsearch reads version 1"),
    ],
)
def test_what_is_no_study_is_said(run: RunDirectory, text: str | None, words: str) -> None:
    if text is not None:
        run.study_file.write_text(text, encoding="latin-1")
    before = sorted(run.path.rglob("*"))
    for read in (run.read_study, lambda: load(run.path)):
        with pytest.raises(StudyError) as caught:
            read()
        assert words in caught.value.message
        assert caught.value.hint
    assert sorted(run.path.rglob("*")) == before


def test_a_study_without_its_journal_or_space_is_refused(run: RunDirectory) -> None:
    run.write_study(FACTS)
    with pytest.raises(StudyError, match="holds no study"):
        load(run.path)
    StudyStore(run, create=True)
    with pytest.raises(StudyError, match=r"Cannot read .*space\.json: No such file"):
        load(run.path)


def test_sessions_are_numbered(run: RunDirectory) -> None:
    assert [run.start_session({"n": n}).name for n in range(3)] == ["1.json", "2.json", "3.json"]
    (run.sessions / "notes.json").write_text("{}")
    (run.sessions / "2.json").unlink()
    assert run.start_session({}).name == "4.json"


def test_run_directories_are_found_at_any_depth(tmp_path: Path) -> None:
    for name in ("b", "a/deep", "a"):
        RunDirectory(tmp_path / name).write_study(FACTS)
    (tmp_path / "c").mkdir()
    found = [run.path.relative_to(tmp_path).as_posix() for run in find_run_directories(tmp_path)]
    assert found == ["a", "a/deep", "b"]
    assert not RunDirectory(tmp_path / "c").has_study


def test_the_study_lock_is_exclusive_between_stores(run: RunDirectory, store: StudyStore) -> None:
    from hpsearch.storage.locking import is_held

    with store.locked():
        assert is_held(run.lock_file)
    assert not is_held(run.lock_file)


def test_only_what_is_new_is_read_again(store: StudyStore) -> None:
    """Asking for the records parses no line twice."""
    for _ in range(20):
        store.finish(add(store), "complete", 0.5, {})
    store.records()
    parsed: list[int] = []
    original = FlockJournalBackend._complete_lines

    def counting(self: FlockJournalBackend, file: Any, start: int) -> Iterator[Any]:
        for number, entry in original(self, file, start):
            parsed.append(number)
            yield number, entry

    FlockJournalBackend._complete_lines = counting  # type: ignore[assignment]
    try:
        add(store)
        store.records()
    finally:
        FlockJournalBackend._complete_lines = original  # type: ignore[method-assign]
    assert len(parsed) == 1
