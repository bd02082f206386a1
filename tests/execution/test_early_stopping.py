"""Early stopping in a study: what is written, who is stopped, the same after a kill."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from hpsearch.execution.claims import Claim, Claims
from hpsearch.execution.early_stopping import EarlyStopping
from hpsearch.execution.study_plan import PruningPlan, StudyPlan, TrainingPlan
from hpsearch.spaces import Float, Space
from hpsearch.storage import RunDirectory, StudyStore, TrialRecord, best_record, counted
from hpsearch.storage.atomic import write_json

EPOCHS = 12
BUDGET = 24


def make_directory(path: Path) -> RunDirectory:
    """A run directory with a study of one hyperparameter."""
    run = RunDirectory(path)
    run.make()
    write_json(run.space_file, Space((Float("x", 0.0, 1.0),)).to_json())
    StudyStore(run, create=True)
    return run


class Fake:
    """A worker that trains curves instead of models: x·(1 − exp(−epoch / 4))."""

    def __init__(self, run: RunDirectory, name: str = "w", pruner: str = "asha") -> None:
        pruning = PruningPlan(pruner, (2, 6))
        plan = StudyPlan("none", training=TrainingPlan(epochs=EPOCHS), pruning=pruning)
        self.name = name
        self.store = StudyStore(run)
        self.claims = Claims(run, self.store, plan, BUDGET)
        self.early_stopping = EarlyStopping(self.store, plan)

    def train(self, claim: Claim, epochs: int = EPOCHS) -> list[float]:
        """The objectives after each epoch, up to where it is stopped."""
        history: list[float] = []
        for epoch in range(1, epochs + 1):
            history.append(float(claim.params["x"]) * (1 - math.exp(-epoch / 4)))
            if self.early_stopping.should_stop(claim.number, epoch, max(history)):
                break
        return history

    def run_one(self) -> bool:
        """Claim, train and finish one trial; false when nothing is left."""
        claim = self.claims.claim(self.name)
        if claim is None:
            return False
        history = self.train(claim)
        state = "complete" if len(history) == EPOCHS else "pruned"
        result = {
            "history": {"val_accuracy": history},
            "judged_from": self.early_stopping.judged_from(self.store.record(claim.number)),
        }
        self.store.finish(claim.number, state, max(history), result)
        return True


def outcome(records: list[TrialRecord]) -> list[object]:
    """What must not depend on interruptions."""
    return sorted((r.index, r.state, r.value, r.epochs, r.seed) for r in counted(records))


def uninterrupted(path: Path) -> list[TrialRecord]:
    """A whole study of one worker."""
    worker = Fake(make_directory(path))
    while worker.run_one():
        pass
    return StudyStore(worker.claims.directory).records()


def test_a_study_keeps_what_stopped_trials_showed(tmp_path: Path) -> None:
    """The budget is exact, stopped trials end at rungs with their history, the best completes."""
    records = uninterrupted(tmp_path / "run")
    stopped = [r for r in records if r.state == "pruned"]
    assert len(counted(records)) == BUDGET
    assert 8 <= len(stopped) < BUDGET
    for record in stopped:
        assert record.epochs in (2, 6)
        assert record.value == max(record.history["val_accuracy"]) == record.rungs[record.epochs]
        assert record.judged_from == 2
    winner = best_record(records, "maximize")
    assert winner is not None
    assert winner.params["x"] == max(r.params["x"] for r in records)
    assert all(r.state == "complete" for r in records[:5]), "five peers are needed to judge"


def test_the_storage_gets_one_write_a_rung(tmp_path: Path) -> None:
    run = make_directory(tmp_path / "run")
    worker = Fake(run)
    claim = worker.claims.claim("w")
    assert claim is not None
    before = len(run.journal_file.read_bytes().splitlines())
    worker.train(claim)
    assert len(run.journal_file.read_bytes().splitlines()) == before + 2


@pytest.mark.parametrize("moment", [3, 9, 17])
def test_a_killed_study_that_goes_on_decides_as_one_that_was_never_killed(
    tmp_path: Path, moment: int
) -> None:
    """Killed between two rungs: the second try meets the same peers and the same decisions."""
    run = make_directory(tmp_path / "killed")
    first = Fake(run)
    for _ in range(moment):
        first.run_one()
    claim = first.claims.claim("w")
    assert claim is not None
    first.train(claim, epochs=4)
    second = Fake(run, "later")
    assert second.claims.end_of_worker("w", "lost", "") == [claim.number]
    while second.run_one():
        pass
    assert outcome(StudyStore(run).records()) == outcome(uninterrupted(tmp_path / "whole"))


@pytest.mark.parametrize(("after", "kept"), [(0, set()), (5, {2}), (6, {2, 6})])
def test_a_trial_taken_again_speaks_only_for_the_epochs_it_does_not_repeat(
    tmp_path: Path, after: int, kept: set[int]
) -> None:
    """What it had reported of later ones is no peer's measure any more."""
    run = make_directory(tmp_path / "run")
    worker = Fake(run)
    claim = worker.claims.claim("w")
    assert claim is not None
    worker.train(claim)
    assert set(worker.store.record(claim.number).rungs) == {2, 6}
    assert worker.store.give_back(claim.number)
    again = Fake(run, "other").claims.claim("other")
    assert again is not None
    assert again.number == claim.number
    worker.store.forget_rungs(claim.number, after=after)
    assert set(StudyStore(run).record(claim.number).rungs) == kept
    worker.store.report(claim.number, 6, 0.25)
    assert StudyStore(run).record(claim.number).rungs[6] == 0.25


def test_a_worker_taken_for_dead_stops_at_its_next_rung(tmp_path: Path) -> None:
    """Its trial was ended and is somebody else's now; it trains for nothing."""
    worker = Fake(make_directory(tmp_path / "run"))
    claim = worker.claims.claim("zombie")
    assert claim is not None
    worker.claims.end_of_worker("zombie", "lost", "")
    assert worker.early_stopping.should_stop(claim.number, 2, 0.9)
    assert worker.store.record(claim.number).rungs == {}


def test_a_deliberate_replicate_is_never_stopped(tmp_path: Path) -> None:
    """To stop those with bad luck would flatter the configuration."""
    worker = Fake(make_directory(tmp_path / "run"))
    for _ in range(8):
        worker.run_one()
    facts = {"params": {"x": 0.0}, "worker": "w", "index": 99}
    plain = worker.store.create_trial({}, {}, facts)
    replicate = worker.store.create_trial({}, {}, {**facts, "index": 100, "replicate_of": 0})
    assert worker.early_stopping.should_stop(plain, 2, 0.0)
    assert not worker.early_stopping.should_stop(replicate, 2, 0.0)


def test_the_second_try_of_a_replicate_is_one(tmp_path: Path) -> None:
    """What a lost attempt was for goes over to the next one."""
    worker = Fake(make_directory(tmp_path / "run"))
    facts = {"params": {"x": 0.5}, "worker": "dead", "index": 0, "replicate_of": 7}
    worker.store.create_trial({}, {}, facts)
    worker.claims.end_of_worker("dead", "lost", "")
    again = worker.claims.claim("w")
    assert again is not None
    assert worker.store.record(again.number).replicate_of == 7


def test_stock_optuna_reads_rungs_and_states(tmp_path: Path) -> None:
    """The journal has Optuna's own format: intermediate values and PRUNED."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    records = uninterrupted(tmp_path / "run")
    path = RunDirectory(tmp_path / "run").journal_file
    study = optuna.load_study(
        study_name="hpsearch", storage=JournalStorage(JournalFileBackend(str(path)))
    )
    for record, trial in zip(records, study.trials, strict=True):
        assert trial.intermediate_values == record.rungs
        assert trial.state.name.lower() == record.state
        assert trial.value == record.value
