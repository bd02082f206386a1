"""How many folds a stage has: asked for, inherited or the space's own, and what goes with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hpsearch.errors import DataError, InputError
from hpsearch.execution import ProbeResult
from hpsearch.execution.study_plan import DataRequest
from hpsearch.spaces import LoadedSpace, SearchSpace, Space
from hpsearch.stages.cross_validation import settled_folds, timing_with
from hpsearch.stages.fine import inherit
from hpsearch.stages.opening import differences
from hpsearch.stages.request import StageRequest
from hpsearch.storage import StudyView, load
from tests.conftest import facts, trial


def request(**settings: Any) -> StageRequest:
    return StageRequest("fine", "light", Path("out"), **settings)


def loaded(folds: Any = None, **attributes: Any) -> LoadedSpace:
    space = SearchSpace()
    for name, value in {"folds": folds, **attributes}.items():
        setattr(space, name, value)
    return LoadedSpace("light", "light", space, "hash")


@pytest.mark.parametrize(
    ("asked", "own", "settled"),
    [(None, None, 1), (None, 5, 5), (3, 5, 3), (1, 5, 1), (20, None, 20)],
)
def test_what_is_asked_for_comes_before_what_the_space_has(
    asked: int | None, own: int | None, settled: int
) -> None:
    """1 means a single validation part, also where the space has folds."""
    assert settled_folds(request(folds=asked), loaded(own)) == settled


@pytest.mark.parametrize("folds", [0, 21, -1, 2.5, True])
def test_an_impossible_number_is_refused(folds: Any) -> None:
    with pytest.raises(InputError, match="--folds is"):
        request(folds=folds)
    with pytest.raises(InputError, match="light has folds"):
        settled_folds(request(), loaded(folds))


def test_a_share_of_folds_is_refused() -> None:
    """A fold's share follows from their number; with one validation part a share is fine."""
    with pytest.raises(InputError, match="--validation-share is given, but a 5-fold"):
        request(folds=5, validation_share=0.2)
    with pytest.raises(InputError, match="--validation-share is given, but a 4-fold"):
        settled_folds(request(validation_share=0.2), loaded(4))
    assert request(folds=1, validation_share=0.2).validation_share == 0.2


def test_a_fit_of_the_users_own_knows_nothing_of_folds() -> None:
    with pytest.raises(InputError, match=r"fit\(hp, model"):
        settled_folds(request(folds=3), loaded(fit=print))
    assert settled_folds(request(), loaded(fit=print)) == 1


def test_folds_of_no_data_are_refused() -> None:
    with pytest.raises(DataError, match="--folds is given, but the space has no data"):
        DataRequest(folds=3).load(SearchSpace())


def study(make_study: Callable[..., Path], **data: Any) -> StudyView:
    """A study with one trial, its data asked for like this."""
    plan = facts("c")["plan"]
    plan["data"] |= data
    return load(make_study([trial(0.5, {"filters": 6})], plan=plan))


def test_fine_divides_as_its_source_did(make_study: Callable[..., Path]) -> None:
    """By the same seed, so that the folds are the very same; unless another number is asked for."""
    source = study(make_study, folds=5, seed=7)
    followed = inherit(request(), source)
    assert (followed.folds, followed.split_seed) == (5, 7)
    assert inherit(request(folds=3), source).folds == 3
    assert settled_folds(inherit(request(folds=1), source), loaded(4)) == 1


def test_folds_replace_the_share_of_the_source(make_study: Callable[..., Path]) -> None:
    """A source held out a third; five folds hold out a fifth each."""
    source = study(make_study, validation_share=0.33)
    assert inherit(request(), source).validation_share == 0.33
    assert inherit(request(folds=5), source).validation_share is None


def test_a_source_from_before_there_were_folds_says_nothing(
    make_study: Callable[..., Path],
) -> None:
    """Then the space is asked."""
    assert inherit(request(), study(make_study)).folds is None


@pytest.mark.parametrize(("before", "now", "ratio"), [(1, 5, 5.0), (5, 5, 1.0), (4, 2, 0.5)])
def test_the_time_of_an_epoch_is_that_of_all_folds(before: int, now: int, ratio: float) -> None:
    """It is taken from the trials of a study that may have had another number."""
    source: Any = SimpleNamespace(facts={"plan": {"data": {"folds": before}}})
    timing = timing_with(ProbeResult(Space(), seconds_per_epoch=2.0), now, source)
    assert timing.seconds_per_epoch == pytest.approx(2.0 * ratio)


def test_another_number_of_folds_is_another_study() -> None:
    """It is named as its flag; studies from before there were folds have none."""
    known, asked = {"folds": 3, "seed": 0}, {"folds": 5, "seed": 0}
    assert differences(known, asked) == "--folds was 3, now 5"
    assert differences({"seed": 0}, {"folds": None, "seed": 0}) == ""
