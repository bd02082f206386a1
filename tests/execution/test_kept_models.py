"""Which models are kept on disk, with models that are only files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hpsearch.execution.kept_models import forget_dropped, keep_model, save_model
from hpsearch.execution.replicates import Replicates
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.storage import RunDirectory, StudyStore

TWO = StudyPlan("none", replicates=Replicates(({"x": 1}, {"x": 2}), num_seeds=6))


@dataclass
class Model:
    """Writes a file that tells whether the optimizer would be in it."""

    optimizer: Any = "adam"

    def set_weights(self, weights: Any) -> None:
        self.weights = weights

    def save(self, path: Path) -> None:
        path.write_text(str(self.optimizer), encoding="utf-8")


@dataclass
class Progress:
    """A trial as far as keeping its model is concerned."""

    best_value: float
    model: Model = field(default_factory=Model)
    best_weights: Any = None

    @property
    def whole(self) -> Model:
        """Nothing of it is frozen."""
        return self.model

    def complete_whole(self, *, with_optimizer: bool) -> None:
        """The model is trained itself."""
        self.model.set_weights(self.best_weights)


@pytest.fixture
def directory(tmp_path: Path) -> RunDirectory:
    """A run directory with a study."""
    run = RunDirectory(tmp_path / "run")
    run.make()
    StudyStore(run, create=True)
    return run


def train(directory: RunDirectory, plan: StudyPlan, value: float, **more: Any) -> str | None:
    """A trial that ends with this value, as a worker would end it."""
    store = StudyStore(directory)
    number = store.create_trial({}, {}, {"params": {}, **more})
    kept = keep_model(directory, store, plan, number, Progress(value))
    store.finish(number, "complete", value, {"model_file": kept})
    forget_dropped(directory, store, plan)
    return kept


def kept_files(directory: RunDirectory) -> list[str]:
    """Names of the model files."""
    return sorted(path.name for path in directory.models.iterdir())


def test_a_search_keeps_its_three_best(directory: RunDirectory) -> None:
    """The fourth best is deleted, a worse one never written; optimizers are kept."""
    for value in (0.5, 0.6, 0.7, 0.8, 0.1):
        train(directory, StudyPlan("none"), value)
    assert kept_files(directory) == [f"trial-{n:04d}.keras" for n in (1, 2, 3)]
    assert directory.model_file(3).read_text() == "adam"


def test_a_confirmation_keeps_the_models_of_the_candidates_in_the_race(
    directory: RunDirectory,
) -> None:
    """All of them, without the optimizer, until one is out: then those of that one go."""
    for seed in range(3):
        train(directory, TWO, 0.90 + 0.01 * seed, index=2 * seed, candidate=0)
        assert len(kept_files(directory)) == 2 * seed + 1
        train(directory, TWO, 0.10 + 0.01 * seed, index=2 * seed + 1, candidate=1)
    assert kept_files(directory) == [f"trial-{n:04d}.keras" for n in (0, 2, 4)]
    assert directory.model_file(0).read_text() == "None"
    assert train(directory, TWO, 0.99, index=6, candidate=1) is None, "it was running meanwhile"


def test_saving_leaves_no_half_a_file_and_the_optimizer_where_it_was(tmp_path: Path) -> None:
    """A disk that is full in the middle of it."""

    class Full(Model):
        def save(self, path: Path) -> None:
            super().save(path)
            raise OSError(28, "No space left on device")

    model = Full()
    with pytest.raises(OSError, match="No space left"):
        save_model(model, tmp_path / "a.keras", with_optimizer=False)
    assert list(tmp_path.iterdir()) == []
    assert model.optimizer == "adam"
