"""The commands of `hpsearch`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hpsearch.cli import options as given
from hpsearch.cli.output import Output

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Coarse-to-fine hyperparameter search for Keras image classifiers, with reasons.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from hpsearch import __version__

        sys.stdout.write(f"hpsearch {__version__}\n")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Coarse-to-fine hyperparameter search for Keras image classifiers, with reasons."""


@app.command()
def spaces(
    name: Annotated[
        str | None, typer.Argument(help="A name or a .py file, to see that space in detail.")
    ] = None,
    data: given.DataOption = None,
    json: given.JsonOption = False,
) -> None:
    """List the search spaces that can be given by name, or show one in detail."""
    if name is not None:
        from hpsearch.cli.space_details import show_space

        show_space(name, data, as_json=json)
        return
    from hpsearch.cli.printing import print_json, print_table
    from hpsearch.spaces import find_spaces

    found = find_spaces().values()
    if json:
        print_json(
            {
                "spaces": [
                    {
                        "name": s.name,
                        "summary": s.summary,
                        "dataset": s.dataset,
                        "path": s.path and str(s.path),
                    }
                    for s in found
                ]
            }
        )
        return
    print_table(("space", "data set", "about"), [(s.name, s.dataset, s.summary) for s in found])


@app.command()
def coarse(
    space: given.SpaceOption,
    data: given.DataOption = None,
    out: given.OutOption = None,
    trials: given.TrialsOption = None,
    epochs: given.EpochsOption = None,
    patience: given.PatienceOption = None,
    batch_size: given.BatchSizeOption = None,
    validation_share: given.ValidationShareOption = None,
    folds: given.FoldsOption = None,
    weights: given.WeightsOption = None,
    objective: given.ObjectiveOption = "val_accuracy",
    algorithm: given.AlgorithmOption = "auto",
    pruner: given.PrunerOption = "auto",
    grid_points: given.GridPointsOption = None,
    partial_grid: given.PartialGridOption = False,
    try_: given.TryOption = None,
    fix: given.FixOption = None,
    range_: given.RangeOption = None,
    max_params: given.MaxParamsOption = None,
    max_latency: given.MaxLatencyOption = None,
    seed: given.SeedOption = None,
    deterministic: given.DeterministicOption = False,
    workers: given.WorkersOption = "auto",
    gpus: given.GpusOption = None,
    workers_per_gpu: given.WorkersPerGpuOption = None,
    precision: given.PrecisionOption = None,
    executor: given.ExecutorOption = "local",
    ray_address: given.RayAddressOption = None,
    time_limit: given.TimeLimitOption = None,
    trial_time_limit: given.TrialTimeLimitOption = None,
    storage: given.StorageOption = None,
    skip_bad: given.SkipBadOption = False,
    overwrite: given.OverwriteOption = False,
    dry_run: given.DryRunOption = False,
    verbose: given.VerboseOption = False,
    json: given.JsonOption = False,
) -> None:
    """Search the whole space with many short trials, then narrow it with reasons."""
    from hpsearch.cli.running import make_request, run_stage_command
    from hpsearch.stages import prepare, run_coarse

    request = make_request(
        "coarse",
        space=space,
        out=out or Path("results/coarse"),
        data=data,
        trials=trials,
        epochs=epochs,
        patience=patience,
        batch_size=batch_size,
        validation_share=validation_share,
        folds=folds,
        weights=weights,
        objective=objective,
        algorithm=algorithm,
        pruner=pruner,
        grid_points=grid_points,
        partial_grid=partial_grid,
        tries=try_,
        fix=fix,
        limit=range_,
        max_params=max_params,
        max_latency=max_latency,
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
    status = run_stage_command(request, prepare, run_coarse, output=Output(dry_run, json, verbose))
    raise typer.Exit(status)


@app.command()
def fine(
    from_: given.FromOption,
    space: given.OptionalSpaceOption = "",
    data: given.DataOption = None,
    out: given.OutOption = None,
    trials: given.TrialsOption = None,
    epochs: given.EpochsOption = None,
    patience: given.PatienceOption = None,
    batch_size: given.BatchSizeOption = None,
    folds: given.FoldsOption = None,
    weights: given.WeightsOption = None,
    algorithm: given.AlgorithmOption = "auto",
    pruner: given.PrunerOption = "auto",
    grid_points: given.GridPointsOption = None,
    partial_grid: given.PartialGridOption = False,
    try_: given.TryOption = None,
    fix: given.FixOption = None,
    range_: given.RangeOption = None,
    max_params: given.MaxParamsOption = None,
    max_latency: given.MaxLatencyOption = None,
    keep: given.KeepOption = None,
    seed: given.SeedOption = None,
    deterministic: given.DeterministicOption = False,
    workers: given.WorkersOption = "auto",
    gpus: given.GpusOption = None,
    workers_per_gpu: given.WorkersPerGpuOption = None,
    precision: given.PrecisionOption = None,
    executor: given.ExecutorOption = "local",
    ray_address: given.RayAddressOption = None,
    rounds: given.RoundsOption = "1",
    time_limit: given.TimeLimitOption = None,
    trial_time_limit: given.TrialTimeLimitOption = None,
    storage: given.StorageOption = None,
    overwrite: given.OverwriteOption = False,
    dry_run: given.DryRunOption = False,
    verbose: given.VerboseOption = False,
    json: given.JsonOption = False,
) -> None:
    """Search in detail what an earlier stage left of the space."""
    from hpsearch.cli.running import make_request, run_stage_command
    from hpsearch.stages import Rounds, default_out, prepare_fine, run_fine

    request = make_request(
        "fine",
        space=space,
        out=out or default_out(from_),
        source=from_,
        data=data,
        trials=trials,
        epochs=epochs,
        patience=patience,
        batch_size=batch_size,
        folds=folds,
        weights=weights,
        algorithm=algorithm,
        pruner=pruner,
        grid_points=grid_points,
        partial_grid=partial_grid,
        tries=try_,
        fix=fix,
        limit=range_,
        max_params=max_params,
        max_latency=max_latency,
        keep=tuple(keep or ()),
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
        overwrite=overwrite,
    )
    asked = Rounds.parse(rounds)
    if asked.most > 1:
        from hpsearch.cli.whole_run import rounds_command

        raise typer.Exit(rounds_command(request, asked, output=Output(dry_run, json, verbose)))
    status = run_stage_command(
        request, prepare_fine, run_fine, output=Output(dry_run, json, verbose)
    )
    raise typer.Exit(status)


@app.command()
def confirm(
    from_: given.FromOption,
    space: given.OptionalSpaceOption = "",
    data: given.DataOption = None,
    out: given.OutOption = None,
    top: given.TopOption = None,
    seeds: given.SeedsOption = None,
    no_race: given.NoRaceOption = False,
    epochs: given.EpochsOption = None,
    patience: given.PatienceOption = None,
    retrain: given.RetrainOption = False,
    multi_crop: given.MultiCropOption = False,
    max_params: given.MaxParamsOption = None,
    max_latency: given.MaxLatencyOption = None,
    seed: given.SeedOption = None,
    deterministic: given.DeterministicOption = False,
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
    """Train the best configurations and the defaults from fresh seeds; then test them, once."""
    from hpsearch.cli.running import make_request, run_stage_command
    from hpsearch.stages import prepare_confirm, run_confirm

    request = make_request(
        "confirm",
        space=space,
        out=out or from_.parent / "confirm",
        source=from_,
        data=data,
        top=top,
        seeds=seeds,
        race=not no_race,
        epochs=epochs,
        patience=patience,
        retrain=retrain,
        multi_crop=multi_crop,
        max_params=max_params,
        max_latency=max_latency,
        seed=seed,
        deterministic=deterministic,
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
        request, prepare_confirm, run_confirm, output=Output(dry_run, json, verbose)
    )
    raise typer.Exit(status)


@app.command()
def narrow(
    from_: given.FromOption,
    risk: given.RiskOption = 0.05,
    keep: given.KeepOption = None,
    fix: given.FixOption = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Write over edits of narrowed_space.json.")
    ] = False,
    json: given.JsonOption = False,
) -> None:
    """Narrow the space by the trials so far and write narrowed_space.json, unless edited."""
    from hpsearch.cli.narrowing import narrow_command

    said = {"risk": risk, "keep": keep or (), "fix": fix or (), "overwrite": overwrite}
    narrow_command(from_, said, as_json=json)


@app.command()
def report(
    directories: Annotated[
        list[Path] | None, typer.Argument(help="Run directories; default results.")
    ] = None,
    models: Annotated[
        bool | None,
        typer.Option(
            "--models/--no-models",
            help="Look at the winners' models first, where nobody has: predictions, filters. That "
            "runs the study's space file; default only for spaces that hpsearch brings along.",
            show_default=False,
        ),
    ] = None,
    json: given.JsonOption = False,
) -> None:
    """Write the report page with its figures, and print where it is."""
    from hpsearch.cli.report_command import report_command

    report_command(directories or [Path("results")], models=models, as_json=json)
