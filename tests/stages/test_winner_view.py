"""A winner's model is looked at once, when it may be, and a failure never does harm."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from hpsearch.analysis.winner_view import WinnerView, read_winner_view, write_winner_view
from hpsearch.errors import DataError
from hpsearch.execution import template
from hpsearch.execution.template import keep_template
from hpsearch.models.model_card import JOINTLY_TRAINED, fingerprint_of
from hpsearch.spaces.finding import find_spaces
from hpsearch.stages import winner_view
from hpsearch.stages.winner_view import look_at_winner, looking_after
from hpsearch.storage import RunDirectory, load
from hpsearch.storage.atomic import write_json

Make = Callable[..., Any]


class Process:
    """Stands for the process that looks; writes a view of the model it is given, or fails."""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.failure = ""

    def __call__(self, plan: Any, fingerprint: str, request: Any, *_: Any) -> None:
        self.requests.append(request)
        if self.failure:
            raise DataError(self.failure)
        seen = WinnerView(fingerprint_of(request.model), request.trial)
        write_winner_view(request.target, seen)


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Process:
    own = Process()
    monkeypatch.setattr(winner_view, "view_winner", own)
    monkeypatch.setattr(winner_view, "start_template", lambda: None)
    return own


@pytest.fixture
def study(make_study: Make, trial: Make) -> RunDirectory:
    """Two trials, the second of which is better, with a model each."""
    directory = RunDirectory(make_study([trial(0.5), trial(0.7)]))
    for number in (0, 1):
        save(directory.model_file(number), "first")
    return directory


def save(path: Path, content: str) -> None:
    """A file that passes for a saved model with this content."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", content)


def look(study: RunDirectory, *models: Any) -> WinnerView | None:
    look_at_winner(load(study.path), *models)
    return read_winner_view(study)


def test_the_best_trials_model_is_looked_at_once(study: RunDirectory, process: Process) -> None:
    told: list[str] = []
    look_at_winner(load(study.path), tell=told.append)
    look_at_winner(load(study.path), tell=told.append)
    (request,) = process.requests
    assert (request.model, request.trial) == (study.model_file(1), 1)
    assert len(told) == 1


def test_another_model_is_looked_at_again(study: RunDirectory, process: Process) -> None:
    """Told by its content; the same bytes written again are the same model."""
    look(study)
    save(study.model_file(1), "first")
    look(study)
    assert len(process.requests) == 1
    save(study.model_file(1), "second")
    look(study)
    assert len(process.requests) == 2


def test_without_models_nothing_is_looked_at(make_study: Make, process: Process) -> None:
    assert look(RunDirectory(make_study())) is None
    assert not process.requests


def test_a_space_file_of_ones_own_is_run_only_if_that_is_said(
    make_study: Make, trial: Make, process: Process
) -> None:
    shipped = find_spaces()["gtsrb_lenet"].path
    for name, reference, runs in (
        ("own", "/somewhere/own.py", False),
        ("module", "package:space", False),
        ("shipped", str(shipped), True),
    ):
        process.requests.clear()
        study = RunDirectory(make_study([trial(0.5)], name))
        refer_to(study, reference)
        save(study.model_file(0), "first")
        look(study, "none")
        look(study, "shipped")
        assert bool(process.requests) == runs, name
        look(study, "all")
        assert len(process.requests) == 1, name


def refer_to(study: RunDirectory, reference: str, source: str | None = None) -> None:
    """Let a study name another space file and data."""
    facts = study.read_study()
    facts["space"]["reference"] = reference
    facts["plan"]["data"]["source"] = source
    study.write_study(facts)


def test_data_made_by_code_are_code_of_ones_own(
    make_study: Make, trial: Make, process: Process
) -> None:
    study = RunDirectory(make_study([trial(0.5)]))
    refer_to(study, str(find_spaces()["gtsrb_lenet"].path), "own.py:load")
    save(study.model_file(0), "first")
    look(study, "shipped")
    assert not process.requests


def test_a_failure_is_kept_as_the_reason_and_tried_again(
    study: RunDirectory, process: Process
) -> None:
    process.failure = "The data are not here."
    found = look(study)
    assert found is not None
    assert found.failure == "The data are not here."
    process.failure = ""
    found = look(study)
    assert found is not None
    assert not found.failure


def test_a_failure_leaves_an_earlier_winner_to_be_shown(
    study: RunDirectory, process: Process
) -> None:
    before = look(study)
    save(study.model_file(1), "second")
    process.failure = "The data are not here."
    after = look(study)
    assert len(process.requests) == 2
    assert after is not None
    assert before is not None
    assert after.facts() == before.facts()


def test_a_damaged_model_or_view_does_no_harm(study: RunDirectory, process: Process) -> None:
    study.winner_view_file.write_bytes(b"noise")
    look(study)
    assert len(process.requests) == 1, "a damaged view is made again"
    study.model_file(1).write_bytes(b"noise")
    study.winner_view_file.unlink()
    found = look(study)
    assert found is not None
    assert "is no saved model" in found.failure


def confirmed(study: RunDirectory, trained_on: str) -> None:
    """Make it a finished confirmation whose winner's model is kept."""
    save(study.winner_model, "winner")
    nothing = {"mean": 0.5, "low": None, "high": None}
    candidate = {"params": {}, "is_default": False, "seeds": 2, "failed": 0}
    write_json(
        study.winner_file,
        {
            "objective": "val_accuracy",
            "winner": 0,
            "verdict": "",
            "candidates": [{**candidate, "given_up_after": None, **nothing}],
            "optimism": None,
            "gain_over_defaults": None,
            "model": {"file": "models/winner.keras", "trained_on": trained_on, "trial": None},
            "retrained": None,
            "test": None,
        },
    )


def test_what_a_look_at_the_test_split_showed_is_for_good(
    study: RunDirectory, process: Process
) -> None:
    told = {
        "part": "test",
        "problem": "one_label",
        "class_names": [],
        "num_images": 1,
        "num_predicted": 1,
        "scores": {},
    }
    confirmed(study, "training part")
    write_winner_view(study.winner_view_file, WinnerView("of the look", 1, predictions=told))
    look(study)
    assert not process.requests


def test_a_model_that_learnt_the_validation_images_is_not_asked_about_them(
    study: RunDirectory, process: Process
) -> None:
    confirmed(study, JOINTLY_TRAINED)
    look(study)
    (request,) = process.requests
    assert request.model == study.winner_model
    assert "retrained on the validation images" in request.no_predictions


def test_a_stage_narrows_while_its_winner_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the template of the command, which another thread does not know of by itself."""
    began, narrowed = Event(), Event()

    def look(view: object) -> None:
        began.set()
        assert narrowed.wait(10)

    monkeypatch.setattr(winner_view, "look_at_winner", look)
    result: Any = SimpleNamespace(status="done", view=None)
    with keep_template(), looking_after(result):
        pass
    assert not began.is_set(), "there is no process for it at hand"
    token = template._KEPT.set(
        [SimpleNamespace(is_gone=False)]  # type: ignore[list-item]
    )
    try:
        with looking_after(result):
            assert began.wait(10)
            narrowed.set()
    finally:
        template._KEPT.reset(token)


def test_what_goes_wrong_in_looking_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(result: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(winner_view, "look_after", look)
    result: Any = None
    with pytest.raises(ValueError, match="a bug"), looking_after(result):
        pass
