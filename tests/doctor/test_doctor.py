"""`hpsearch doctor` as a whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hpsearch.cli.entry import run
from hpsearch.doctor import Check, Examination, examine
from hpsearch.doctor.examining import check_space

WELL = Check("one", "ok", "well")
WORSE = Check("two", "warning", "worse", "do this")
BROKEN = Check("three", "problem", "broken", "do that")


@pytest.mark.parametrize(
    ("checks", "status"), [([WELL], 0), ([WELL, WORSE], 0), ([WELL, WORSE, BROKEN], 1)]
)
def test_the_exit_status_is_1_only_if_something_needed_is_broken(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    checks: list[Check],
    status: int,
) -> None:
    """So that a script can ask; every check and every advice is printed."""
    monkeypatch.setattr("hpsearch.doctor.examine", lambda **_: Examination(checks))
    assert run(["doctor"]) == status
    printed = capsys.readouterr().out
    assert all(check.found in printed and check.advice in printed for check in checks)


def test_json_is_one_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the same verdict."""
    monkeypatch.setattr("hpsearch.doctor.examine", lambda **_: Examination([WELL, BROKEN]))
    assert run(["doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["usable"] is False
    assert told["checks"][1] == {
        "name": "three",
        "verdict": "problem",
        "found": "broken",
        "advice": "do that",
    }


def test_data_without_a_space_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """What they are to fit is not known."""
    assert run(["doctor", "--data", "images.npz"]) == 2
    assert "Give the space it is for" in capsys.readouterr().err


def test_a_space_that_is_not_there_is_a_problem_among_the_others() -> None:
    """The rest of the examination is still of use."""
    (check,) = check_space("nope", None)
    assert check.verdict == "problem"
    assert "No search space 'nope'" in check.found


def test_data_that_do_not_fit_are_a_problem(tmp_path: Path) -> None:
    """As the stage itself would say it."""
    checks = check_space("gtsrb_lenet", tmp_path / "missing")
    assert [check.verdict for check in checks] == ["ok", "problem"]
    assert "missing" in checks[1].found


@pytest.mark.slow
def test_this_machine_is_examined_by_a_process_that_trains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real thing, without a GPU and with no advice that would be an error."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    found: dict[str, Any] = {check.name: check for check in examine(out=tmp_path).checks}
    assert found["gpus"].verdict == found["tensorflow"].verdict == "ok"
    assert "images/s in float32" in found["timed step"].found
    assert list(tmp_path.iterdir()) == []
