"""The verbs as functions: what they take and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import hpsearch
from hpsearch.errors import InputError, StudyError
from hpsearch.workflow import _request_options, coarse

Make = Callable[..., Any]


def test_an_unknown_option_is_named_with_what_there_is() -> None:
    """A typing mistake is wrong input, no TypeError from inside."""
    with pytest.raises(InputError, match=r"No option 'trails'.*trials"):
        coarse("gtsrb_lenet", trails=2)


@pytest.mark.parametrize("trials", [0, -1, 1.5, "5", True])
def test_a_number_of_trials_is_a_whole_number_above_zero(trials: object, tmp_path: Path) -> None:
    """Refused before anything is looked at."""
    with pytest.raises(InputError, match="--trials"):
        coarse("gtsrb_lenet", out=tmp_path / "c", trials=trials)
    assert not (tmp_path / "c").exists()


def test_changes_may_be_given_as_dictionaries() -> None:
    """The natural form in Python means the same as the texts of the command line."""
    natural = {"fix": {"filters": 6}, "limit": {"learning_rate": (1e-4, 1e-2)}}
    texts = {"fix": ["filters=6"], "limit": ["learning_rate=0.0001:0.01"]}
    first, second = (_request_options(dict(form))["overrides"] for form in (natural, texts))
    assert first == second


def test_narrow_is_a_verb_too(make_study: Make, trial: Make) -> None:
    """As the command: it writes the narrowed space and returns it with the reasons."""
    directory = make_study([trial(0.5, {"filters": 6})])
    narrowed = hpsearch.narrow(directory)
    written = json.loads((directory / "narrowed_space.json").read_text(encoding="utf-8"))
    assert narrowed.space.to_json() == written
    assert "filters" in narrowed.space.names


def test_narrow_refuses_a_study_without_a_completed_trial(make_study: Make) -> None:
    """There is nothing to narrow by."""
    with pytest.raises(StudyError, match="no completed trial"):
        hpsearch.narrow(make_study([]))
