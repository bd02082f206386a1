"""Flags of a stage's command that are given to another command, in one string."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from hpsearch.cli.commands import app
from hpsearch.cli.running import make_request
from hpsearch.errors import InputError
from hpsearch.stages import StageRequest
from hpsearch.storage.address import redacted_argument

TAKEN = {
    "space": "--space",
    "from_": "--from",
    "out": "--out",
    "data": "--data",
    "workers": "--workers",
    "json": "--json",
}
"""What batch jobs say themselves; `hpsearch slurm` has flags for it."""
UNFIT = {
    "dry_run": "--dry-run",
    "overwrite": "--overwrite",
    "rounds": "--rounds",
    "time_limit": "--time-limit",
}
"""What makes no sense in a command that several jobs run again and again."""
RENAMED = {"from_": "source", "try_": "tries", "range_": "limit"}


def parse_flags(stage: str, text: str) -> tuple[str, ...]:
    """The flags in a string, after a look at which they are.

    Raises:
        InputError: The string is no part of a command line, or says what batch jobs must say.
        typer.TyperException: The stage's command has no such flag.
    """
    try:
        flags = tuple(shlex.split(text))
    except ValueError as error:
        raise InputError(
            f"--{stage} '{text}' is no part of a command line: {error}.", "Close the quotation."
        ) from None
    if any(redacted_argument(flag) != flag for flag in flags):
        raise InputError(
            f"--{stage} has a password in it, and the scripts of batch jobs can be read by others.",
            "Put it into the environment, which the jobs inherit: $HPSEARCH_STORAGE.",
        )
    given = _parsed(stage, flags, resilient_parsing=True).given
    for name in [*TAKEN, *UNFIT]:
        if name in given:
            flag, why = _refusal(name)
            raise InputError(f"--{stage} has {flag} in it: {why}.", "Leave it out there.")
    return flags


def _refusal(name: str) -> tuple[str, str]:
    if name in TAKEN:
        return TAKEN[name], "the batch jobs say that themselves"
    return UNFIT[name], "the jobs run the command several times, where it cannot be"


def check_command(arguments: Sequence[str]) -> None:
    """Refuse the command line of a stage that cannot work, as far as it alone can tell.

    Raises:
        InputError: A value is impossible.
        typer.TyperException: A flag is unknown, missing or not of its type.
    """
    stage = arguments[0]
    values = _parsed(stage, arguments[1:]).values
    known = {field.name for field in fields(StageRequest)} | {"limit", "fix"}
    renamed = {RENAMED.get(name, name): value for name, value in values.items()}
    wanted = {name: value for name, value in renamed.items() if name in known}
    make_request(stage, **{**wanted, "keep": tuple(wanted.get("keep") or ())})


class _Parsed:
    """What a command line says.

    Args:
        context: The context that its command made of it.
    """

    def __init__(self, context: Any) -> None:
        self.values: dict[str, Any] = dict(context.params)
        self.given = {
            name for name in self.values if context.get_parameter_source(name).name == "COMMANDLINE"
        }


def _parsed(stage: str, arguments: Sequence[str], *, resilient_parsing: bool = False) -> _Parsed:
    from typer.main import get_command

    group: Any = get_command(app)
    command = group.commands[stage]
    context = command.make_context(
        f"hpsearch {stage}", list(arguments), resilient_parsing=resilient_parsing
    )
    return _Parsed(context)
