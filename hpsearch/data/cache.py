"""Decoded images kept on disk, so that they are made only once."""

import fcntl
import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.storage.places import expanded

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Entry:
    """Arrays by name (memory maps) with the facts written beside them."""

    arrays: dict[str, NDArray[Any]]
    facts: dict[str, Any]


class EntryWriter:
    """Makes the arrays of an entry in its folder.

    Args:
        folder: Where the files go.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def array(self, name: str, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """An array to be filled, backed by a file: it never has to fit in memory."""
        path = self.folder / f"{name}.npy"
        if 0 in shape:
            np.save(path, np.zeros(shape, dtype))
            return np.zeros(shape, dtype)
        return np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)

    def save(self, name: str, values: NDArray[Any]) -> None:
        """A small array, written at once."""
        np.save(self.folder / f"{name}.npy", values)

    def finish(self, facts: dict[str, Any]) -> None:
        """The facts come last: a folder without them is no entry."""
        (self.folder / "facts.json").write_text(json.dumps(facts, indent=1))


def cache_dir() -> Path:
    """Where downloads and decoded images are kept: $HPSEARCH_CACHE or ~/.cache/hpsearch."""
    named = os.environ.get("HPSEARCH_CACHE")
    return expanded(named) if named else Path.home() / ".cache" / "hpsearch"


def key_of(*parts: object) -> str:
    """Hex digest of everything that decides the content of an entry."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:40]


def content_digest(*arrays: NDArray[Any]) -> str:
    """Hex digest of the values themselves: the same images elsewhere are the same data."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def cached(key: str, make: Callable[[EntryWriter], None]) -> Entry:
    """The decoded images of this key, made first if there are none.

    Where the cache cannot be written, the entry is made for this process only.

    Args:
        key: Hex digest of everything that decides the content.
        make: Fills the entry through the writer it is given.
    """
    parent = cache_dir() / "decoded"
    try:
        return kept_in(parent, key, make)
    except OSError as error:
        logger.warning("%s cannot be used to keep decoded images (%s)", parent, error)
        return _make_unkept(make)


def kept_in(parent: Path, key: str, make: Callable[[EntryWriter], None]) -> Entry:
    """The entry of this key in a folder, made first if there is none.

    Processes that ask for the same key at the same time wait for the first one. An entry is
    made in a folder of its own and renamed when complete, so a killed process leaves no half
    entry behind.

    Args:
        parent: The folder of all entries.
        key: Hex digest of everything that decides the content.
        make: Fills the entry through the writer it is given.

    Raises:
        OSError: The folder cannot be written.
    """
    found = _read(parent / key)
    if found is not None:
        return found
    with _locked(parent, key):
        return _read(parent / key) or _make(parent, key, make)


def _read(folder: Path) -> Entry | None:
    """None where there is no entry, or one that somebody damaged."""
    try:
        facts = json.loads((folder / "facts.json").read_text())
        files = sorted(folder.glob("*.npy"))
        arrays = {file.stem: _open_array(file) for file in files}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, EOFError) as error:
        logger.warning("the cached images in %s are damaged (%s); making them again", folder, error)
        return None
    return Entry(arrays, facts) if set(facts["arrays"]) <= set(arrays) else None


def _open_array(file: Path) -> NDArray[Any]:
    """A memory map; an empty array, which cannot be mapped, is read."""
    try:
        array: NDArray[Any] = np.load(file, mmap_mode="r", allow_pickle=False)
    except ValueError:
        array = np.load(file, allow_pickle=False)
        if array.size:
            raise
    return array


@contextmanager
def _locked(parent: Path, key: str) -> Iterator[None]:
    """Hold the lock of a key, whose file is there only as long as somebody wants it."""
    parent.mkdir(parents=True, exist_ok=True)
    path = parent / f"{key}.lock"
    while True:
        with path.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _is_at(path, lock.fileno()):
                continue  # who held it has removed it: another process may hold a new one
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
            return


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether an open file is the one that a path names."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _make(parent: Path, key: str, make: Callable[[EntryWriter], None]) -> Entry:
    for left in parent.glob(f"{key}.*/"):  # by a process that was killed while it had the lock
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{key}.", dir=parent))
    try:
        make(EntryWriter(folder))
        shutil.rmtree(parent / key, ignore_errors=True)
        folder.replace(parent / key)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    entry = _read(parent / key)
    if entry is None:
        raise OSError(f"{parent / key} cannot be read back")
    return entry


def _make_unkept(make: Callable[[EntryWriter], None]) -> Entry:
    with tempfile.TemporaryDirectory(prefix="hpsearch-") as name:
        make(EntryWriter(Path(name)))
        entry = _read(Path(name))
        if entry is None:
            raise OSError(f"{name} cannot be read back")
        return Entry({key: np.array(value) for key, value in entry.arrays.items()}, entry.facts)
