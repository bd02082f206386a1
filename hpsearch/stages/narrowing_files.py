"""The files of narrowing, which a person may edit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from hpsearch.spaces import Space
from hpsearch.stages.narrow import NarrowedSpace, narrow
from hpsearch.storage import RunDirectory, load
from hpsearch.storage.atomic import dumps, write_json, write_text


def write_narrowing(
    directory: RunDirectory, limits: Mapping[str, tuple[float, float]] | None = None
) -> NarrowedSpace:
    """Narrow the study and write `narrowing.json` and `narrowed_space.json`.

    A narrowed space that a person has edited is left as it is.

    Args:
        directory: The study.
        limits: How far ranges may be widened.
    """
    narrowed = narrow(load(directory.path), limits)
    text = dumps(narrowed.space.to_json(), indent=2) + "\n"
    if not is_edited(directory):
        write_text(directory.narrowed_space_file, text)
        facts = narrowed.to_json() | {"from": str(directory), "written": _digest(text)}
        write_json(directory.narrowing_file, facts)
    return narrowed


def is_edited(directory: RunDirectory) -> bool:
    """Whether a person has changed the narrowed space since it was written."""
    if not directory.narrowed_space_file.is_file():
        return False
    if not directory.narrowing_file.is_file():
        return True
    written = directory.read_json(directory.narrowing_file).get("written")
    return _digest(_text(directory.narrowed_space_file)) != written


def read_narrowed(directory: RunDirectory) -> Space:
    """The narrowed space as it is on disk, edits included.

    Raises:
        StudyError: The file cannot be read.
        SpaceError: It does not describe a space.
    """
    return Space.from_json(directory.read_json(directory.narrowed_space_file))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
