"""The command `hpsearch export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hpsearch.cli import options as given
from hpsearch.cli.commands import app


@app.command()
def export(
    directory: Annotated[Path, typer.Argument(help="Run directory.")],
    format_: Annotated[str, typer.Option("--format", help="csv, parquet or json.")] = "csv",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Folder for trials and histories, or a file for the trials, beside which the "
            "histories are put; default export/ in the run directory.",
        ),
    ] = None,
    json: given.JsonOption = False,
) -> None:
    """Write the trials and learning curves of a study as tables for other programs."""
    from hpsearch.cli.printing import print_json
    from hpsearch.counting import count_of
    from hpsearch.report.exporting import export_study
    from hpsearch.report.frames import Study
    from hpsearch.storage import load

    study = Study(load(directory))
    trials, histories = export_study(study, format_, out)
    if json:
        print_json({"format": format_, "trials": str(trials), "histories": str(histories)})
        return
    rows = count_of(len(study.trials), "trial")
    epochs = count_of(len(study.histories), "epoch")
    sys.stdout.write(f"Trials: {trials} ({rows})\nHistories: {histories} ({epochs})\n")
