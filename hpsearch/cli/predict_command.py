"""The command `hpsearch predict`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hpsearch.cli import options as given
from hpsearch.cli.commands import app


@app.command()
def predict(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL",
            help="A .keras file that hpsearch saved, or a run directory: its winner, or its best "
            "model kept.",
        ),
    ],
    images: Annotated[
        list[Path],
        typer.Argument(
            metavar="IMAGES…",
            help="Image files, folders of them (to any depth), or .npz files with x.",
        ),
    ],
    top: Annotated[
        int, typer.Option("--top", min=1, help="How many of the likeliest classes to name.")
    ] = 5,
    multi_crop: Annotated[
        bool,
        typer.Option("--multi-crop", help="Take the mean over crops at five scales; slower."),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="Write all probabilities to this .csv file instead."),
    ] = None,
    space: Annotated[
        str | None,
        typer.Option(
            "--space", help="Space file to run first, if the model has layers of its own."
        ),
    ] = None,
    skip_bad: given.SkipBadOption = False,
    json: given.JsonOption = False,
) -> None:
    """Tell what a saved model says of images, prepared as they were in training.

    If an image cannot be read, nothing is printed or written but that error, unless --skip-bad is
    given.
    """
    from hpsearch.cli.prediction_output import predict_command

    predict_command(
        model,
        images,
        top=top,
        multi_crop=multi_crop,
        output=output,
        space=space,
        skip_bad=skip_bad,
        as_json=json,
    )
