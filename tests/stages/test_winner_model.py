"""Which file is the winner's model, and what becomes of the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hpsearch.execution.devices import Placement, Slot
from hpsearch.execution.retraining import Retrained
from hpsearch.stages import winner_model
from hpsearch.storage import RunDirectory, StudyView, TrialRecord

FACTS = {"identity": {"objective": "val_accuracy", "direction": "maximize"}}


@pytest.fixture
def view(tmp_path: Path) -> StudyView:
    """Two candidates with three seeds each, all with models; the best of candidate 0 is trial 2."""
    run = RunDirectory(tmp_path)
    run.make()
    trials = tuple(
        TrialRecord(
            n,
            "complete",
            value=value,
            candidate=n % 2,
            best_epoch=epoch,
            history={"loss": [1.0, 0.5, 0.4, 0.3]},
        )
        for n, (value, epoch) in enumerate(
            [(0.8, 1), (0.9, 4), (0.85, 4), (0.95, 4), (0.82, 2), (0.91, 4)]
        )
    )
    for trial in trials:
        run.model_file(trial.number).write_text(f"trial {trial.number}", encoding="utf-8")
    return StudyView(run, FACTS, {"parameters": []}, trials)


def test_the_best_seeds_model_is_the_winners_and_no_other_is_left(view: StudyView) -> None:
    """Under its own name, too, at no cost of disk where links are known."""
    best = winner_model.kept_trials(view, 0)[0]
    facts = winner_model.put_in_place(view.directory, best, None)
    assert facts == {
        "file": "models/winner.keras",
        "trained_on": "training part",
        "trial": 2,
    }
    winner_model.forget_others(view, 0)
    models = {path.name: path for path in view.directory.models.iterdir()}
    assert sorted(models) == ["trial-0002.keras", "winner.keras"]
    assert models["winner.keras"].read_text() == "trial 2"
    assert models["winner.keras"].stat().st_ino == models["trial-0002.keras"].stat().st_ino


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (Retrained(0.45, ""), ""),
        (Retrained(2.1, ""), "far above"),
        (Retrained(None, "Diverged: loss became nan"), "Diverged"),
    ],
)
def test_a_retrained_model_takes_the_place_unless_it_went_wrong(
    view: StudyView, monkeypatch: pytest.MonkeyPatch, result: Retrained, reason: str
) -> None:
    """The seeds' losses at their best epochs are 1, 0.3 and 0.5: twice the worst is 2."""
    asked: dict[str, Any] = {}

    def retrain(
        plan: Any, space: Any, params: Any, epochs: int, target: Path, slot: Slot
    ) -> Retrained:
        asked["epochs"] = epochs
        target.write_text("retrained", encoding="utf-8")
        return result

    class Prepared:
        plan = None
        placement = Placement((Slot(),))

    monkeypatch.setattr(winner_model, "retrain", retrain)
    monkeypatch.setattr(winner_model.Space, "from_json", lambda data: data)
    facts = winner_model.retrained_winner(Prepared(), view, 0)  # type: ignore[arg-type]
    assert asked["epochs"] == 2, "the median of 1, 4 and 2"
    assert (facts["used"], reason in facts["reason"]) == (not reason, True)
    best = winner_model.kept_trials(view, 0)[0]
    model = winner_model.put_in_place(view.directory, best, facts)
    assert model is not None
    assert model["trial"] == (2 if reason else None)
    assert view.directory.winner_model.read_text() == ("trial 2" if reason else "retrained")
    assert not view.directory.retrained_model.exists()
