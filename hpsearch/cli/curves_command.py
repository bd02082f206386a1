"""The command `hpsearch curves`: what more images, another value or another sample would do."""

from __future__ import annotations

from typing import Annotated

import typer

from hpsearch.cli import options as given
from hpsearch.cli.commands import app
from hpsearch.cli.output import Output

SizesOption = Annotated[
    int | None,
    typer.Option(
        "--sizes",
        help="Train on so many sizes of the training set, each half of the next: is it data that "
        "is missing?",
    ),
]
VaryOption = Annotated[
    str | None,
    typer.Option(
        "--vary",
        metavar="NAME[=VALUE,…]",
        help="Vary one hyperparameter, all else fixed: by default seven values over its range.",
    ),
]
BootstrapsOption = Annotated[
    int | None,
    typer.Option(
        "--bootstraps",
        help="Train on so many bootstrap samples and tell bias from variance, by class, too.",
    ),
]
SeedsOption = Annotated[
    int | None,
    typer.Option("--seeds", help="Trainings of each point, on other images or seeds; default 3."),
]


@app.command()
def curves(
    from_: given.FromOption,
    sizes: SizesOption = None,
    vary: VaryOption = None,
    bootstraps: BootstrapsOption = None,
    seeds: SeedsOption = None,
    space: given.OptionalSpaceOption = "",
    data: given.DataOption = None,
    out: given.OutOption = None,
    epochs: given.EpochsOption = None,
    patience: given.PatienceOption = None,
    seed: given.SeedOption = None,
    workers: given.WorkersOption = "auto",
    gpus: given.GpusOption = None,
    workers_per_gpu: given.WorkersPerGpuOption = None,
    executor: given.ExecutorOption = "local",
    ray_address: given.RayAddressOption = None,
    time_limit: given.TimeLimitOption = None,
    trial_time_limit: given.TrialTimeLimitOption = None,
    storage: given.StorageOption = None,
    overwrite: given.OverwriteOption = False,
    dry_run: given.DryRunOption = False,
    verbose: given.VerboseOption = False,
    json: given.JsonOption = False,
) -> None:
    """Train the winner again to draw one of its curves, and say in words what it shows."""
    from hpsearch.cli.running import make_request, run_stage_command
    from hpsearch.stages import CurveAsked, prepare_curves, run_curves

    asked = CurveAsked.parse(sizes, vary, bootstraps)
    request = make_request(
        "curves",
        space=space,
        out=out or from_.parent / asked.folder,
        source=from_,
        curve=asked,
        data=data,
        seeds=seeds,
        epochs=epochs,
        patience=patience,
        seed=seed,
        workers=workers,
        gpus=gpus,
        workers_per_gpu=workers_per_gpu,
        executor=executor,
        ray_address=ray_address,
        time_limit=time_limit,
        trial_time_limit=trial_time_limit,
        storage=storage,
        overwrite=overwrite,
    )
    status = run_stage_command(
        request, prepare_curves, run_curves, output=Output(dry_run, json, verbose)
    )
    raise typer.Exit(status)
