"""The command `hpsearch watch`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hpsearch.cli import options as given
from hpsearch.cli.commands import app


@app.command()
def watch(
    directory: Annotated[
        Path, typer.Argument(help="Run directory of a stage, or the directory of a whole run.")
    ],
    once: Annotated[
        bool, typer.Option("--once", help="Print how it stands now, then end.")
    ] = False,
    json: given.JsonOption = False,
) -> None:
    """Watch a study that runs, from here or from any machine that sees its directory.

    It is only read, and nothing is locked. Ends when the study does: with 0 if it is done, 3 if it
    was stopped or on Ctrl-C, 4 if no trial succeeded.
    """
    from hpsearch.cli.watching import watch_command

    raise typer.Exit(watch_command(directory, once=once, as_json=json))
