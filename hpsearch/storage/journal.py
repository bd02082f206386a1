"""The journal file: Optuna's own format, written so that it survives whoever writes it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from optuna.storages.journal import (  # noqa: TID253  (imported when a journal is opened)
    BaseJournalBackend,
)

from hpsearch.errors import StudyError

OPERATIONS = range(11)  # the numbers of Optuna's journal operations


class FlockJournalBackend(BaseJournalBackend):
    """Journal backend that a killed writer and a full disk cannot harm.

    Stock Optuna leaves a lock file behind when a writer is killed (the next one waits 30 s)
    and refuses a journal whose last line is torn. Here the kernel's `flock` is the lock, and a
    torn last line is cut off, under the lock, by the next writer.

    Args:
        path: The journal; created by the first write.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offsets = {0: 0}
        self._still = False
        self._gathered: list[dict[str, Any]] | None = None

    @contextmanager
    def still(self) -> Iterator[None]:
        """Meanwhile the file is taken to hold nothing new, and is not looked at."""
        self._still = True
        try:
            yield
        finally:
            self._still = False

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """Append all entries of the block as one write at its end; none if it fails."""
        self._gathered = []
        try:
            yield
            entries, self._gathered = self._gathered, None
            self.append_logs(entries)
        finally:
            self._gathered = None

    def read_logs(self, log_number_from: int) -> Iterable[dict[str, Any]]:
        """Every complete line from the given number on.

        Raises:
            StudyError: A line in the middle is no JSON: the file was damaged from outside.
        """
        if self._still:
            return
        number = log_number_from
        for settled in (False, True):
            try:
                file = self._path.open("rb")
            except FileNotFoundError:
                return
            with file:
                if settled:  # a torn line may have been replaced just while it was read
                    fcntl.flock(file, fcntl.LOCK_SH)
                for line_number, entry in self._complete_lines(file, number):
                    if entry is None:
                        number = line_number
                        break
                    yield entry
                else:
                    return
        raise StudyError(
            f"{self._path}, line {number + 1} is damaged.",
            "Restore the file from a copy, or start again in another directory with --out.",
        )

    def _complete_lines(
        self, file: BinaryIO, log_number_from: int
    ) -> Iterator[tuple[int, dict[str, Any] | None]]:
        """Numbers and entries from the given number on; None for an entry that is damaged."""
        start = log_number_from if log_number_from in self._offsets else 0
        offset = self._offsets[start]
        file.seek(offset)
        for number, line in enumerate(file, start=start):
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            if number >= log_number_from:
                entry = _parse(line)
                if entry is not None:
                    self._offsets = {0: 0, number + 1: offset}
                yield number, entry

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Append the entries as one write; on a full disk the file is left as it was."""
        if self._gathered is not None:
            self._gathered += logs
            return
        text = "".join(json.dumps(entry, separators=(",", ":")) + "\n" for entry in logs)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            end = _end_of_complete_lines(descriptor)
            os.ftruncate(descriptor, end)
            try:
                _write_all(descriptor, text.encode(), end)
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, end)
                raise
        finally:
            os.close(descriptor)


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    known = isinstance(entry, dict) and entry.get("op_code", 0) in OPERATIONS
    return entry if known else None


def _write_all(descriptor: int, data: bytes, offset: int) -> None:
    while data:
        written = os.pwrite(descriptor, data, offset)
        data, offset = data[written:], offset + written


def _end_of_complete_lines(descriptor: int, block: int = 65536) -> int:
    """The place just behind the last newline of the file."""
    end = os.fstat(descriptor).st_size
    while end > 0:
        start = max(0, end - block)
        newline = os.pread(descriptor, end - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0
