"""`RunRequest`: what a user asks of a whole run, before anything is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hpsearch.errors import InputError
from hpsearch.spaces import Budget, Overrides, SearchSpace
from hpsearch.stages import Rounds, StageRequest
from hpsearch.storage.places import absolute

FEWEST_TRIALS = 2


@dataclass(frozen=True)
class RunRequest:
    """What a user asks of a run of all stages; None means the space's own.

    Args:
        space: What names the search space.
        out: The directory that will hold the stages.
        data: Folder or file with the data.
        trials: The budget as trials of all stages together.
        epochs: The budget as epochs of all trials together.
        time_limit: Seconds: the budget over all invocations; with another budget the most that
            one invocation may take.
        trial_time_limit: Seconds after which a trial is ended, as failed.
        rounds: How many rounds of fine.
        top: Number of configurations to confirm.
        seeds: Number of fresh seeds each.
        patience: Epochs without improvement that end a trial.
        batch_size: Images a step.
        validation_share: Share of the training images kept for validation.
        folds: Folds of a cross-validation; 1 for none.
        weights: File of pretrained weights; None for what the space names.
        objective: Metric to compare by.
        seed: Seed of everything random.
        pruner: What ends hopeless trials of coarse and fine early.
        retrain: Train the winner once more on training and validation images together.
        multi_crop: Score predictions over crops on the test split, too.
        max_params: Most weights of a model.
        max_latency: Most milliseconds a model may take for one image.
        deterministic: Make a trial give the same bits whenever it is trained.
        overrides: Changes to the space.
        tries: Points to try first.
        workers: Number of worker processes.
        gpus: Which of the visible GPUs, counted from 0; None for all, none of them for ().
        workers_per_gpu: How many workers share a GPU.
        precision: `auto`, or one of `hpsearch.training.precision.PRECISIONS`; None is `auto`.
        executor: What runs the workers: `local` or `ray`.
        ray_address: Where the Ray cluster is.
        skip_bad: Leave out images that cannot be read.
        overwrite: Delete a run that is in the way.
        storage: URL of the PostgreSQL database for the trials of every stage, or `journal`; None
            is `$HPSEARCH_STORAGE`, else the journal file.
        command: The command line, for the record.

    Raises:
        InputError: A number is impossible, or there are two budgets.
    """

    space: str
    out: Path = Path("results/run")
    data: Path | None = None
    trials: int | None = None
    epochs: int | None = None
    time_limit: float | None = None
    trial_time_limit: float | None = None
    rounds: Rounds = field(default_factory=Rounds)
    top: int | None = None
    seeds: int | None = None
    patience: int | None = None
    batch_size: int | None = None
    validation_share: float | None = None
    folds: int | None = None
    weights: Path | None = None
    objective: str = "val_accuracy"
    seed: int | None = None
    pruner: str = "auto"
    retrain: bool = False
    multi_crop: bool = False
    max_params: int | None = None
    max_latency: float | None = None
    deterministic: bool = False
    overrides: Overrides = field(default_factory=Overrides)
    tries: tuple[Mapping[str, str], ...] = ()
    workers: int | None = None
    gpus: tuple[int, ...] | None = None
    workers_per_gpu: int | None = None
    precision: str | None = None
    executor: str = "local"
    ray_address: str | None = None
    skip_bad: bool = False
    overwrite: bool = False
    storage: str | None = field(default=None, repr=False)
    command: str = ""

    def __post_init__(self) -> None:
        if self.trials is not None and self.epochs is not None:
            raise InputError(
                "Both --trials and --epochs are given.", "Give one budget for the whole run."
            )
        for flag, number in {"--trials": self.trials, "--epochs": self.epochs}.items():
            if number is not None and (type(number) is not int or number < FEWEST_TRIALS):
                raise InputError(
                    f"{flag} is {number!r}, for the whole run.",
                    f"Give {FEWEST_TRIALS} or more, for coarse and fine.",
                )
        if self.workers == 0:
            raise InputError(
                "--workers is 0, but a run trains here.",
                "Create stages one by one: hpsearch coarse --workers 0 …, then hpsearch worker.",
            )
        self.stage("coarse")  # whose checks hold here as well

    @property
    def currency(self) -> str:
        """What the budget is counted in: `trials`, `epochs`, `seconds`, or `own` of the space."""
        if self.trials is not None:
            return "trials"
        if self.epochs is not None:
            return "epochs"
        return "own" if self.time_limit is None else "seconds"

    @property
    def amount(self) -> float:
        """The budget in its currency; infinite where it is the space's own."""
        given = {"trials": self.trials, "epochs": self.epochs, "seconds": self.time_limit}
        amount = given.get(self.currency)
        return float("inf") if amount is None else float(amount)

    def stage(self, stage: str, **settings: Any) -> StageRequest:
        """What the run asks of its first stage."""
        return StageRequest(
            stage,
            self.space,
            self.out / stage,
            data=self.data,
            patience=self.patience,
            batch_size=self.batch_size,
            validation_share=self.validation_share,
            folds=self.folds,
            weights=self.weights,
            objective=self.objective,
            seed=self.seed,
            pruner=self.pruner,
            max_params=self.max_params,
            max_latency=self.max_latency,
            deterministic=self.deterministic,
            overrides=self.overrides,
            tries=self.tries,
            workers=self.workers,
            gpus=self.gpus,
            workers_per_gpu=self.workers_per_gpu,
            executor=self.executor,
            ray_address=self.ray_address,
            trial_time_limit=self.trial_time_limit,
            precision=self.precision,
            skip_bad=self.skip_bad,
            storage=self.storage,
            command=self.command,
            time_limit=self.time_limit,
            top=self.top,
            seeds=self.seeds,
            **settings,
        )

    def later_stage(self, stage: str, source: Path, **settings: Any) -> StageRequest:
        """What the run asks of a stage that goes on from another one."""
        return StageRequest(
            stage,
            "",
            self.out / stage,
            source=source,
            patience=self.patience,
            pruner=self.pruner if stage == "fine" else "auto",
            retrain=self.retrain and stage == "confirm",
            multi_crop=self.multi_crop and stage == "confirm",
            workers=self.workers,
            gpus=self.gpus,
            workers_per_gpu=self.workers_per_gpu,
            executor=self.executor,
            ray_address=self.ray_address,
            trial_time_limit=self.trial_time_limit,
            storage=self.storage,
            command=self.command,
            **settings,
        )

    def own_budgets(self, space: SearchSpace) -> dict[str, Budget]:
        """The budget of each stage as the space has it, with `--top` and `--seeds`."""
        confirm = replace(
            space.confirm,
            top=self.top or space.confirm.top,
            seeds=self.seeds or space.confirm.seeds,
        )
        return {"coarse": space.coarse, "fine": space.fine, "confirm": confirm}

    def identity(self) -> dict[str, Any]:
        """What makes a run what it is; the code of the space and the data belong to its stages."""
        return {
            "space": self.space,
            "data_path": str(absolute(self.data)) if self.data else None,
            "trials": self.trials,
            "epochs": self.epochs,
            "time_limit": self.time_limit if self.currency == "seconds" else None,
            "rounds": str(self.rounds),
            "top": self.top,
            "seeds": self.seeds,
            "patience": self.patience,
            "batch_size": self.batch_size,
            "validation_share": self.validation_share,
            "folds": self.folds,
            "weights": str(self.weights) if self.weights else None,
            "objective": self.objective,
            "seed": self.seed or 0,
            "pruner": self.pruner,
            "precision": self.precision or "auto",
            "retrain": self.retrain,
            "multi_crop": self.multi_crop or None,
            "max_params": self.max_params,
            "max_latency": self.max_latency,
            "deterministic": self.deterministic or None,
            "overrides": self.overrides.to_json(),
            "tries": [dict(point) for point in self.tries],
            "skip_bad": self.skip_bad,
        }
