"""All stages in order, from wherever the last invocation was killed, as long as there is time."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hpsearch.errors import InputError, StudyMismatch
from hpsearch.runs import RunRequest
from hpsearch.stages import Rounds
from hpsearch.stages.final_look import ledger_folder
from hpsearch.storage.run_root import RunRoot
from tests.runs.conftest import FakeStages, KilledError, trials_in

Asked = Callable[..., RunRequest]
OWN = {"coarse": 6, "fine": 4, "confirm": 4}  # the best and the defaults, two seeds each


def test_the_stages_follow_each_other_and_the_report_them(asked: Asked, tmp_path: Path) -> None:
    """Each with the budget of the space, each from the one before."""
    stages = FakeStages()
    result = stages.invoke(asked())
    assert (result.status, result.exit_status) == ("done", 0)
    assert stages.ran == ["coarse", "fine", "confirm"]
    assert trials_in(tmp_path / "run") == OWN
    assert [stage.view.facts["from"] for stage in result.stages] == [
        None,
        str(tmp_path / "run" / "coarse"),
        str(tmp_path / "run" / "fine"),
    ]
    assert stages.reports == 1
    assert result.to_json()["trials"] == {"completed": 14, "pruned": 0, "failed": 0}
    assert RunRoot(tmp_path / "run").ended == "done"


def test_how_a_run_ended_is_told_by_its_newest_invocation(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was killed says nothing; one that met an error has failed."""
    root, stages = RunRoot(tmp_path / "run"), FakeStages(steps_to_live=5)
    with contextlib.suppress(KilledError):
        stages.invoke(asked())
    assert root.ended is None

    def refuse(self: FakeStages, directories: list[Path]) -> Path:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr(FakeStages, "report", refuse)
        with pytest.raises(OSError, match="no space"):
            FakeStages().invoke(asked())
    assert root.ended == "failed"
    FakeStages().invoke(asked())
    assert root.ended == "done"


def test_a_run_killed_at_every_step_comes_to_the_same_end(asked: Asked, tmp_path: Path) -> None:
    """Killed after 1, 2, 3 … steps, the same command goes on; not one trial is made twice."""
    steps, request = 1, asked(rounds=Rounds(2))
    while True:
        stages = FakeStages(steps_to_live=steps)
        try:
            result = stages.invoke(request)
            break
        except KilledError:
            steps += 1
    assert steps > 5
    assert result.status == "done"
    expected = {"coarse": 6, "fine": 4, "fine-2": 4, "confirm": 4}
    assert trials_in(tmp_path / "run") == expected


@pytest.mark.parametrize("dies_after", range(1, 32, 3))
def test_what_is_over_is_not_run_again(asked: Asked, dies_after: int) -> None:
    """One kill, one continuation: no stage before the one that was killed is run a second time."""
    first, second = FakeStages(steps_to_live=dies_after), FakeStages()
    with contextlib.suppress(KilledError):
        first.invoke(asked())
    second.invoke(asked())
    later = first.ran[-1:] + [n for n in ("coarse", "fine", "confirm") if n not in first.ran]
    assert second.ran in (later, later[1:])
    assert second.reports == 1


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"trials": 20}, "--trials was not given, now 20"),
        ({"rounds": Rounds.parse("auto")}, "--rounds was 1, now auto"),
        ({"seed": 3}, "--seed was 0, now 3"),
        ({"time_limit": 60.0}, "--time-limit was not given, now 60.0"),
        ({"objective": "val_loss"}, "--objective was val_accuracy, now val_loss"),
    ],
)
def test_a_different_run_is_refused_by_name(
    asked: Asked, changes: dict[str, object], difference: str
) -> None:
    """What differs, and where there is room."""
    FakeStages().invoke(asked())
    with pytest.raises(StudyMismatch, match=difference) as refusal:
        FakeStages().invoke(asked(**changes))
    assert "run-2" in refusal.value.hint


def test_overwrite_begins_anew_and_leaves_what_is_not_the_runs(
    asked: Asked, tmp_path: Path
) -> None:
    """What a person put there stays."""
    FakeStages().invoke(asked())
    notes = tmp_path / "run" / "notes.txt"
    notes.write_text("mine")
    stages = FakeStages()
    result = stages.invoke(asked(overwrite=True, rounds=Rounds(2)))
    assert stages.ran == ["coarse", "fine", "fine-2", "confirm"]
    assert result.status == "done"
    assert notes.read_text() == "mine"


def test_runs_side_by_side_share_one_ledger_of_looks(tmp_path: Path) -> None:
    """A look that one run took counts for the next; a stage by itself has it beside it."""
    results = tmp_path.resolve() / "results"
    RunRoot(results / "first").path.mkdir(parents=True)
    RunRoot(results / "first").write({})
    assert ledger_folder(results / "first" / "confirm") == results
    assert ledger_folder(results / "confirm") == results


def test_stages_that_were_run_by_themselves_are_left_alone(asked: Asked, tmp_path: Path) -> None:
    """A run does not take over what it has not begun."""
    FakeStages().invoke(asked())
    (tmp_path / "run" / "run.json").unlink()
    with pytest.raises(InputError, match="by themselves"):
        FakeStages().invoke(asked())


def test_a_stage_without_a_success_ends_the_run(asked: Asked) -> None:
    """Exit status 4; the report shows what there is."""
    stages = FakeStages(fails="fine")
    result = stages.invoke(asked())
    assert (result.status, result.exit_status) == ("failed", 4)
    assert stages.ran == ["coarse", "fine"]
    assert stages.reports == 1
    assert result.best.view.stage == "coarse"


def test_a_time_limit_beside_a_budget_bounds_the_invocation(asked: Asked, tmp_path: Path) -> None:
    """Six trials of 2 s fit no 7 s: stopped, exit status 3, no report; then it goes on."""
    request = asked(trials=10, time_limit=7.0)
    stages = FakeStages()
    first = stages.invoke(request)
    assert (first.status, first.exit_status, stages.reports) == ("stopped", 3, 0)
    assert trials_in(tmp_path / "run") == {"coarse": 3}
    results = [FakeStages().invoke(request) for _ in range(5)]
    assert results[-1].status == "done"
    assert trials_in(tmp_path / "run") == {"coarse": 6, "fine": 4}


def test_the_hours_are_the_budget_and_are_used(asked: Asked, tmp_path: Path) -> None:
    """1000 s: stages get more trials than their own, and none more time than its share.

    Confirm's own 4 trials of 4 s are its share at most; coarse and fine divide the rest as their
    own trials cost, 12 : 12.
    """
    stages = FakeStages()
    result = stages.invoke(asked(time_limit=1000.0))
    assert (result.status, result.exit_status) == ("done", 0)
    assert 900 < stages.now <= 1000
    done = trials_in(tmp_path / "run")
    assert done["coarse"] > 200
    assert done["fine"] > 130
    assert done["confirm"] == 4
    assert "so far" not in str(result.sentences)


def test_trials_that_are_quicker_than_estimated_leave_time_for_more(
    asked: Asked, tmp_path: Path
) -> None:
    """Estimated at 5 s an epoch, trained in one: the stages are extended as their time lasts."""
    stages = FakeStages(estimate=5.0)
    result = stages.invoke(asked(time_limit=1000.0))
    done, division = trials_in(tmp_path / "run"), result.division
    assert done["coarse"] > 3 * division.coarse.trials
    assert done["fine"] > 3 * division.fine.trials
    assert stages.now <= 1000


def test_trials_that_are_slower_than_estimated_are_cut_off(asked: Asked, tmp_path: Path) -> None:
    """Estimated at a fifth of a second an epoch: each stage is closed when its share is up."""
    stages = FakeStages(estimate=0.2)
    result = stages.invoke(asked(time_limit=1000.0))
    done, division = trials_in(tmp_path / "run"), result.division
    assert result.exit_status == 0
    assert done["coarse"] < division.coarse.trials
    assert "closed with" in result.stages[0].message
    assert division.coarse.seconds is not None
    assert done["coarse"] * 2 == pytest.approx(division.coarse.seconds, abs=2)
    assert stages.now <= 1000


def test_the_time_is_counted_over_invocations(asked: Asked, tmp_path: Path) -> None:
    """A run killed again and again ends when its time is spent, all invocations together."""
    request, spent, killed = asked(time_limit=300.0), 0.0, 0
    while True:
        stages = FakeStages(steps_to_live=25)
        try:
            result = stages.invoke(request)
            break
        except KilledError:
            killed += 1
            spent += stages.now
    spent += stages.now
    assert killed > 2
    assert result.exit_status == 0
    assert set(trials_in(tmp_path / "run")) == {"coarse", "fine", "confirm"}
    assert result.seconds == pytest.approx(spent, abs=6 * killed)
    assert spent < 300 + 6 * killed


def test_a_spent_time_is_not_spent_again(asked: Asked, tmp_path: Path) -> None:
    """The same command once more changes nothing, and is done."""
    FakeStages().invoke(asked(time_limit=100.0))
    before = trials_in(tmp_path / "run")
    stages = FakeStages()
    assert stages.invoke(asked(time_limit=100.0)).exit_status == 0
    assert trials_in(tmp_path / "run") == before
    assert stages.now < 10


def test_a_grid_that_is_covered_leaves_its_time_to_the_next(asked: Asked, tmp_path: Path) -> None:
    """A grid has an end; its stage is not extended."""
    stages = FakeStages(algorithm="grid")
    result = stages.invoke(asked(time_limit=400.0))
    division = result.division
    assert trials_in(tmp_path / "run")["coarse"] == division.coarse.trials


def test_time_without_any_completed_trial_is_no_success(asked: Asked) -> None:
    """Exit status 4, and what to do."""
    result = FakeStages(fails="coarse").invoke(asked(time_limit=50.0))
    assert result.exit_status == 4


def test_no_time_for_a_trial_is_a_failure_that_says_so(asked: Asked) -> None:
    """One trial of coarse takes 2 s; a second and a half is too little."""
    result = FakeStages().invoke(asked(time_limit=1.5))
    assert result.exit_status == 4
    assert "no trial was completed" in str(result.error)


def test_what_was_decided_is_written_once(asked: Asked, tmp_path: Path) -> None:
    """run.json says how the budget was divided and stays as it is."""
    FakeStages().invoke(asked(time_limit=200.0))
    text = (tmp_path / "run" / "run.json").read_text()
    facts = json.loads(text)
    assert facts["budget"] == {"in": "seconds", "amount": 200.0}
    shares = [facts["division"][name]["seconds"] for name in ("coarse", "fine", "confirm")]
    assert sum(shares) == pytest.approx(200)
    FakeStages().invoke(asked(time_limit=200.0))
    assert (tmp_path / "run" / "run.json").read_text() == text


def test_a_plan_writes_nothing(asked: Asked, tmp_path: Path) -> None:
    """--dry-run must leave no trace, also with --overwrite."""
    FakeStages().plan(asked())
    assert not (tmp_path / "run").exists()
    FakeStages().invoke(asked())
    FakeStages().plan(replace(asked(), overwrite=True, trials=20))
    assert trials_in(tmp_path / "run") == OWN


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trials": 10, "epochs": 10}, "Both --trials and --epochs"),
        ({"trials": 1}, "--trials is 1"),
        ({"epochs": 0}, "--epochs is 0"),
        ({"time_limit": 0.0}, "--time-limit"),
        ({"top": 0}, "--top"),
        ({"pruner": "none of these"}, "No pruner"),
    ],
)
def test_impossible_requests_are_refused(
    asked: Asked, changes: dict[str, object], message: str
) -> None:
    """Before anything is looked at."""
    with pytest.raises(InputError, match=message):
        asked(**changes)


def test_what_becomes_of_the_winner_is_asked_of_confirm_alone() -> None:
    """Crops and another training say nothing to a search."""
    request = RunRequest("space", retrain=True, multi_crop=True)
    fine, confirm = (request.later_stage(s, Path("before")) for s in ("fine", "confirm"))
    assert (fine.retrain, fine.multi_crop) == (False, False)
    assert (confirm.retrain, confirm.multi_crop) == (True, True)
    assert request.identity()["multi_crop"]
    assert RunRequest("space").identity()["multi_crop"] is None, "as runs begun before had it"
