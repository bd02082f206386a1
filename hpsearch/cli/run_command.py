"""The command `hpsearch run`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hpsearch.cli import options as given
from hpsearch.cli.commands import app
from hpsearch.cli.output import Output

RunOutOption = Annotated[
    Path, typer.Option("--out", help="Directory of the run; its stages lie below it.")
]
RunTrialsOption = Annotated[
    int | None, typer.Option("--trials", help="Budget of the run: trials of all stages together.")
]
RunEpochsOption = Annotated[
    int | None, typer.Option("--epochs", help="Budget of the run: epochs of all trials together.")
]
RunTimeOption = Annotated[
    str | None,
    typer.Option(
        "--time-limit",
        help="Budget of the run as time, such as 8h, counted over invocations; beside --trials "
        "or --epochs the most one invocation may take (exit status 3).",
    ),
]


@app.command()
def run(
    space: given.SpaceOption,
    data: given.DataOption = None,
    out: RunOutOption = Path("results/run"),
    trials: RunTrialsOption = None,
    epochs: RunEpochsOption = None,
    time_limit: RunTimeOption = None,
    trial_time_limit: given.TrialTimeLimitOption = None,
    rounds: given.RoundsOption = "1",
    top: given.TopOption = None,
    seeds: given.SeedsOption = None,
    patience: given.PatienceOption = None,
    batch_size: given.BatchSizeOption = None,
    validation_share: given.ValidationShareOption = None,
    folds: given.FoldsOption = None,
    weights: given.WeightsOption = None,
    objective: given.ObjectiveOption = "val_accuracy",
    pruner: given.PrunerOption = "auto",
    try_: given.TryOption = None,
    fix: given.FixOption = None,
    range_: given.RangeOption = None,
    max_params: given.MaxParamsOption = None,
    max_latency: given.MaxLatencyOption = None,
    retrain: given.RetrainOption = False,
    multi_crop: given.MultiCropOption = False,
    seed: given.SeedOption = None,
    deterministic: given.DeterministicOption = False,
    workers: given.WorkersOption = "auto",
    gpus: given.GpusOption = None,
    workers_per_gpu: given.WorkersPerGpuOption = None,
    precision: given.PrecisionOption = None,
    storage: given.StorageOption = None,
    executor: given.ExecutorOption = "local",
    ray_address: given.RayAddressOption = None,
    skip_bad: given.SkipBadOption = False,
    overwrite: given.OverwriteOption = False,
    dry_run: given.DryRunOption = False,
    verbose: given.VerboseOption = False,
    json: given.JsonOption = False,
) -> None:
    """Run coarse, fine, confirm and the report under one budget; the same command continues."""
    from hpsearch.cli.running import settings_of
    from hpsearch.cli.whole_run import run_command
    from hpsearch.runs import RunRequest
    from hpsearch.stages import Rounds

    settings = settings_of(
        out=out,
        data=data,
        trials=trials,
        epochs=epochs,
        top=top,
        seeds=seeds,
        patience=patience,
        batch_size=batch_size,
        validation_share=validation_share,
        folds=folds,
        weights=weights,
        objective=objective,
        pruner=pruner,
        tries=try_,
        fix=fix,
        limit=range_,
        max_params=max_params,
        max_latency=max_latency,
        retrain=retrain,
        multi_crop=multi_crop,
        seed=seed,
        deterministic=deterministic,
        workers=workers,
        gpus=gpus,
        workers_per_gpu=workers_per_gpu,
        precision=precision,
        executor=executor,
        ray_address=ray_address,
        time_limit=time_limit,
        trial_time_limit=trial_time_limit,
        storage=storage,
        skip_bad=skip_bad,
        overwrite=overwrite,
    )
    request = RunRequest(space, rounds=Rounds.parse(rounds), **settings)
    raise typer.Exit(run_command(request, output=Output(dry_run, json, verbose)))
