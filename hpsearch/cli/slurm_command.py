"""The command `hpsearch slurm`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hpsearch.cli import options as given
from hpsearch.cli.commands import app

StageOption = Annotated[
    str, typer.Option("--stage", help="coarse, fine, confirm, or all of them after each other.")
]
SourceOption = Annotated[
    Path | None,
    typer.Option("--from", help="Run directory to start from, for fine and confirm alone."),
]
JobsOutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Run directory of the stage; with --stage all the directory in which each stage has "
        "its own, default results.",
    ),
]
CountOption = Annotated[
    int, typer.Option("--workers", min=1, help="Number of workers: tasks of the job array.")
]
GpusOption = Annotated[
    str | None, typer.Option("--gpus-per-task", help="GPUs of a worker, as 1 or a100:1.")
]
CpusOption = Annotated[int | None, typer.Option("--cpus-per-task", help="Cores of a worker.")]
JobTimeOption = Annotated[
    str | None,
    typer.Option(
        "--time-limit",
        help="Time limit of each job, as 4h; who has more to do then is requeued and continues.",
    ),
]
RestartsOption = Annotated[
    int, typer.Option("--restarts", min=0, help="How often a job may start anew at most.")
]
PartitionOption = Annotated[str | None, typer.Option("--partition", help="Partition.")]
AccountOption = Annotated[str | None, typer.Option("--account", help="Account to charge.")]
QosOption = Annotated[str | None, typer.Option("--qos", help="Quality of service.")]
MemoryOption = Annotated[str | None, typer.Option("--mem", help="Memory of a worker, as 16G.")]
SetupOption = Annotated[
    Path | None,
    typer.Option(
        "--setup", help="Shell file that each job reads first: modules, environments, containers."
    ),
]
FurtherOption = Annotated[
    list[str] | None,
    typer.Option(
        "--sbatch",
        metavar="OPTION",
        help="One more option for sbatch, as --sbatch=--constraint=a100; repeatable.",
    ),
]
CoarseFlagsOption = Annotated[
    str, typer.Option("--coarse", metavar="FLAGS", help="Flags of hpsearch coarse, in one string.")
]
FineFlagsOption = Annotated[
    str, typer.Option("--fine", metavar="FLAGS", help="Flags of hpsearch fine, in one string.")
]
ConfirmFlagsOption = Annotated[
    str,
    typer.Option("--confirm", metavar="FLAGS", help="Flags of hpsearch confirm, in one string."),
]
SubmitOption = Annotated[
    bool,
    typer.Option("--submit", help="Create the study here and submit, instead of only printing."),
]


@app.command()
def slurm(
    space: given.OptionalSpaceOption = "",
    stage: StageOption = "all",
    from_: SourceOption = None,
    data: given.DataOption = None,
    out: JobsOutOption = None,
    workers: CountOption = 4,
    gpus_per_task: GpusOption = None,
    cpus_per_task: CpusOption = None,
    mem: MemoryOption = None,
    time_limit: JobTimeOption = None,
    restarts: RestartsOption = 10,
    partition: PartitionOption = None,
    account: AccountOption = None,
    qos: QosOption = None,
    sbatch: FurtherOption = None,
    setup: SetupOption = None,
    coarse: CoarseFlagsOption = "",
    fine: FineFlagsOption = "",
    confirm: ConfirmFlagsOption = "",
    submit: SubmitOption = False,
    json: given.JsonOption = False,
) -> None:
    """Print the batch jobs of a search under Slurm, or submit them; the same command continues.

    What is printed is a shell script that does what --submit does: it creates the study here,
    with the data fetched, and submits an array of workers for each stage, a job that closes the
    stage and begins the next, and at last the report. Without --submit nothing is written.
    """
    from hpsearch.batch import Resources
    from hpsearch.cli.batch_jobs import slurm_command
    from hpsearch.cli.batch_request import BatchRequest
    from hpsearch.cli.durations import parse_duration

    resources = Resources(
        seconds=parse_duration(time_limit),
        gpus=gpus_per_task,
        cpus=cpus_per_task,
        memory=mem,
        partition=partition,
        account=account,
        qos=qos,
        further=tuple(sbatch or ()),
    )
    flags = {"coarse": coarse, "fine": fine, "confirm": confirm}
    request = BatchRequest(
        stage, space, from_, data, out, flags, resources, workers, restarts, setup
    )
    raise typer.Exit(slurm_command(request, submitting=submit, as_json=json))
