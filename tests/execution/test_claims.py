"""Claims: exact budgets, retries, discoveries, without training anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpsearch.execution.claims import Claims, is_spent, remaining
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.search import derive_seed
from hpsearch.spaces import Choice, Condition, Float, Space
from hpsearch.storage import RunDirectory, StudyStore, counted
from hpsearch.storage.atomic import write_json

SPACE = Space(
    (
        Choice("optimizer", ("adam", "sgd")),
        Float("momentum", 0.0, 0.9, conditions=(Condition("optimizer", ("sgd",)),)),
    )
)


@pytest.fixture
def directory(tmp_path: Path) -> RunDirectory:
    """A run directory with a study of the space above."""
    run = RunDirectory(tmp_path / "run")
    run.make()
    write_json(run.space_file, SPACE.to_json())
    StudyStore(run, create=True)
    return run


def make_claims(
    directory: RunDirectory, budget: int, seed: int = 0, algorithm: str = "random"
) -> Claims:
    """Claims as another process would open them."""
    plan = StudyPlan(reference="none", algorithm=algorithm, seed=seed)
    return Claims(directory, StudyStore(directory), plan, budget)


def finish(claims: Claims, number: int, failure: str | None = None) -> None:
    """End a trial, well or with a failure."""
    state = "failed" if failure else "complete"
    value = None if failure else 0.5
    claims.store.finish(number, state, value, {"failure": failure, "message": failure or ""})


def test_running_trials_count_against_the_budget(directory: RunDirectory) -> None:
    """Two workers cannot start more trials than the budget, whatever is still running."""
    first, second = make_claims(directory, 2), make_claims(directory, 2)
    assert first.claim("a") is not None
    assert second.claim("b") is not None
    assert first.claim("a") is None


def test_two_workers_get_different_trials_with_their_own_seeds(directory: RunDirectory) -> None:
    """Seeds follow from the study's seed and the position, not from the worker."""
    first, second = make_claims(directory, 9, seed=5), make_claims(directory, 9, seed=5)
    claims = [first.claim("a"), second.claim("b"), first.claim("a")]
    assert [c.number for c in claims if c] == [0, 1, 2]
    assert [c.seed for c in claims if c] == [derive_seed(5, i) for i in range(3)]


@pytest.mark.parametrize("algorithm", ["random", "sobol"])
def test_workers_that_choose_leave_the_trials_as_they_are(tmp_path: Path, algorithm: str) -> None:
    """Whoever takes them in whatever order: the same values with the same seeds, each once."""
    space = Space((Choice("layers", (1, 2, 3, 4)), Float("rate", 0.0, 1.0)))
    found = []
    for name, turns in (("alone", "a"), ("together", "ab")):
        run = RunDirectory(tmp_path / name)
        run.make()
        write_json(run.space_file, space.to_json())
        StudyStore(run, create=True)
        workers = {worker: make_claims(run, 20, algorithm=algorithm) for worker in turns}
        taken = [workers[turns[n % len(turns)]].claim(turns[n % len(turns)]) for n in range(20)]
        assert workers["a"].claim("a") is None
        found.append({c.index: (dict(c.params), c.seed) for c in taken if c})
        assert [c.index for c in taken if c] != list(range(20)), "a worker goes on with its kind"
    assert found[0] == found[1]
    assert sorted(found[0]) == list(range(20))


def test_a_deliberate_repetition_names_the_trial_and_has_a_seed_of_its_own(
    directory: RunDirectory,
) -> None:
    """Also its second try, should its worker vanish; it counts as a trial like any other."""
    claims = make_claims(directory, 60, algorithm="bayesian")
    generator = np.random.default_rng(0)
    for _ in range(60):
        claim = claims.claim("a")
        assert claim is not None
        record = claims.store.record(claim.number)
        if record.replicate_of is not None:
            break
        value = claim.params.get("momentum", 0.2) + 0.2 * generator.normal()
        claims.store.finish(claim.number, "complete", float(value), {})
    records = claims.store.records()
    assert record.replicate_of is not None
    repeated = records[record.replicate_of]
    assert dict(repeated.params) == dict(record.params)
    assert repeated.seed != record.seed
    finish(claims, record.number, "lost")
    again = claims.claim("b")
    assert again is not None
    second = claims.store.record(again.number)
    assert (second.retry_of, second.replicate_of) == (record.number, record.replicate_of)


@pytest.mark.parametrize("failure", ["crash", "lost"])
def test_a_vanished_trial_is_tried_again_exactly_once(
    directory: RunDirectory, failure: str
) -> None:
    """The second try has the same values and seed; a second failure stands."""
    claims = make_claims(directory, 1)
    first = claims.claim("a")
    assert first is not None
    finish(claims, first.number, failure)
    second = claims.claim("b")
    assert second is not None
    assert (second.params, second.seed, second.index) == (first.params, first.seed, first.index)
    finish(claims, second.number, failure)
    assert claims.claim("c") is None
    records = claims.store.records()
    assert [record.retry_of for record in records] == [None, 0]
    assert [record.number for record in counted(records)] == [1]
    assert is_spent(records, 1)


@pytest.mark.parametrize("failure", ["error", "oom", "diverged", "infeasible", "timeout"])
def test_other_failures_are_final(directory: RunDirectory, failure: str) -> None:
    """What would fail again is not tried again."""
    claims = make_claims(directory, 1)
    first = claims.claim("a")
    assert first is not None
    finish(claims, first.number, failure)
    assert claims.claim("b") is None
    assert remaining(claims.store.records(), 1) == 0


def test_a_trial_given_back_is_taken_before_new_ones(directory: RunDirectory) -> None:
    """A preempted worker's trial goes on with the next worker, as the same trial."""
    claims = make_claims(directory, 5)
    first = claims.claim("a")
    assert first is not None
    claims.store.give_back(first.number)
    again = claims.claim("b")
    assert again is not None
    assert (again.number, again.params) == (first.number, first.params)
    assert claims.store.record(first.number).worker == "b"


def test_dead_workers_lose_their_trials_and_living_ones_do_not(
    directory: RunDirectory, died: Any
) -> None:
    """A worker whose lock is free is dead; one that holds it lives."""
    from hpsearch.execution.liveness import WorkerLife

    claims = make_claims(directory, 5)
    life = WorkerLife(directory, "alive")
    claims.claim("alive")
    claims.claim("dead")
    died(directory, "dead")
    assert claims.end_dead() == [1]
    assert [r.failure for r in claims.store.records()] == [None, "lost"]
    life.end()


def test_a_late_report_of_a_lost_trial_is_shut_out(directory: RunDirectory, died: Any) -> None:
    """A zombie cannot overwrite what was decided about its trial."""
    claims = make_claims(directory, 5)
    claim = claims.claim("zombie")
    assert claim is not None
    died(directory, "zombie")
    claims.end_dead()
    assert not claims.store.finish(claim.number, "complete", 0.99, {"seconds": 1.0})
    assert claims.store.record(claim.number).failure == "lost"


def test_a_discovered_hyperparameter_is_in_the_space_and_in_its_trial(
    directory: RunDirectory,
) -> None:
    """What a model met for the first time has a value on record and is searched from then on."""
    claims = make_claims(directory, 5)
    claim = claims.claim("a")
    assert claim is not None
    met = Float("units", 1.0, 2.0)
    claims.record_discoveries(claim, [met], {**claim.params, "units": 1.25})
    assert claims.store.record(claim.number).params["units"] == 1.25
    later = make_claims(directory, 5).claim("b")
    assert later is not None
    assert 1.0 <= float(later.params["units"]) <= 2.0


def test_an_exhausted_space_gives_no_further_trial(tmp_path: Path) -> None:
    """With two configurations there is no third trial, whatever the budget."""
    run = RunDirectory(tmp_path / "small")
    run.make()
    write_json(run.space_file, Space((Choice("a", (1, 2)),)).to_json())
    StudyStore(run, create=True)
    claims = make_claims(run, 10)
    values = [claims.claim("w"), claims.claim("w"), claims.claim("w")]
    assert sorted(c.params["a"] for c in values if c) == [1, 2]
    assert values[2] is None


def test_discoveries_of_a_trial_that_was_ended_meanwhile_do_no_harm(
    directory: RunDirectory,
    died: Any,
) -> None:
    """The space learns of the hyperparameter; the finished trial stays as it is."""
    claims = make_claims(directory, 5)
    claim = claims.claim("zombie")
    assert claim is not None
    died(directory, "zombie")
    claims.end_dead()
    claims.record_discoveries(claim, [Float("units", 1.0, 2.0)], {"units": 1.5})
    assert "units" in make_claims(directory, 5).space().names
    assert "units" not in claims.store.record(claim.number).params


def test_whoever_does_not_know_how_a_worker_ended_looks_twice(
    directory: RunDirectory, died: Any
) -> None:
    """Its own supervisor comes first, which can tell a crash from a disappearance."""
    claims = make_claims(directory, 5)
    claims.claim("dead")
    died(directory, "dead")
    assert claims.end_dead(["dead"]) == []
    assert claims.end_dead(at_once=False) == []
    assert claims.end_dead(at_once=False) == [0]


def test_a_lost_trial_says_what_its_worker_printed_last(directory: RunDirectory, died: Any) -> None:
    """The end of the log is all that is left of it."""
    claims = make_claims(directory, 5)
    claims.claim("dead")
    died(directory, "dead")
    directory.logs.mkdir(exist_ok=True)
    directory.worker_log("dead").write_text("line\n" * 50 + "the last thing\n")
    claims.end_dead()
    message = claims.store.record(0).message.splitlines()
    assert message[0] == "worker dead vanished"
    assert message[-1] == "the last thing"
    assert len(message) < 20


def test_workers_follow_the_budget_of_the_newest_invocation(directory: RunDirectory) -> None:
    """A study that is extended goes on in workers that run already; joining changes nothing."""
    claims = Claims(directory, StudyStore(directory), StudyPlan("none"))
    directory.start_session({"trials": 1})
    assert claims.claim("a") is not None
    assert claims.claim("a") is None
    directory.start_session({"trials": 2, "trial_time_limit": 30.0})
    directory.start_session({"joined": True, "workers": 1})
    assert claims.claim("a") is not None
    assert claims.claim("a") is None
    assert claims.asked.trial_time_limit == 30.0


def test_a_study_is_over_when_nothing_is_left_to_do(directory: RunDirectory) -> None:
    """Neither while a trial is under way nor before its second try."""
    claims = make_claims(directory, 1)
    assert not claims.is_over()
    claims.claim("a")
    assert not claims.is_over()
    claims.end_of_worker("a", "lost", "")
    assert not claims.is_over()
    again = claims.claim("b")
    assert again is not None
    claims.store.finish(again.number, "complete", 0.5, {})
    assert claims.is_over()
