"""A person's edits of narrowed_space.json: obeyed where clear, refused by name where not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpsearch.errors import SpaceError, StudyError
from hpsearch.spaces import Choice, Float, Space
from hpsearch.stages.narrowing_files import (
    has_damaged_reasons,
    is_edited,
    narrowed_facts,
    read_narrowed,
    write_narrowing,
)
from hpsearch.storage import RunDirectory, load
from hpsearch.storage.atomic import write_json

Make = Callable[..., Any]
SPACE = Space((Float("rate", 0.1, 1.0), Choice("units", (16, 32, 64))))


@pytest.fixture
def directory(tmp_path: Path) -> RunDirectory:
    """A run directory with the space and a narrowed one that is the same."""
    run = RunDirectory(tmp_path)
    write_json(run.space_file, SPACE.to_json())
    write_json(run.narrowed_space_file, SPACE.to_json())
    return run


def edit(run: RunDirectory, position: int, **changes: Any) -> None:
    """Change fields of one hyperparameter, as with an editor."""
    data = run.read_json(run.narrowed_space_file)
    data["parameters"][position] |= changes
    write_json(run.narrowed_space_file, data)


def test_cutting_off_the_default_is_an_ordinary_edit(directory: RunDirectory) -> None:
    """The old default goes with the values that were cut off."""
    edit(directory, 1, values=[64], default=32)
    edit(directory, 0, low=0.5, default=0.1)
    rate, units = read_narrowed(directory)
    assert (rate.default_value, units.default_value) == (0.5, 64)


def test_a_renamed_hyperparameter_is_refused_by_both_names(directory: RunDirectory) -> None:
    """Else it would be searched again as if nothing had been edited."""
    edit(directory, 0, name="learning")
    with pytest.raises(SpaceError, match="called learning; rate is missing"):
        read_narrowed(directory)


def test_errors_name_the_file(directory: RunDirectory) -> None:
    """A person has to know where to mend it."""
    edit(directory, 0, low=5)
    with pytest.raises(SpaceError, match=r"narrowed_space\.json: .*'rate'"):
        read_narrowed(directory)


def test_damaged_json_is_refused_with_the_place(directory: RunDirectory) -> None:
    """A comma too many is found by its line and column."""
    directory.narrowed_space_file.write_text('{\n  "parameters": [,]\n}', encoding="utf-8")
    with pytest.raises(StudyError, match=r"narrowed_space\.json .*line 2 column 18") as refusal:
        read_narrowed(directory)
    assert "delete the file" in refusal.value.hint


@pytest.fixture
def narrowed(make_study: Make, trial: Make) -> RunDirectory:
    """A study whose narrowing was written."""
    run = RunDirectory(make_study([trial(0.5, {"filters": 6})]))
    write_narrowing(run)
    return run


def test_damaged_reasons_are_written_again(
    narrowed: RunDirectory, caplog: pytest.LogCaptureFixture
) -> None:
    """They follow from the study; what was not edited still counts as not edited."""
    before = narrowed.narrowing_file.read_bytes()
    narrowed.narrowing_file.write_bytes(before[:100])
    assert has_damaged_reasons(narrowed)
    write_narrowing(narrowed)
    assert narrowed.narrowing_file.read_bytes() == before
    assert not is_edited(narrowed)
    assert "was damaged and is written again" in caplog.text


def test_damaged_reasons_do_not_cost_an_edit(narrowed: RunDirectory) -> None:
    """Whether the space was edited cannot be read any more, so it is told by what it holds."""
    edit(narrowed, 0, low=1e-3)
    edited = narrowed.narrowed_space_file.read_bytes()
    narrowed.narrowing_file.write_text("{")
    assert is_edited(narrowed)
    write_narrowing(narrowed)
    assert narrowed.narrowed_space_file.read_bytes() == edited
    assert is_edited(narrowed)


def test_narrowing_is_computed_again_only_when_the_study_has_changed(
    narrowed: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run again, a stage finds what it found; another trial or other limits are looked at."""
    before = narrowed_facts(load(narrowed.path))
    assert before["num_trials"] == 1
    assert not {"from", "written", "rests_on"} & before.keys()

    def fail(*arguments: object) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr("hpsearch.stages.narrowing_files.narrow", fail)
    assert narrowed_facts(load(narrowed.path)) == before
    view = load(narrowed.path)
    more = replace(view, trials=(*view.trials, replace(view.trials[0], number=1, value=0.75)))
    with pytest.raises(AssertionError, match="computed again"):
        narrowed_facts(more)
    with pytest.raises(AssertionError, match="computed again"):
        narrowed_facts(view, {"filters": (1.0, 100.0)})
    facts = narrowed.read_json(narrowed.narrowing_file)
    write_json(narrowed.narrowing_file, {**facts, "num_trials": 2})  # damaged, but well-formed
    with pytest.raises(AssertionError, match="computed again"):
        narrowed_facts(view)
    write_json(narrowed.narrowing_file, facts)
    assert narrowed_facts(view) == before
    narrowed.narrowed_space_file.unlink()
    with pytest.raises(AssertionError, match="computed again"):
        narrowed_facts(view)
