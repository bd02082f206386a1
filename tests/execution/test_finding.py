"""Which study a worker is to work on, where it is given a database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hpsearch.errors import InputError, StudyError
from hpsearch.execution.finding import find_study
from hpsearch.storage import RunDirectory, StudyStore
from hpsearch.storage.address import parse_address
from tests.conftest import facts
from tests.postgres import PASSWORD, PostgresServer

Create = Callable[..., RunDirectory]


@pytest.fixture
def create(tmp_path: Path, database: str) -> Create:
    """Makes a study of one trial, finished or not."""

    def make(name: str, *, finished: bool = False) -> RunDirectory:
        run = RunDirectory(tmp_path / name)
        run.make()
        address = parse_address(database)
        assert address is not None
        named = address.named_after(name)
        store = StudyStore(run, create=True, storage=named)
        run.write_study(facts(name, storage=named.to_json(), budget={"trials": 1}))
        if finished:
            store.finish(store.create_trial({}, {}, {}), "complete", 0.5, {"history": {}})
        return run

    return make


def test_the_only_study_is_found(database: str, create: Create) -> None:
    coarse = create("coarse", finished=True)
    assert find_study(database).path == coarse.path


def test_among_several_it_is_the_unfinished_one(database: str, create: Create) -> None:
    create("coarse", finished=True)
    fine = create("fine")
    assert find_study(database).path == fine.path


def test_a_study_that_got_more_trials_is_unfinished(database: str, create: Create) -> None:
    coarse = create("coarse", finished=True)
    create("fine", finished=True)
    coarse.start_session({"trials": 2})
    assert find_study(database).path == coarse.path


def test_a_name_says_which(database: str, create: Create) -> None:
    create("coarse")
    fine = create("fine")
    assert fine.storage is not None
    assert find_study(f"{database}#{fine.storage.study}").path == fine.path


def test_several_are_refused_by_their_names(database: str, create: Create) -> None:
    create("coarse")
    create("fine")
    with pytest.raises(StudyError, match=r"2 unfinished studies.*coarse-.*fine-"):
        find_study(database)
    with pytest.raises(StudyError, match=r"no study 'nope'.*coarse-"):
        find_study(f"{database}#nope")


def test_a_directory_that_is_not_there_is_refused(database: str, create: Create) -> None:
    run = create("coarse")
    run.path.rename(run.path.with_name("moved"))
    with pytest.raises(StudyError, match="not there on this machine"):
        find_study(database)


def test_a_database_that_holds_nothing_or_does_not_answer_is_refused(
    database: str, postgres: PostgresServer
) -> None:
    with pytest.raises(StudyError, match="holds no studies"):
        find_study(database)
    with pytest.raises(StudyError, match="there is no such database") as refusal:
        find_study(postgres.url("nowhere"))
    assert PASSWORD not in str(refusal.value)
    with pytest.raises(InputError, match="no URL"):
        find_study("results/coarse")
