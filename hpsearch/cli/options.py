"""The flags that several commands share, each with one name and one meaning everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SpaceOption = Annotated[
    str, typer.Option("--space", help="Search space: a name, a .py file, or file.py:object.")
]
OptionalSpaceOption = Annotated[
    str, typer.Option("--space", help="Space file, if it is not where the source found it.")
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="Folder, .zip, .csv or .npz file, file.py:function, or a name that `hpsearch data "
        "list` prints; default $HPSEARCH_DATA.",
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Run directory to write to or to continue; default in results/, or beside the source.",
    ),
]
FromOption = Annotated[
    Path, typer.Option("--from", help="Run directory of the stage to start from.")
]
TrialsOption = Annotated[
    int | None, typer.Option("--trials", help="Number of trials; default from the space.")
]
EpochsOption = Annotated[
    int | None, typer.Option("--epochs", help="Most epochs a trial; default from the space.")
]
PatienceOption = Annotated[
    int | None,
    typer.Option("--patience", help="End a trial after so many epochs without improvement."),
]
BatchSizeOption = Annotated[
    int | None,
    typer.Option("--batch-size", help="Images a step; fixes the hyperparameter if there is one."),
]
ValidationShareOption = Annotated[
    float | None,
    typer.Option("--validation-share", help="Share of the training images to validate on."),
]
FoldsOption = Annotated[
    int | None,
    typer.Option(
        "--folds",
        help="Cross-validate: compare trials by the mean over so many folds, 2 to 20, which costs "
        "as many times as much; 1 for a single validation part. For small data.",
    ),
]
WeightsOption = Annotated[
    Path | None,
    typer.Option(
        "--weights",
        help="File of pretrained weights for the base of a transfer space; default: ImageNet's, "
        "from $HPSEARCH_WEIGHTS_DIR, Keras's own folder or the network.",
    ),
]
ObjectiveOption = Annotated[
    str,
    typer.Option(
        "--objective",
        help="Metric to compare by, at the best epoch: val_accuracy, val_loss, val_macro_f1, "
        "val_balanced_accuracy, or any that the model was compiled with.",
    ),
]
SeedOption = Annotated[
    int | None, typer.Option("--seed", help="Seed of everything random; default 0.")
]
AlgorithmOption = Annotated[
    str, typer.Option("--algorithm", help="auto, random, sobol, grid, bayesian or cmaes.")
]
TryOption = Annotated[
    list[str] | None,
    typer.Option(
        "--try",
        metavar="NAME=VALUE,…",
        help="Try this point first, or those of a .json file; repeatable.",
    ),
]
PrunerOption = Annotated[
    str,
    typer.Option("--pruner", help="Stop bad trials early: auto, none, median, asha or hyperband."),
]
GridPointsOption = Annotated[
    int | None,
    typer.Option("--grid-points", help="Grid: most values of an ordered hyperparameter."),
]
PartialGridOption = Annotated[
    bool,
    typer.Option("--partial-grid", help="Grid: try only its first points if it is too large."),
]
FixOption = Annotated[
    list[str] | None,
    typer.Option("--fix", metavar="NAME=VALUE", help="Do not search NAME; repeatable."),
]
RangeOption = Annotated[
    list[str] | None,
    typer.Option("--range", metavar="NAME=LOW:HIGH", help="Search NAME in this range; repeatable."),
]
KeepOption = Annotated[
    list[str] | None,
    typer.Option("--keep", metavar="NAME", help="Do not narrow NAME; repeatable."),
]
RiskOption = Annotated[
    float,
    typer.Option("--risk", help="Risk of cutting off all that is as good as the best."),
]
TopOption = Annotated[
    int | None,
    typer.Option("--top", help="Number of configurations to confirm; the defaults are added."),
]
SeedsOption = Annotated[int | None, typer.Option("--seeds", help="Number of fresh seeds for each.")]
RetrainOption = Annotated[
    bool,
    typer.Option(
        "--retrain",
        help="Then train the winner once more on training and validation images together.",
    ),
]
MultiCropOption = Annotated[
    bool,
    typer.Option(
        "--multi-crop",
        help="Score the mean over crops at five scales on the test split, too, in the same look.",
    ),
]
MaxParamsOption = Annotated[
    str | None,
    typer.Option("--max-params", help="Do not train models with more weights, as 200k or 1.5M."),
]
MaxLatencyOption = Annotated[
    float | None,
    typer.Option(
        "--max-latency",
        help="Do not train models that take more milliseconds for one image (median of 30 passes).",
    ),
]
NoRaceOption = Annotated[
    bool, typer.Option("--no-race", help="Give every configuration all its seeds.")
]
WorkersOption = Annotated[
    str,
    typer.Option(
        "--workers",
        help="Number of worker processes, or auto: on processors as many as a short measurement "
        "finds fastest, each with its threads; 0 only creates the study, for "
        "`hpsearch worker` elsewhere, or closes one whose trials are done.",
    ),
]
GpusOption = Annotated[
    str | None,
    typer.Option(
        "--gpus",
        help="GPUs to use, as 0,2, counted among those that are visible; none: the processor only.",
    ),
]
WorkersPerGpuOption = Annotated[
    int | None,
    typer.Option("--workers-per-gpu", help="Workers that share a GPU and its memory; default 1."),
]
PrecisionOption = Annotated[
    str | None,
    typer.Option(
        "--precision",
        help="float32, mixed_bfloat16, mixed_float16; auto, the default: a lower one where a "
        "timed probe shows that it pays.",
    ),
]
ExecutorOption = Annotated[
    str,
    typer.Option(
        "--executor",
        help="What runs the workers: local, this machine, or ray, a cluster (docs/clusters.md).",
    ),
]
RayAddressOption = Annotated[
    str | None,
    typer.Option(
        "--ray-address",
        help="Ray cluster, as host:port, ray://host:port, or auto for the one of this machine; "
        "default $RAY_ADDRESS, else a new Ray on this machine.",
    ),
]
TimeLimitOption = Annotated[
    str | None,
    typer.Option("--time-limit", help="Stop after this time, as 30m or 8h; exit status 3."),
]
TrialTimeLimitOption = Annotated[
    str | None,
    typer.Option("--trial-time-limit", help="End a trial that takes longer, as 30m; it failed."),
]
RoundsOption = Annotated[
    str,
    typer.Option(
        "--rounds",
        help="Rounds of fine, each narrowing for the next; auto: while another one promises more "
        "than the noise of seeds.",
    ),
]
DeterministicOption = Annotated[
    bool,
    typer.Option(
        "--deterministic",
        help="Train to the same bits each time: one thread a worker, no operation with races.",
    ),
]
SkipBadOption = Annotated[
    bool, typer.Option("--skip-bad", help="Leave out and count images that cannot be read.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Print the plan and the estimated hours, then end.")
]
VerboseOption = Annotated[
    bool,
    typer.Option(
        "--verbose",
        envvar="HPSEARCH_VERBOSE",
        help="Say of every trial that ends where its seconds went, and whether it was trained by "
        "the graph of an earlier one.",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on standard output.")
]
StorageOption = Annotated[
    str | None,
    typer.Option(
        "--storage",
        metavar="URL",
        help="Keep the trials of a new study in this PostgreSQL database, "
        "postgresql://user@host/database, instead of the journal file; default "
        "$HPSEARCH_STORAGE. A study stays where it was created, and no stage inherits another's.",
    ),
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Delete a study that is in the way.")
]
