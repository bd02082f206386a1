"""`StageRequest`: what a user asks of a stage, before anything is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hpsearch.errors import InputError
from hpsearch.execution.devices import MOST_WORKERS, Placement, place_workers
from hpsearch.search import ALGORITHMS, derive_seed
from hpsearch.search.pruning import PRUNERS
from hpsearch.spaces import MOST_FOLDS, Overrides
from hpsearch.stages.curve_asked import CurveAsked
from hpsearch.storage.places import absolute
from hpsearch.storage.study_facts import WITHOUT_SPACE
from hpsearch.training.precision import PRECISIONS

MOST = 10**9
"""Of anything that is counted; more is a slip of the hand."""
LARGEST_SEED = 2**32 - 1
"""What NumPy, scikit-learn and Keras all take."""
LONGEST = 10_000 * 86_400.0
"""Seconds; about as many as the clocks of operating systems can wait."""


def check_seconds(flag: str, seconds: float | None) -> None:
    """Refuse a time that is none.

    Raises:
        InputError: It is not above 0, or longer than any search.
    """
    if seconds is not None and not 0 < seconds <= LONGEST:
        raise InputError(
            f"{flag} is {seconds:g} s.", "Give a time such as 8h, of at most 10,000 days."
        )


def check_one_division(folds: int | None, validation_share: float | None) -> None:
    """Refuse folds of a size that they do not have.

    Raises:
        InputError: Both are given.
    """
    if (folds or 1) > 1 and validation_share is not None:
        raise InputError(
            f"--validation-share is given, but a {folds}-fold cross-validation has its own shares.",
            "Leave it out, or give --folds 1 for a single validation part.",
        )


EXECUTORS = ("local", "ray")


@dataclass(frozen=True)
class StageRequest:
    """What a user asks of a stage; None means the stage's own default.

    Args:
        stage: `coarse`, `fine`, `confirm` or `curves`.
        space: What names the search space.
        out: The run directory.
        source: The run directory whose narrowed space is searched.
        data: Folder or file with the data.
        trials: Number of trials that may finish.
        epochs: Most epochs a trial.
        patience: Epochs without improvement that end a trial.
        batch_size: Images a step.
        validation_share: Share of the training images kept for validation.
        folds: Folds of a cross-validation; 1 for a single training and validation part; None for
            what the source has, else the space.
        objective: Metric to compare by.
        seed: Seed of everything random; None is 0, or the source's seed.
        split_seed: Seed of the split into training and validation; None is `seed`.
        generation: How many stages came before this one; each draws other numbers.
        algorithm: `auto`, or one of `hpsearch.search.ALGORITHMS`.
        pruner: `auto`, `none`, `median`, `asha` or `hyperband`.
        grid_points: For `grid`: most values of an ordered hyperparameter.
        partial_grid: Allow a grid larger than the budget; its first points are tried.
        overrides: Changes to the space.
        tries: Points to try first, by name and text of the value.
        keep: Fine: names of hyperparameters to search as widely as the source did.
        top: Confirm: number of configurations.
        seeds: Confirm: number of seeds each. Curves: of each value, or draws of each size.
        race: Confirm: give up a configuration that is clearly worse.
        curve: Curves: what the curve is drawn against.
        retrain: Confirm: train the winner once more on training and validation images together.
        multi_crop: Confirm: score predictions over crops on the test split, too.
        max_params: Most weights of a model; one with more is not trained.
        max_latency: Most milliseconds a model may take for one image (median of 30 passes).
        deterministic: Make a trial give the same bits whenever it is trained.
        workers: Number of worker processes; 0 only creates the study, for others to work on.
        gpus: Which of the visible GPUs, counted from 0; None for all, none of them for ().
        workers_per_gpu: How many workers share a GPU; None: one, or as many as `workers` needs.
        precision: `auto`, or one of `hpsearch.training.precision.PRECISIONS`; None: `auto`, or
            that of the source. Confirm is always `float32`.
        executor: What runs the workers: `local`, this machine, or `ray`, a cluster.
        ray_address: Where the Ray cluster is; None: `$RAY_ADDRESS`, else a Ray of its own here.
        time_limit: Seconds after which to stop.
        trial_time_limit: Seconds after which a trial is ended, as failed with `timeout`.
        weights: File of pretrained weights; None for what the space names.
        skip_bad: Leave out images that cannot be read.
        overwrite: Delete a study that is in the way.
        storage: URL of the PostgreSQL database that is to hold the trials, or `journal`; None is
            `$HPSEARCH_STORAGE`, else the journal file. A study stays where it was created.
        command: The command line, for the record.

    Raises:
        InputError: A number or a name is impossible.
    """

    stage: str
    space: str
    out: Path
    source: Path | None = None
    data: Path | None = None
    trials: int | None = None
    epochs: int | None = None
    patience: int | None = None
    batch_size: int | None = None
    validation_share: float | None = None
    folds: int | None = None
    weights: Path | None = None
    objective: str = "val_accuracy"
    seed: int | None = None
    split_seed: int | None = None
    generation: int = 0
    algorithm: str = "auto"
    pruner: str = "auto"
    grid_points: int | None = None
    partial_grid: bool = False
    overrides: Overrides = field(default_factory=Overrides)
    tries: tuple[Mapping[str, str], ...] = ()
    keep: tuple[str, ...] = ()
    top: int | None = None
    seeds: int | None = None
    race: bool = True
    curve: CurveAsked | None = None
    retrain: bool = False
    multi_crop: bool = False
    max_params: int | None = None
    max_latency: float | None = None
    deterministic: bool = False
    workers: int | None = None
    gpus: tuple[int, ...] | None = None
    workers_per_gpu: int | None = None
    precision: str | None = None
    executor: str = "local"
    ray_address: str | None = None
    time_limit: float | None = None
    trial_time_limit: float | None = None
    skip_bad: bool = False
    overwrite: bool = False
    storage: str | None = field(default=None, repr=False)
    command: str = ""

    def __post_init__(self) -> None:
        self._check_counts()
        self._check_names()
        self._check_effort()
        if self.validation_share is not None and not 0 < self.validation_share < 1:
            raise InputError(
                f"--validation-share is {self.validation_share}.", "Give a share such as 0.2."
            )
        check_one_division(self.folds, self.validation_share)
        if self.source is not None and absolute(self.source) == absolute(self.out):
            raise InputError(
                f"{self.out} would hold its own source.", "Give another directory with --out."
            )
        if self.max_latency is not None and not 0 < self.max_latency < float("inf"):
            raise InputError(
                f"--max-latency is {self.max_latency}.", "Give milliseconds for one image, as 2.5."
            )

    def _check_counts(self) -> None:
        """Refuse impossible whole numbers."""
        for flag, number, least, most in (
            ("--trials", self.trials, 1, MOST),
            ("--epochs", self.epochs, 1, MOST),
            ("--patience", self.patience, 1, MOST),
            ("--batch-size", self.batch_size, 1, MOST),
            ("--folds", self.folds, 1, MOST_FOLDS),
            ("--grid-points", self.grid_points, 1, MOST),
            ("--top", self.top, 1, MOST),
            ("--seeds", self.seeds, 1, MOST),
            ("--seed", self.seed, 0, LARGEST_SEED),
            ("--max-params", self.max_params, 1, MOST**2),
            ("--workers-per-gpu", self.workers_per_gpu, 1, MOST_WORKERS),
        ):
            if number is not None and (type(number) is not int or not least <= number <= most):
                raise InputError(
                    f"{flag} is {number!r}.", f"Give a whole number from {least} to {most:,}."
                )

    def _check_names(self) -> None:
        """Refuse names of what does not exist, and settings of an algorithm that is not used."""
        if not self.objective.strip() or not self.objective.isprintable():
            raise InputError(
                f"--objective is {self.objective!r}.", "Give a metric such as val_accuracy."
            )
        if self.algorithm not in ("auto", *ALGORITHMS):
            raise InputError(
                f"No algorithm '{self.algorithm}'.", f"Use auto, {', '.join(ALGORITHMS)}."
            )
        if (self.grid_points is not None or self.partial_grid) and self.algorithm != "grid":
            flag = "--partial-grid" if self.grid_points is None else "--grid-points"
            raise InputError(
                f"{flag} is given, but --algorithm is {self.algorithm}.", "Add --algorithm grid."
            )
        if self.pruner not in ("auto", *PRUNERS):
            raise InputError(f"No pruner '{self.pruner}'.", f"Use auto, {', '.join(PRUNERS)}.")
        if self.precision not in (None, "auto", *PRECISIONS):
            raise InputError(
                f"No precision '{self.precision}'.", f"Use auto, {', '.join(PRECISIONS)}."
            )

    def _check_effort(self) -> None:
        """Refuse impossible numbers of what is no part of a study."""
        workers = self.workers
        if workers is not None and (type(workers) is not int or not 0 <= workers <= MOST_WORKERS):
            raise InputError(
                f"--workers is {workers!r}.",
                f"Give a whole number of at most {MOST_WORKERS:,}; 0 only creates the study for "
                "others to work on.",
            )
        if self.executor not in EXECUTORS:
            raise InputError(f"No executor '{self.executor}'.", f"Use {' or '.join(EXECUTORS)}.")
        if self.ray_address is not None and self.executor != "ray":
            raise InputError("--ray-address is given without Ray.", "Add --executor ray.")
        if self.gpus is not None and self.executor == "ray":
            raise InputError(
                "--gpus is given, but Ray chooses the GPUs of its nodes.",
                "Leave it out, or start Ray on the nodes with fewer (ray start --num-gpus).",
            )
        for flag, seconds in {
            "--time-limit": self.time_limit,
            "--trial-time-limit": self.trial_time_limit,
        }.items():
            check_seconds(flag, seconds)

    def placement(self) -> Placement:
        """Where workers train on this machine; on a cluster, where what is beside them runs.

        Raises:
            InputError: A GPU is not there, or so many workers do not fit.
        """
        if self.executor == "ray":
            return place_workers(1)
        return place_workers(self.workers, self.gpus, self.workers_per_gpu)

    @property
    def searches(self) -> bool:
        """Whether the stage searches a space; confirm and curves train given configurations."""
        return self.stage not in WITHOUT_SPACE

    @property
    def sampling_seed(self) -> int:
        """The seed from which this stage derives all others."""
        own = self.seed or 0
        return derive_seed(own, "generation", self.generation) if self.generation else own

    @property
    def direction(self) -> str:
        """Whether a larger objective is better, told by its name."""
        name = self.objective.removeprefix("val_").lower()
        smaller_is_better = ("loss", "error", "mae", "mse", "crossentropy", "divergence", "hinge")
        return "minimize" if name.endswith(smaller_is_better) else "maximize"
