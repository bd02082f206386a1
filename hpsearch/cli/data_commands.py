"""The commands `hpsearch data list`, `describe` and `fetch`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hpsearch.cli import options as given
from hpsearch.cli.commands import app

data_app = typer.Typer(no_args_is_help=True, help="Data sets.")
app.add_typer(data_app, name="data")


@data_app.command("list")
def data_list(json: given.JsonOption = False) -> None:
    """List the data sets that can be given by name, and what else can be given as --data."""
    from hpsearch.cli.data_lists import list_command

    list_command(as_json=json)


@data_app.command("describe")
def data_describe(
    what: Annotated[
        str,
        typer.Argument(
            metavar="NAME|PATH", help="A name of `hpsearch data list`, a path, or file.py:function."
        ),
    ],
    data: Annotated[
        Path | None, typer.Option("--data", help="Where the images of NAME lie, if not found.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the figures; default results/data/NAME.")
    ] = None,
    transfer: Annotated[
        bool,
        typer.Option(
            "--transfer",
            help="Measure how like ImageNet the images are, and say what of VGG16 to train.",
        ),
    ] = False,
    weights: Annotated[
        str, typer.Option("--weights", help="VGG16's weights for --transfer: imagenet or a file.")
    ] = "imagenet",
    skip_bad: given.SkipBadOption = False,
    json: given.JsonOption = False,
) -> None:
    """Show what a data set is like, save figures of it, and give advice with reasons."""
    from hpsearch.cli.data_lists import Asked, describe_command

    describe_command(Asked(what, data, skip_bad), out, weights if transfer else None, as_json=json)


@data_app.command("fetch")
def data_fetch(
    name: Annotated[str, typer.Argument(help="Data set: gtsrb, mnist, fashion_mnist or cifar10.")],
    to: Annotated[
        Path | None, typer.Option("--to", help="Folder; default hpsearch's cache.")
    ] = None,
    json: given.JsonOption = False,
) -> None:
    """Download a data set, checked and resumable."""
    from hpsearch.cli.data_lists import fetch_command

    fetch_command(name, to, as_json=json)
