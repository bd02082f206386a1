"""Checks of the places that are written to: disks, locks, study storage."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from hpsearch.data.cache import cache_dir
from hpsearch.doctor.checks import Check, Verdict, fine
from hpsearch.doctor.software import without_password
from hpsearch.errors import HpsearchError
from hpsearch.storage.locking import hold

LEAST_GIGABYTES, ENOUGH_GIGABYTES = 0.2, 2.0
SECONDS = 10
TRY_LOCK = "import sys, pathlib; from hpsearch.storage.locking import hold; "
TRY_LOCK += "sys.exit(hold(pathlib.Path(sys.argv[1])) is not None)"


def check_places(out: Path, storage: str) -> list[Check]:
    """Everything that is written to.

    Args:
        out: The run directory, or where run directories go.
        storage: URL of a study storage; empty for the journal in the run directory.
    """
    return [
        check_disk("results", out),
        check_disk("cache", cache_dir()),
        check_disk("temporary files", Path(tempfile.gettempdir())),
        check_locks(nearest(out)),
        check_storage(storage) if storage else check_journal(nearest(out)),
    ]


def nearest(path: Path) -> Path:
    """The folder, or the first one above it that there is."""
    path = path.expanduser().resolve()
    return next(place for place in (path, *path.parents) if place.is_dir())


def check_disk(name: str, path: Path) -> Check:
    """Whether a folder can be written to and has space."""
    folder = nearest(path)
    if not os.access(folder, os.W_OK | os.X_OK):
        return Check(name, "problem", f"{folder} cannot be written to", _elsewhere(name))
    free = shutil.disk_usage(folder).free / 1e9
    found = f"{free:.1f} GB free in {path}"
    if free >= ENOUGH_GIGABYTES:
        return fine(name, found)
    verdict: Verdict = "problem" if free < LEAST_GIGABYTES else "warning"
    return Check(name, verdict, found, f"Free some space. {_elsewhere(name)}")


def _elsewhere(name: str) -> str:
    ways = {
        "results": "Give another directory with --out.",
        "cache": "Set HPSEARCH_CACHE to another folder.",
        "temporary files": "Set TMPDIR to another folder.",
    }
    return ways[name]


def check_locks(folder: Path) -> Check:
    """Whether a lock that one process holds keeps another one out, on this very disk.

    Without it workers would claim the same trial. Some network disks grant every lock.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".hpsearch-doctor-", dir=folder) as own:
            lock = Path(own) / "lock"
            descriptor = hold(lock)
            assert descriptor is not None
            other = subprocess.run(
                [sys.executable, "-c", TRY_LOCK, str(lock)], check=False, timeout=SECONDS
            )
            os.close(descriptor)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check("locks", "problem", f"no lock in {folder}: {error}", _LOCKS)
    if other.returncode == 0:
        return fine("locks", f"exclude other processes in {folder}")
    return Check("locks", "problem", f"exclude nobody in {folder}", _LOCKS)


_LOCKS = "Use a disk with working locks (mount NFS 4, or without nolock): --out on another disk."


def check_journal(folder: Path) -> Check:
    """Whether a journal can be written and read again."""
    from hpsearch.storage.journal import FlockJournalBackend

    entry = {"op_code": 0, "worker_id": "doctor"}
    try:
        with tempfile.TemporaryDirectory(prefix=".hpsearch-doctor-", dir=folder) as own:
            journal = FlockJournalBackend(Path(own) / "study.journal")
            journal.append_logs([entry])
            same = list(journal.read_logs(0)) == [entry]
    except (OSError, HpsearchError) as error:
        return Check(
            "storage", "problem", f"no journal in {folder}: {error}", _elsewhere("results")
        )
    if same:
        return fine("storage", f"journal in {folder}")
    found = f"a journal in {folder} does not read as it was written"
    return Check("storage", "problem", found, _elsewhere("results"))


def check_storage(url: str) -> Check:
    """Whether a database answers; its password is never shown."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    shown = without_password(url)
    try:
        address = make_url(url)
        if address.drivername == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        wait = {"connect_timeout": SECONDS} if "postgresql" in address.drivername else {}
        engine = create_engine(address, poolclass=NullPool, connect_args=wait)
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except ModuleNotFoundError as error:
        advice = "Install it: .venv/bin/python -m pip install 'psycopg[binary]'"
        return Check("storage", "problem", f"{shown} needs {error.name}", advice)
    except SQLAlchemyError as error:
        told = without_password(str(getattr(error, "orig", None) or error)).splitlines()[0]
        advice = "Is the server running, and may this user connect from here?"
        return Check("storage", "problem", f"{shown}: {told}", advice)
    return fine("storage", f"{shown} answers")
