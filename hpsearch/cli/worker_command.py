"""The command `hpsearch worker`."""

from __future__ import annotations

from typing import Annotated

import typer

from hpsearch.cli import options as given
from hpsearch.cli.commands import app
from hpsearch.cli.output import Output

StudyOption = Annotated[
    str,
    typer.Option(
        "--study",
        metavar="DIR|URL",
        help="Run directory of the study, which this machine sees; or the URL of its database, "
        "with #NAME behind it if that holds several unfinished ones.",
    ),
]
WorkerTimeOption = Annotated[
    str | None,
    typer.Option("--time-limit", help="Leave after this time, as 30m or 8h; exit status 3."),
]
WorkerCountOption = Annotated[
    str | None,
    typer.Option(
        "--workers",
        help="Number of worker processes on this machine, or auto; default 1, or as many as the "
        "GPUs that are named hold.",
    ),
]


@app.command()
def worker(
    study: StudyOption,
    workers: WorkerCountOption = None,
    gpus: given.GpusOption = None,
    workers_per_gpu: given.WorkersPerGpuOption = None,
    time_limit: WorkerTimeOption = None,
    verbose: given.VerboseOption = False,
    json: given.JsonOption = False,
) -> None:
    """Work on a study that was created elsewhere, until its budget is spent.

    Start as many as you like, on any machine that sees the run directory; they may come and go.
    """
    from hpsearch.cli.joining import parse_places, worker_command

    places = parse_places(workers, gpus, workers_per_gpu)
    raise typer.Exit(
        worker_command(study, places, time_limit, Output(as_json=json, verbose=verbose))
    )
