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
from hpsearch.errors import HpsearchError
from hpsearch.storage.address import JOURNAL, parse_address, redacted
from hpsearch.storage.database_study import check_reachable
from hpsearch.storage.locking import hold

LEAST_GIGABYTES, ENOUGH_GIGABYTES = 0.2, 2.0
SECONDS = 10
TRY_LOCK = "import sys, pathlib; from hpsearch.storage.locking import hold; "
TRY_LOCK += "sys.exit(hold(pathlib.Path(sys.argv[1])) is not None)"


def check_places(out: Path, storage: str) -> list[Check]:
    """Everything that is written to.

    Args:
        out: The run directory, or where run directories go.
        storage: URL of a database; empty or `journal` for the journal in the run directory.
    """
    return [
        check_disk("results", out),
        check_disk("cache", cache_dir()),
        check_disk("temporary files", Path(tempfile.gettempdir())),
        check_locks(nearest(out)),
        check_storage(storage, nearest(out)),
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


def check_storage(storage: str, folder: Path) -> Check:
    """Whether trials can be kept where `--storage` says; a password in it is never shown.

    Args:
        storage: URL of a database; empty or `journal` for the journal in the run directory.
        folder: Where the journal would lie.
    """
    try:
        address = parse_address(storage or JOURNAL)
        if address is None:
            return check_journal(folder)
        check_reachable(address)
    except HpsearchError as error:
        return Check("storage", "problem", redacted(error.message), error.hint)
    return fine("storage", f"{address.url} answers")
