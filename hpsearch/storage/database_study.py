"""Studies in a database: their tables, making one, opening one, deleting one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpsearch.errors import StudyError
from hpsearch.storage.address import StorageAddress, engine_url
from hpsearch.storage.database import PATIENCE_SECONDS, Database, engine_settings
from hpsearch.storage.database_trials import DatabaseTrials

if TYPE_CHECKING:
    from optuna.storages import BaseStorage, RDBStorage
    from sqlalchemy import Connection

DIRECTORY_ATTRIBUTE = "hpsearch:directory"
TABLES_LOCK = 0x68707365  # any number that nobody else locks: "hpse"


def open_database_study(
    address: StorageAddress, directory: Path, create_with_direction: str | None, patience: float
) -> DatabaseTrials:
    """The trials of a study in a database.

    Args:
        address: The database and the name of the study.
        directory: The run directory, for workers that are given the database only.
        create_with_direction: `MAXIMIZE` or `MINIMIZE`: make the study if it is not there.
        patience: Seconds to wait for a database that does not answer at first.

    Raises:
        StudyError: The database cannot be used, or the study is not there.
    """
    database = Database(address, patience)
    if create_with_direction is not None:
        _create(database, directory, create_with_direction)
    else:
        check_tables(database)
    study_id = database.run(lambda connection: _find(connection, address.study))
    if study_id is None:
        raise StudyError(
            f"The database {address.url} holds no study {address.study}, which "
            f"{directory} says it is kept in.",
            "Restore the database, or start again with --overwrite.",
        )
    database.patience = PATIENCE_SECONDS
    return DatabaseTrials(database, study_id)


def open_database_for_optuna(address: StorageAddress) -> tuple[BaseStorage, int]:
    """Optuna's own storage of a database, and the number of the study in it.

    Raises:
        StudyError: The database cannot be used, or the study is not there.
    """
    from optuna.storages import RDBStorage, get_storage

    check_reachable(address)
    url, settings = engine_url(address).render_as_string(), engine_settings(address)
    storage = get_storage(RDBStorage(url, settings, skip_table_creation=True))
    return storage, storage.get_study_id_from_name(address.study)


def delete_database_study(address: StorageAddress) -> None:
    """Delete a study and its trials; one that is not there is no error.

    Raises:
        StudyError: The database cannot be used.
    """
    from sqlalchemy import delete, select

    database = Database(address, patience=0.0)
    study_id = database.run(lambda connection: _find(connection, address.study))
    if study_id is None:
        return
    models = _models()
    tables = models.BaseModel.metadata.sorted_tables[::-1]  # what refers to others first
    trials = select(models.TrialModel.trial_id).where(models.TrialModel.study_id == study_id)

    def work(connection: Connection) -> None:
        for table in tables:
            if "study_id" in table.c:
                connection.execute(delete(table).where(table.c.study_id == study_id))
            elif "trial_id" in table.c:
                connection.execute(delete(table).where(table.c.trial_id.in_(trials)))

    database.run(work)


def check_reachable(address: StorageAddress) -> None:
    """Refuse a database that cannot be connected to.

    Raises:
        StudyError: It cannot; the message says why.
    """
    from sqlalchemy import text

    Database(address, patience=0.0).run(lambda connection: connection.execute(text("SELECT 1")))


def check_tables(database: Database) -> None:
    """Refuse tables that this version does not read.

    Raises:
        StudyError: The database has no tables of Optuna, or those of another version.
    """
    from sqlalchemy import inspect

    names = database.run(lambda connection: inspect(connection).get_table_names())
    if "version_info" not in names:
        raise StudyError(
            f"The database {database.address.url} holds no studies.",
            "Give the database that the study was made in.",
        )
    with _optuna_storage(database, create_tables=False):
        pass


def _create(database: Database, directory: Path, direction: str) -> None:
    """Make the tables if they are missing, and the study with the word of where it lies."""
    from optuna.exceptions import DuplicatedStudyError
    from optuna.study import StudyDirection

    study, directions = database.address.study, [StudyDirection[direction]]
    with (
        suppress(DuplicatedStudyError),
        _tables_locked(database),
        _optuna_storage(database, create_tables=True) as storage,
    ):
        study_id = storage.create_new_study(directions, study)
        storage.set_study_user_attr(study_id, DIRECTORY_ATTRIBUTE, str(directory.resolve()))


@contextmanager
def _tables_locked(database: Database) -> Iterator[None]:
    """Let one process at a time make tables; two would disturb each other."""
    from sqlalchemy import func, select

    def lock(connection: Connection) -> None:
        connection.execute(select(func.pg_advisory_xact_lock(TABLES_LOCK)))

    with database.holding(lock):
        yield


@contextmanager
def _optuna_storage(database: Database, *, create_tables: bool) -> Iterator[RDBStorage]:
    """Optuna's own storage, for what is done once: tables, their version, a study."""
    from optuna import logging as optuna_logging
    from optuna.exceptions import StorageInternalError
    from optuna.storages import RDBStorage
    from sqlalchemy.exc import DBAPIError

    optuna_logging.set_verbosity(logging.WARNING)
    try:
        storage = RDBStorage(
            engine_url(database.address).render_as_string(),
            engine_kwargs={"pool_size": 1, **engine_settings(database.address)},
            skip_compatibility_check=True,
            skip_table_creation=not create_tables,
        )
        try:
            _check_version(storage, database.address)
            yield storage
        finally:
            storage.remove_session()
            storage.engine.dispose()
    except StorageInternalError as error:
        database.refuse(error.__cause__ or error)
    except DBAPIError as error:
        database.refuse(error)


def _check_version(storage: RDBStorage, address: StorageAddress) -> None:
    found, wanted = storage.get_current_version(), storage.get_head_version()
    if found == wanted:
        return
    older = found in storage.get_all_versions()
    raise StudyError(
        f"The tables in {address.url} have Optuna's schema version {found}; this hpsearch reads "
        f"version {wanted}.",
        "Upgrade them with `optuna storage upgrade --storage URL`, or give another database."
        if older
        else "Use the newer version that made them, or give another database.",
    )


def _find(connection: Connection, name: str) -> int | None:
    from sqlalchemy import select

    study = _models().StudyModel
    found = connection.execute(select(study.study_id).where(study.study_name == name))
    return found.scalar_one_or_none()


def _models() -> Any:
    """Optuna's tables."""
    from optuna.storages._rdb import models

    return models
