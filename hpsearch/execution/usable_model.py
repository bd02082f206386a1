"""Which saved model a path means: a file, or the best one of a study or of a whole search."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from hpsearch.errors import InputError
from hpsearch.storage import RunDirectory, StudyView, load
from hpsearch.storage.places import expanded
from hpsearch.storage.run_directory import find_run_directories
from hpsearch.storage.sources import Sources

STAGES = ("confirm", "fine", "coarse")
"""Those that come later are to be trusted more."""


class UsableModel(NamedTuple):
    """A saved model.

    Args:
        file: The `.keras` file.
        chosen: Why this one, in words; empty where it was named itself.
        trial: The trial it is of; None where that is not known, or it was retrained afterwards.
    """

    file: Path
    chosen: str = ""
    trial: int | None = None


def find_model(given: Path | str) -> UsableModel:
    """The model that a path means.

    Args:
        given: A `.keras` file; a run directory, for the model of its confirmed winner or else of
            its best trial; or a folder of run directories, for that of the latest stage.

    Raises:
        InputError: There is none, or there are several that nothing decides between.
    """
    path = expanded(given)
    if path.is_file():
        return UsableModel(path)
    if not path.is_dir():
        raise InputError(
            f"There is no model {path}; expected a .keras file or a run directory.",
            "Check the path.",
        )
    usable = _usable(path)
    for stage in STAGES:
        latest = [each for each in usable if each[0].stage == stage]
        if latest:
            return _the_one(path, _of_last_round(latest))
    raise InputError(
        f"{path} holds no saved model: no study below it has a trial whose model is kept.",
        "Give a .keras file, or a run directory in which a trial was completed.",
    )


def _usable(path: Path) -> list[tuple[StudyView, UsableModel]]:
    """The studies at or below a folder that have a model."""
    own = RunDirectory(path)
    directories = [own] if own.has_study else list(find_run_directories(path))
    views = [load(directory.path) for directory in directories]
    return [(view, model) for view in views if (model := model_of(view))]


def model_of(view: StudyView) -> UsableModel | None:
    """The model of a study's winner, or of the best trial that has one; None without any."""
    directory, facts = view.directory, view.confirmation
    if facts is not None and directory.winner_model.is_file():
        trial = (facts["model"] or {}).get("trial")
        return UsableModel(directory.winner_model, f"the confirmed winner of {directory}", trial)
    for trial in view.ranked:
        file = directory.model_file(trial.number)
        if file.is_file():
            value = f"{view.objective} {trial.value:.4f}"
            return UsableModel(file, f"the best model kept in {directory}, {value}", trial.number)
    return None


def _of_last_round(
    found: list[tuple[StudyView, UsableModel]],
) -> list[tuple[StudyView, UsableModel]]:
    """Without the rounds of fine that a later one followed."""
    sources = Sources(view for view, _ in found)
    followed = [id(sources.of(view)) for view, _ in found]
    return [each for each in found if id(each[0]) not in followed]


def _the_one(path: Path, found: list[tuple[StudyView, UsableModel]]) -> UsableModel:
    if len(found) > 1:
        names = ", ".join(str(view.directory) for view, _ in found)
        raise InputError(
            f"{path} holds several searches with models: {names}.", "Give one of these directories."
        )
    return found[0][1]
