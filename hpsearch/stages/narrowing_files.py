"""The files of narrowing, which a person may edit."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from typing import Any

from hpsearch import __version__
from hpsearch.errors import SpaceError, StudyError
from hpsearch.spaces import Space
from hpsearch.stages.narrow import narrow
from hpsearch.stages.narrow_settings import NarrowSettings
from hpsearch.stages.narrowing import NarrowedSpace
from hpsearch.storage import RunDirectory, StudyView, load
from hpsearch.storage.atomic import dumps, write_json, write_text
from hpsearch.storage.file_shapes import NARROWING

OF_THE_FILE = ("from", "written", "rests_on")
"""What `narrowing.json` says of itself, beside the decisions."""
logger = logging.getLogger(__name__)


def narrowed_facts(
    view: StudyView, limits: Mapping[str, tuple[float, float]] | None = None
) -> dict[str, Any]:
    """What narrowing decides for a study, as in `narrowing.json`; both files are written.

    Where they were written from the same trials, nothing is computed again: with 10,000 trials
    that takes seconds.

    Args:
        view: The study.
        limits: How far ranges may be widened.
    """
    directory = view.directory
    if directory.narrowed_space_file.is_file() and has_reasons(directory):
        known = directory.read_json(directory.narrowing_file, NARROWING)
        facts = {name: fact for name, fact in known.items() if name not in OF_THE_FILE}
        if known.get("rests_on") == _evidence_of(view, limits, _said_before(directory), facts):
            return facts
    return write_narrowing(directory, limits, view=view).to_json()


def write_narrowing(
    directory: RunDirectory,
    limits: Mapping[str, tuple[float, float]] | None = None,
    settings: NarrowSettings | None = None,
    *,
    overwrite: bool = False,
    view: StudyView | None = None,
) -> NarrowedSpace:
    """Narrow the study and write `narrowing.json` and `narrowed_space.json`.

    A narrowed space that a person has edited is left as it is. A damaged `narrowing.json` holds
    nothing that the study does not, and is written again.

    Args:
        directory: The study.
        limits: How far ranges may be widened.
        settings: What the user says; by default what was said the last time.
        overwrite: Write over a person's edits.
        view: The study, where it has been read already.

    Raises:
        StudyError: It is a confirm stage or one of curves, which have no space.
    """
    view = view or load(directory.path)
    if not view.searches:
        raise StudyError(
            f"{directory} trains a few configurations; there is no space to narrow.",
            "Narrow the coarse or fine stage it started from.",
        )
    settings = settings or _said_before(directory)
    narrowed = narrow(view, limits, settings)
    text = dumps(narrowed.space.to_json(), indent=2) + "\n"
    facts = narrowed.to_json()
    facts |= {
        "from": str(directory),
        "written": _digest(text.encode()),
        "rests_on": _evidence_of(view, limits, settings, facts),
    }
    if has_damaged_reasons(directory):
        logger.warning("%s was damaged and is written again.", directory.narrowing_file)
        write_json(directory.narrowing_file, facts)
    if overwrite or not is_edited(directory):
        write_text(directory.narrowed_space_file, text)
        write_json(directory.narrowing_file, facts)
    return narrowed


def _evidence_of(
    view: StudyView,
    limits: Mapping[str, tuple[float, float]] | None,
    settings: NarrowSettings,
    decided: Mapping[str, Any],
) -> str:
    """Identifies what narrowing rests on, and what it came to: a damaged file is not believed.

    A trial that has ended does not change any more.
    """
    trials = [(trial.number, trial.state, trial.value, trial.epochs) for trial in view.trials]
    said = [__version__, dict(view.space), dict(limits or {}), settings.to_json(), trials, decided]
    return _digest(dumps(said).encode())


def has_reasons(directory: RunDirectory) -> bool:
    """Whether there is a `narrowing.json` that can be read."""
    return directory.narrowing_file.is_file() and not has_damaged_reasons(directory)


def has_damaged_reasons(directory: RunDirectory) -> bool:
    """Whether there is a `narrowing.json` that cannot be read."""
    if not directory.narrowing_file.is_file():
        return False
    try:
        directory.read_json(directory.narrowing_file, NARROWING)
    except StudyError:
        return True
    return False


def _said_before(directory: RunDirectory) -> NarrowSettings:
    """What the user said when the study was last narrowed, so that more trials do not undo it."""
    if not has_reasons(directory):
        return NarrowSettings()
    return NarrowSettings.from_json(
        directory.read_json(directory.narrowing_file, NARROWING).get("settings", {})
    )


def is_edited(directory: RunDirectory) -> bool:
    """Whether a person has changed the narrowed space since it was written."""
    if not directory.narrowed_space_file.is_file():
        return False
    if not has_reasons(directory):
        return True
    written = directory.read_json(directory.narrowing_file, NARROWING).get("written")
    return _digest(directory.narrowed_space_file.read_bytes()) != written


def read_narrowed(directory: RunDirectory) -> Space:
    """The narrowed space as it is on disk, edits included.

    Raises:
        StudyError: The file cannot be read.
        SpaceError: It does not describe a space, or not one with the source's hyperparameters.
    """
    path = directory.narrowed_space_file
    known = Space.from_json(directory.read_json(directory.space_file))
    try:
        edited = Space.from_json(_without_stale_defaults(directory.read_json(path)))
    except StudyError as error:
        hint = "Mend it there, or delete the file to have it written again."
        raise StudyError(error.message, hint) from None
    except SpaceError as error:
        raise SpaceError(f"{path}: {error.message}", error.hint) from None
    strange = [name for name in edited.names if name not in known.names]
    missing = [name for name in known.names if name not in edited.names]
    if strange or missing:
        what = [f"no hyperparameter is called {', '.join(strange)}"] if strange else []
        what += [f"{', '.join(missing)} is missing"] if missing else []
        raise SpaceError(
            f"{path}: {'; '.join(what)}.",
            "Keep the names as they were; to search one no more, make its kind 'fixed'.",
        )
    return edited


def _without_stale_defaults(data: dict[str, Any]) -> dict[str, Any]:
    """The same space; a default that an edit has cut off is left out."""
    entries = data.get("parameters")
    if not isinstance(entries, list):
        return data
    return {**data, "parameters": [_with_default_inside(entry) for entry in entries]}


def _with_default_inside(entry: Any) -> Any:
    if not isinstance(entry, dict) or "default" not in entry:
        return entry
    default, values = entry["default"], entry.get("values")
    low, high = entry.get("low"), entry.get("high")
    outside = isinstance(values, list) and default not in values
    if all(isinstance(number, int | float) for number in (low, high, default)):
        outside = not low <= default <= high
    return {k: v for k, v in entry.items() if k != "default"} if outside else entry


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:16]
