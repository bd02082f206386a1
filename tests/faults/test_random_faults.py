"""Studies of fast trials, disturbed at random moments: nothing is lost or counted twice.

A part of what `python -m tests.faults.random_faults --count 200` does, whose table is in
docs/faults.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hpsearch.storage import RunDirectory, StudyStore
from tests.faults.invariants import finished_facts, model_violations, violations
from tests.faults.random_faults import run, table
from tests.postgres import PostgresServer


@pytest.mark.all
@pytest.mark.timeout(1200)
@pytest.mark.root
@pytest.mark.parametrize(("count", "models"), [(21, False), (4, True)])
def test_after_each_fault_the_same_command_ends_with_exactly_the_budget(
    count: int, models: bool
) -> None:
    """Every kind of fault three times over numbers, and some over models, all of them readable."""
    said: list[str] = []
    outcomes = run(count, seed=count, report=said.append, models=models)
    wrong = [text for outcome in outcomes.values() for text in outcome.wrong]
    assert not wrong, "\n".join([table(outcomes), *said])


@pytest.mark.all
@pytest.mark.timeout(900)
@pytest.mark.root
def test_a_database_that_stops_loses_nothing_either(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every kind of fault that a study in a database can meet, the server's own among them."""
    monkeypatch.setenv("HPSEARCH_STORAGE", "")
    monkeypatch.setenv("HPSEARCH_STORAGE_LOGIN", "")
    said: list[str] = []
    outcomes = run(6, seed=6, report=said.append, server=postgres)
    wrong = [text for outcome in outcomes.values() for text in outcome.wrong]
    assert not wrong, "\n".join([table(outcomes), *said])


def study_of(make_study: Any, trial: Any, *trials: dict[str, Any]) -> list[Any]:
    """The records of a study with these trials, each a proposal of its own unless it says so."""
    made = [trial(one.get("value", 0.5), state=one.get("state", "complete")) for one in trials]
    store = StudyStore(RunDirectory(make_study([])))
    for number, (one, facts) in enumerate(zip(trials, made, strict=True)):
        attributes = {"params": {}, "seed": 1, "index": one.get("index", number)}
        if "retry_of" in one:
            attributes["retry_of"] = one["retry_of"]
        created = store.create_trial({}, {}, attributes)
        result = {"failure": one.get("failure")}
        store.finish(created, facts["state"], facts["value"], result)
    return store.records()


def test_the_checks_find_what_they_are_for(make_study: Any, trial: Any) -> None:
    """A harness that finds nothing must be able to find something."""
    lost = {"state": "failed", "failure": "lost", "value": None}
    again = {"index": 1, "retry_of": 1}
    good = study_of(make_study, trial, {}, lost, again)
    assert violations(good, 2, {}) == []
    assert violations(good, 3, {}) == ["proposal 2 counted 0 times", "2 trials counted, not 3"]
    seen = finished_facts(good)
    seen[0] = {**seen[0], "value": 0.25}
    assert violations(good, 2, seen) == ["trial 0 had finished and has changed"]
    assert "trial 9 had finished and is gone" in violations(good, 2, {9: {}})


@pytest.mark.parametrize(
    ("trials", "message"),
    [
        (({}, {"index": 0}), "proposal 0 completed 2 times"),
        (({}, {"index": 0, "retry_of": 0}), "trial 0 (None) should not have been tried again"),
    ],
)
def test_what_was_done_twice_is_found(
    make_study: Any, trial: Any, trials: tuple[dict[str, Any], ...], message: str
) -> None:
    """The same proposal completed twice, with or without a claim to be a second try."""
    assert message in violations(study_of(make_study, trial, *trials), 2, {})


def test_a_missing_model_is_found(make_study: Any, trial: Any) -> None:
    """The best trials must have their models."""
    out: Path = make_study([trial(0.5, num_parameters=7), trial(0.4, model_file="models/a.keras")])
    records = StudyStore(RunDirectory(out)).records()
    assert model_violations(out, records, "maximize") == [
        "trial 0 has no model",
        "the model of trial 1 is gone",
    ]
