"""The commands `hpsearch new-space` and `hpsearch lint`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hpsearch.cli import options as given
from hpsearch.cli.commands import app

SpaceArgument = Annotated[str, typer.Argument(help="A name, a .py file, or file.py:object.")]


@app.command()
def lint(
    space: SpaceArgument,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit status 1 if there is anything to warn of.")
    ] = False,
    data: given.DataOption = None,
    json: given.JsonOption = False,
) -> None:
    """Advice on a search space by rules of thumb, before anything is trained."""
    from hpsearch.cli.space_details import lint_space

    raise typer.Exit(lint_space(space, data, as_json=json, strict=strict))


@app.command("new-space")
def new_space(
    name: Annotated[str, typer.Argument(help="Name of the space, as my_signs.")],
    dataset: Annotated[
        str,
        typer.Option(
            "--dataset",
            help="A name of `hpsearch data list`; folder, csv or npz for your own images; "
            "or the path of such.",
        ),
    ] = "gtsrb",
    folder: Annotated[
        Path, typer.Option("--to", help="Folder for the file; spaces are found by name there.")
    ] = Path("search_spaces"),
    json: given.JsonOption = False,
) -> None:
    """Write a commented space file that runs, to start from."""
    from hpsearch.cli.new_space import write_new_space

    write_new_space(name, dataset, folder, as_json=json)
