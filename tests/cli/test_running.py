"""What is printed when a stage has ended."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

import pytest

from hpsearch.cli.running import print_result
from hpsearch.stages.result import StageResult
from hpsearch.storage import load

Make = Callable[..., Any]


def test_the_next_command_can_be_pasted(
    make_study: Make, trial: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    """A directory with a space in its name is quoted for the shell."""
    directory = make_study([trial(0.5, best_epoch=1)], "my coarse run")
    print_result(StageResult(load(directory), "done", seconds=6.0))
    shown = capsys.readouterr().out
    command = shown[shown.index("Next: ") + 6 :].strip()
    assert shlex.split(command) == ["hpsearch", "fine", "--from", str(directory)]


def test_a_stage_stopped_before_any_trial_ended_says_so(
    make_study: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither "0 trials" nor "none in 6 s"."""
    print_result(StageResult(load(make_study([])), "stopped", "Stopped.", "", 6.0))
    shown = capsys.readouterr().out.splitlines()
    assert "  trials  none finished" in shown
    assert "  time    6 s" in shown
