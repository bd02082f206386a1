"""`StudyPlan`: everything a worker must know to train the trials of a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hpsearch.counting import count_of
from hpsearch.errors import DataError, InputError, StudyError
from hpsearch.execution.prior import read_prior
from hpsearch.execution.replicates import Replicates
from hpsearch.search import Sampler, make_sampler
from hpsearch.search.pruning import Pruner, make_pruner
from hpsearch.spaces import Grid, Overrides, SearchSpace, Space
from hpsearch.storage import RunDirectory
from hpsearch.training.precision import Arithmetic

if TYPE_CHECKING:
    from hpsearch.data import Dataset, LoadedData
    from hpsearch.training.trial import TrialSettings


@dataclass(frozen=True)
class DataRequest:
    """What to load and how to split it.

    Args:
        source: Folder, file, name or ``file.py:function`` given with `--data`; None for what the
            data set finds itself.
        seed: Seed of the split.
        validation_share: Share of the training images kept for validation; None for the data
            set's own default.
        skip_bad: Leave out images that cannot be read.
        folds: Folds of the cross-validation; 1 for a single training and validation part.
        weights: File of pretrained weights; None for what the space names.
    """

    source: str | None = None
    seed: int = 0
    validation_share: float | None = None
    skip_bad: bool = False
    folds: int = 1
    weights: str | None = None

    def dataset(self, space: SearchSpace) -> Dataset | None:
        """The data set to use; None if neither the space nor the user names one."""
        from hpsearch.data import dataset_for

        return dataset_for(space.dataset, self.source)

    def bind(self, space: SearchSpace) -> None:
        """Let the space see the data set that is used, as its models take its shape and classes.

        Where the space declares a data set whose shape and classes are its own, it keeps it.
        """
        if space.dataset is None or hasattr(space.dataset, "bound"):
            space.dataset = self.dataset(space)
        if self.weights is not None:
            check_takes_weights(space)
            space.weights = self.weights  # type: ignore[attr-defined]

    def load(self, space: SearchSpace, progress: Any = None) -> LoadedData | None:
        """Load the data, divided into folds if there are to be some; None if the space has none.

        Raises:
            DataError: The data cannot be used, or do not fit the space.
        """
        from hpsearch.data.catalogue import path_of
        from hpsearch.data.folds import with_folds

        dataset = self.dataset(space)
        if dataset is None:
            self._check_nothing_asked()
            return None
        loaded = dataset.load(
            path_of(self.source),
            seed=self.seed,
            validation_share=self.validation_share,
            skip_bad=self.skip_bad,
            progress=progress,
        )
        _check_fit(space.dataset, loaded)
        return with_folds(loaded, self.folds, self.seed) if self.folds > 1 else loaded

    def _check_nothing_asked(self) -> None:
        """Refuse to divide data that are not there."""
        for flag, given in (
            ("--validation-share", self.validation_share is not None),
            ("--folds", self.folds > 1),
        ):
            if given:
                raise DataError(
                    f"{flag} is given, but the space has no data.",
                    "Leave it out, or give data with --data.",
                )


def check_takes_weights(space: SearchSpace) -> None:
    """Refuse weights where no model would be built on them.

    Raises:
        InputError: The space has no pretrained base.
    """
    if not hasattr(space, "weights"):
        raise InputError(
            "--weights is given, but the space has no pretrained base.",
            "Leave it out, or give the space an attribute weights that its build(hp) hands over.",
        )


def _check_fit(declared: Any, loaded: LoadedData) -> None:
    """Refuse images of another shape than the space was written for."""
    if declared is None:
        return
    shape = tuple(loaded.train.images.shape[1:])
    if shape != tuple(declared.image_shape):
        raise DataError(
            f"The images are {shape}, but the space was written for {declared.image_shape}.",
            "Give other data, or a space with a dataset of that shape.",
        )
    if loaded.num_classes > declared.num_classes:
        raise DataError(
            f"The data have {count_of(loaded.num_classes, 'class', 'classes')}, but the space was "
            f"written for {declared.num_classes}.",
            "Give other data, or a space with that number of classes.",
        )


@dataclass(frozen=True)
class TrainingPlan:
    """How every trial of a study is trained and judged.

    Args:
        objective: Metric to compare by.
        direction: `maximize` or `minimize`.
        epochs: Most epochs a trial.
        patience: Epochs without improvement that end a trial; None trains on.
        batch_size: Images a step where the space has no `batch_size`.
        precision: One of `hpsearch.training.precision.PRECISIONS`.
        max_params: Most weights of a model; None for no limit.
        max_latency: Most milliseconds a model may take for one image; None for no limit.
        deterministic: Whether the same trial must give the same bits: one thread a worker and
            deterministic operations only.
        xla: Whether XLA compiles training steps.
        precision_gain: How many times as fast as float32 that was in the probe.
        precision_reason: Why so, for people.
    """

    objective: str = "val_accuracy"
    direction: str = "maximize"
    epochs: int = 5
    patience: int | None = None
    batch_size: int = 32
    precision: str = "float32"
    max_params: int | None = None
    max_latency: float | None = None
    deterministic: bool = False
    xla: bool = False
    precision_gain: float = 1.0
    precision_reason: str = ""

    @property
    def arithmetic(self) -> Arithmetic:
        """How models compute."""
        return Arithmetic(self.precision, self.xla, self.precision_gain, self.precision_reason)

    def computing(self, arithmetic: Arithmetic) -> TrainingPlan:
        """The same with another arithmetic."""
        return replace(
            self,
            precision=arithmetic.precision,
            xla=arithmetic.xla,
            precision_gain=arithmetic.gain,
            precision_reason=arithmetic.reason,
        )

    def settings(self) -> TrialSettings:
        """What training a trial must know of it."""
        from hpsearch.training.constraints import Constraints
        from hpsearch.training.trial import TrialSettings

        return TrialSettings(
            self.objective,
            self.direction,
            self.epochs,
            self.patience,
            self.batch_size,
            Constraints(self.max_params, self.max_latency),
            self.arithmetic,
        )


@dataclass(frozen=True)
class PruningPlan:
    """How trials are stopped early.

    Args:
        pruner: `none`, `median`, `asha` or `hyperband`.
        rungs: Epochs at which trials are judged, rising, from 1.
        reason: Why this pruner, for people.
    """

    pruner: str = "none"
    rungs: tuple[int, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class StudyPlan:
    """Everything a worker must know, as kept in `study.json`.

    Args:
        reference: What loads the search space again.
        data: What to load.
        training: How to train.
        algorithm: One of `hpsearch.search.ALGORITHMS`.
        reason: Why this algorithm, in words.
        seed: The study's seed.
        overrides: The user's changes to the space.
        grid: For `grid`: values by key of the hyperparameter.
        tries: Points to try first: values by name.
        models_kept: How many of the best models are kept on disk.
        replicates: Instead of a search: configurations to be trained with several seeds each.
        pruning: How trials are stopped early.
    """

    reference: str
    data: DataRequest = field(default_factory=DataRequest)
    training: TrainingPlan = field(default_factory=TrainingPlan)
    algorithm: str = "random"
    reason: str = ""
    seed: int = 0
    overrides: Overrides = field(default_factory=Overrides)
    grid: Mapping[str, tuple[Any, ...]] | None = None
    tries: tuple[Mapping[str, Any], ...] = ()
    models_kept: int = 3
    replicates: Replicates | None = None
    pruning: PruningPlan = field(default_factory=PruningPlan)

    def pruner(self) -> Pruner:
        """What decides which trials are stopped early."""
        kind, rungs = self.pruning.pruner, self.pruning.rungs
        return make_pruner(kind, rungs, direction=self.training.direction, seed=self.seed)

    def sampler(self, space: Space, directory: RunDirectory) -> Sampler:
        """The sampler for the space as it is known now.

        Args:
            space: What may vary.
            directory: Where what an earlier stage showed is kept.
        """
        grid = None
        if self.grid is not None:
            known = {
                space.key(p): tuple(self.grid.get(space.key(p), (p.default_value,))) for p in space
            }
            grid = Grid(space, known)
        direction = self.training.direction
        return make_sampler(
            self.algorithm,
            space,
            seed=self.seed,
            direction=direction,
            grid=grid,
            tries=self.tries,
            prior=read_prior(directory),
        )

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON."""
        data = asdict(self)
        data["overrides"] = self.overrides.to_json()
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> StudyPlan:
        """The inverse of `to_json`."""
        fields = dict(data)
        fields["data"] = DataRequest(**fields["data"])
        fields["training"] = TrainingPlan(**fields["training"])
        fields["tries"] = tuple(fields.get("tries", ()))
        fields["overrides"] = Overrides.from_json(fields["overrides"])
        if fields.get("replicates") is not None:
            fields["replicates"] = Replicates.from_json(fields["replicates"])
        pruning = fields.get("pruning", {})
        fields["pruning"] = PruningPlan(**{**pruning, "rungs": tuple(pruning.get("rungs", ()))})
        return cls(**fields)

    @classmethod
    def read(cls, directory: RunDirectory) -> StudyPlan:
        """The plan of the study in a run directory.

        Raises:
            StudyError: It cannot be read, or has what this version does not know.
        """
        try:
            return cls.from_json(directory.read_study()["plan"])
        except TypeError as error:
            raise StudyError(
                f"{directory.study_file} has a plan that this version does not know ({error}).",
                "Use the version that wrote it, or restore the file from a copy.",
            ) from None
