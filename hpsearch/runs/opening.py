"""Opening a run: begin it, continue it, or refuse because another one is there."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from hpsearch.errors import InputError, StudyMismatch
from hpsearch.runs.division import Division
from hpsearch.runs.request import RunRequest
from hpsearch.stages.opening import differences, free_directory
from hpsearch.stages.provenance import provenance
from hpsearch.storage.run_root import RunRoot


def check_root(root: RunRoot, request: RunRequest) -> None:
    """Refuse a place where this run can neither begin nor continue.

    Raises:
        InputError: It is a file, a single study, or holds stages that no run has made.
        StudyMismatch: It holds a run with other settings; the message names them.
    """
    if root.path.exists() and not root.path.is_dir():
        raise InputError(f"{root} is a file.", "Give a directory with --out.")
    if (root.path / "study.json").exists():
        raise InputError(
            f"{root} is the directory of a single stage.", "Give another one with --out."
        )
    if request.overwrite:
        return
    if root.has_run:
        _check_same(root, request)
    elif root.stages:
        names = ", ".join(directory.path.name for directory in root.stages)
        raise InputError(
            f"{root} holds stages that were run by themselves ({names}).",
            f"For a new run add --out {_free(root)}, or go on with fine or confirm.",
        )


def _check_same(root: RunRoot, request: RunRequest) -> None:
    different = differences(root.read()["identity"], request.identity())
    if different:
        raise StudyMismatch(
            f"{root} holds a different run: {different}.",
            f"To replace it add --overwrite; for a new run add --out {_free(root)}",
        )


def _free(root: RunRoot) -> str:
    return shlex.quote(str(free_directory(root.path)))


def open_run(root: RunRoot, request: RunRequest, division: Callable[[], Division]) -> Division:
    """Begin the run, or continue the one that is there, with the division it was begun with.

    Args:
        root: Where.
        request: What was asked.
        division: How the budget is divided, for a new run.

    Raises:
        StudyMismatch: Another process began a different run here.
    """
    with root.locked():
        if request.overwrite:
            root.remove()
        if root.has_run:
            _check_same(root, request)
            return Division.from_json(root.read()["division"])
        new = division()
        record = provenance(request.command)
        root.write(
            {
                "hpsearch": record["versions"]["hpsearch"],
                "identity": request.identity(),
                "budget": {"in": request.currency, "amount": request.amount},
                "division": new.to_json(),
                "provenance": record,
            }
        )
        return new
