"""What is started before a stage is known to have something to do: nothing."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpsearch.errors import InputError
from hpsearch.execution import devices
from hpsearch.execution.devices import place_workers
from hpsearch.execution.parallelism import Parallelism, Way
from hpsearch.spaces import Budget
from hpsearch.stages import preparing
from hpsearch.stages.data_facts import DataFacts
from hpsearch.stages.preparing import prepare
from hpsearch.stages.request import StageRequest
from hpsearch.storage import RunDirectory

Make = Callable[..., Any]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Gets an entry for every template that would be started, on a machine without GPUs."""
    entries: list[str] = []
    monkeypatch.setattr(devices, "visible_gpus", list)
    monkeypatch.setattr(preparing, "start_template", lambda: entries.append("template"))
    return entries


@pytest.mark.parametrize("flags", [{"space": "nosuch"}, {"data": Path("nowhere")}])
def test_wrong_input_is_refused_before_anything_is_started(
    tmp_path: Path, started: list[str], flags: dict[str, Any]
) -> None:
    """The answer takes as long as looking does, and no process is left to end."""
    asked = {"space": "digits_mlp", "out": tmp_path / "out", **flags}
    with pytest.raises(InputError):
        prepare(StageRequest("coarse", **asked))
    assert not started


@pytest.mark.parametrize(("trials", "expected"), [(1, []), (2, ["template"])])
def test_a_finished_study_starts_nothing(
    make_study: Make, trial: Make, started: list[str], trials: int, expected: list[str]
) -> None:
    """One that has trials left starts what its workers are forked from."""
    directory = RunDirectory(make_study([trial(0.5, {"filters": 6})]))
    request = StageRequest("coarse", "s", directory.path, trials=trials)
    loaded: Any = None
    found = preparing._continued(
        request, loaded, directory, Budget(trials=trials), DataFacts({}, "", None), {}
    )
    assert (found.finished, started) == (1, expected)


@pytest.mark.usefixtures("started")
def test_a_study_that_is_continued_shares_the_cores_as_it_was_measured(
    make_study: Make, trial: Make
) -> None:
    """The choice is on file; another machine, or a number of workers, is free."""
    directory = RunDirectory(make_study([trial(0.5, {"filters": 6})]))
    cores = devices.available_cores()
    rates = ((Way(cores, 1), 10.0), (Way(1, cores), 20.0))
    measured = Parallelism(Way(1, cores), rates, "", platform.node(), cores)

    def continued(known: Parallelism, **asked: Any) -> tuple[int, int]:
        directory.write_study({**directory.read_study(), "parallelism": known.to_json()})
        request = StageRequest("coarse", "s", directory.path, trials=99, **asked)
        loaded: Any = None
        found = preparing._continued(
            request, loaded, directory, Budget(trials=99), DataFacts({}, "", None), {}
        )
        return found.placement.workers, found.placement.threads

    assert continued(measured) == (1, cores)
    assert continued(measured, workers=cores) == (cores, 1)
    assert continued(replace(measured, machine="elsewhere"))[0] == place_workers(None).workers
