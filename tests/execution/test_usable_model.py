"""Which model a path means."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpsearch.errors import InputError
from hpsearch.execution.usable_model import find_model
from hpsearch.models.model_card import MEMBER, read_card
from hpsearch.storage import RunDirectory

Make = Callable[..., Any]


def keep(study: Path, *numbers: int) -> None:
    """Files where the models of these trials are kept."""
    for number in numbers:
        RunDirectory(study).model_file(number).touch()


def test_the_best_model_that_is_still_there_is_taken(make_study: Make, trial: Make) -> None:
    """Trial 1 was better, but its model was not kept."""
    study = make_study([trial(0.5), trial(0.9), trial(0.7)])
    keep(study, 0, 2)
    found = find_model(study)
    assert found.file == RunDirectory(study).model_file(2)
    assert found.chosen == f"the best model kept in {study}, val_accuracy 0.7000"
    assert find_model(found.file).chosen == ""


def test_of_a_whole_search_the_latest_stage_counts(
    make_study: Make, trial: Make, tmp_path: Path
) -> None:
    """The last round of fine, though an earlier one has the better score; then the winner."""
    coarse = make_study([trial(0.99)], "run/coarse")
    fine = make_study([trial(0.8)], "run/fine", "fine", **{"from": str(coarse)})
    last = make_study([trial(0.7)], "run/fine-2", "fine", **{"from": str(fine)})
    for study in (coarse, fine, last):
        keep(study, 0)
    assert find_model(tmp_path / "run").file.parent.parent == last
    confirm = RunDirectory(make_study([trial(0.6, candidate=0)], "run/confirm", "confirm"))
    confirm.winner_model.touch()
    entry = {"params": {}, "is_default": True, "seeds": 1, "failed": 0, "given_up_after": None}
    interval = {"mean": 0.6, "low": None, "high": None}
    winner = {
        "objective": "val_accuracy", "winner": 0, "verdict": "", "test": None, "retrained": None,
        "optimism": None, "gain_over_defaults": None, "model": None,
        "candidates": [{**entry, **interval}],
    }  # fmt: skip
    confirm.winner_file.write_text(json.dumps(winner), encoding="utf-8")
    assert find_model(tmp_path / "run").file == confirm.winner_model


def test_rounds_are_told_apart_wherever_the_command_runs(
    make_study: Make, trial: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a round began from is written as it was given, and folders are moved."""
    first = make_study([trial(0.8)], "run/fine", "fine", **{"from": "results/coarse"})
    last = make_study([trial(0.7)], "run/fine-2", "fine", **{"from": "results/fine"})
    for study in (first, last):
        keep(study, 0)
    monkeypatch.chdir(tmp_path / "run")
    assert find_model(".").file.resolve().parent.parent == last


def test_nothing_is_guessed(make_study: Make, trial: Make, tmp_path: Path) -> None:
    """Two searches beside each other, none, a study without models, a path that is not there."""
    for name in ("cats", "dogs"):
        keep(make_study([trial(0.5)], name), 0)
    with pytest.raises(InputError, match=r"several searches with models: .*cats, .*dogs"):
        find_model(tmp_path)
    with pytest.raises(InputError, match="holds no saved model"):
        find_model(make_study([trial(0.5)], "birds"))
    with pytest.raises(InputError, match="There is no model"):
        find_model(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("card", "complaint"),
    [
        (None, "does not say how its images were prepared"),
        ("{", "is damaged"),
        ('{"schema_version": 2, "hpsearch": "9.0"}', "was saved by hpsearch 9.0 with a card of"),
        ('{"schema_version": 1, "hpsearch": "0.1"}', "data is missing"),
    ],
)
def test_a_model_whose_card_cannot_be_used_is_refused(
    tmp_path: Path, card: str | None, complaint: str
) -> None:
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
        if card is not None:
            archive.writestr(MEMBER, card)
    with pytest.raises(InputError, match=complaint):
        read_card(path)
    path.write_text("no archive", encoding="utf-8")
    with pytest.raises(InputError, match="is no saved model"):
        read_card(path)
