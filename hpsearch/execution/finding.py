"""Finding the study that a worker is given by the URL of its database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from hpsearch.errors import StudyError
from hpsearch.execution.claims import is_spent
from hpsearch.execution.sessions import Sessions
from hpsearch.storage import RunDirectory, StorageAddress, StudyStore
from hpsearch.storage.address import parse_address
from hpsearch.storage.database import Database
from hpsearch.storage.database_study import DIRECTORY_ATTRIBUTE, check_tables

if TYPE_CHECKING:
    from sqlalchemy import Connection


def find_study(url: str) -> RunDirectory:
    """The run directory of a study in a database.

    Args:
        url: As `--storage` takes it. With `#NAME` behind it, the study of that name; without,
            the only one in the database that has trials left to do.

    Raises:
        InputError: It is no URL of a database, the database does not answer, there is no such
            study or there are several, or the run directory cannot be seen from here.
    """
    address = parse_address(url)
    if address is None:
        raise StudyError(
            "'journal' names no study.", "Give its run directory, or the URL of a database."
        )
    database = Database(address, patience=0.0)
    check_tables(database)
    places = database.run(_places)
    if not places:
        raise StudyError(
            f"{address.url} holds no study of hpsearch.", "Create one with --storage first."
        )
    if address.study and address.study not in places:
        raise StudyError(
            f"{address.url} holds no study '{address.study}'. Found: {', '.join(places)}.",
            "Give one of these behind the #.",
        )
    return _seen_from_here(address, address.study or _the_one(address, places), places)


def _places(connection: Connection) -> dict[str, Path]:
    """The studies that hpsearch has made here and their run directories."""
    from optuna.storages._rdb import models
    from sqlalchemy import select

    study, attribute = models.StudyModel, models.StudyUserAttributeModel
    query = (
        select(study.study_name, attribute.value_json)
        .join(attribute, attribute.study_id == study.study_id)
        .where(attribute.key == DIRECTORY_ATTRIBUTE)
        .order_by(study.study_id)
    )
    return {name: Path(json.loads(text)) for name, text in connection.execute(query)}


def _the_one(address: StorageAddress, places: dict[str, Path]) -> str:
    """The study that is meant where none is named."""
    if len(places) == 1:
        return next(iter(places))
    open_studies = [name for name, path in places.items() if _has_trials_left(name, path)]
    if len(open_studies) == 1:
        return open_studies[0]
    found = f"{len(open_studies)} unfinished studies" if open_studies else "no unfinished study"
    names = ", ".join(open_studies or places)
    raise StudyError(
        f"{address.url} holds {found}. Found: {names}.",
        "Give the name of one behind the URL, as URL#NAME.",
    )


def _has_trials_left(name: str, path: Path) -> bool:
    """Whether a study that can be seen from here has not spent its budget."""
    directory = RunDirectory(path)
    if not _is_of(directory, name):
        return False
    return not is_spent(StudyStore(directory).records(), Sessions(directory).asked().trials)


def _is_of(directory: RunDirectory, name: str) -> bool:
    """Whether a directory is that of the study; another one may have taken its place."""
    return directory.storage is not None and directory.storage.study == name


def _seen_from_here(address: StorageAddress, name: str, places: dict[str, Path]) -> RunDirectory:
    directory = RunDirectory(places[name])
    if not _is_of(directory, name):
        raise StudyError(
            f"The study {name} in {address.url} lies in {directory}, which is not there on this "
            "machine, or holds another study.",
            "Start workers where the run directory is mounted at the same path, or give its path.",
        )
    return directory
