"""The command `hpsearch show`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hpsearch.cli import options as given
from hpsearch.cli.commands import app


@app.command()
def show(
    directory: Annotated[
        Path,
        typer.Argument(help="Run directory; with --markdown also a folder of several stages."),
    ],
    top: Annotated[
        int, typer.Option("--top", min=1, help="How many of the best trials to list.")
    ] = 10,
    trial: Annotated[
        int | None,
        typer.Option("--trial", min=0, metavar="N", help="Show everything about one trial."),
    ] = None,
    compare: Annotated[
        tuple[int, int] | None,
        typer.Option(
            "--compare", metavar="A B", help="Show two trials side by side, and what differs."
        ),
    ] = None,
    markdown: Annotated[
        bool,
        typer.Option(
            "--markdown", help="Print a summary in Markdown, for a pull request or a lab book."
        ),
    ] = False,
    json: given.JsonOption = False,
) -> None:
    """Show a study: its trials, its winner, which hyperparameters matter; or trials of it."""
    from hpsearch.cli.showing import Shown, show_command

    show_command(directory, Shown(top, trial, compare, markdown), as_json=json)
