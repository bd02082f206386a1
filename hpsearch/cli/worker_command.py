"""The command `hpsearch worker`."""

from __future__ import annotations

from typing import Annotated

import typer

from hpsearch.cli import options as given
from hpsearch.cli.commands import app

StudyOption = Annotated[
    str, typer.Option("--study", help="Run directory of the study, which this machine sees.")
]
WorkerTimeOption = Annotated[
    str | None,
    typer.Option("--time-limit", help="Leave after this time, as 30m or 8h; exit status 3."),
]
WorkerCountOption = Annotated[
    str, typer.Option("--workers", help="Number of worker processes on this machine, or auto.")
]


@app.command()
def worker(
    study: StudyOption,
    workers: WorkerCountOption = "1",
    time_limit: WorkerTimeOption = None,
    json: given.JsonOption = False,
) -> None:
    """Work on a study that was created elsewhere, until its budget is spent.

    Start as many as you like, on any machine that sees the run directory; they may come and go.
    """
    from hpsearch.cli.joining import worker_command

    raise typer.Exit(worker_command(study, workers, time_limit, as_json=json))
