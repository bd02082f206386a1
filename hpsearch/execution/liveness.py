"""Who is alive: a lock held by each worker, and a counter for observers on other machines."""

from __future__ import annotations

import platform
import secrets
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from hpsearch.storage import RunDirectory
from hpsearch.storage.locking import hold, is_held

BEAT_SECONDS = 5.0
DEAD_AFTER_SECONDS = 60.0


def machine() -> str:
    """A text that names this machine since its last start."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    token = boot.read_text().strip() if boot.is_file() else ""
    return f"{platform.node()} {token}".strip()


def new_worker_name() -> str:
    """A name no other worker has, fit for file names."""
    host = "".join(c if c.isalnum() else "-" for c in platform.node())[:24]
    return f"{host}-{secrets.token_hex(4)}"


class WorkerLife:
    """Shows others that this worker lives, until the process ends.

    The kernel frees the lock when the process dies, however it dies; the counter is for those
    who cannot see the lock, on other machines.

    Args:
        directory: The run directory.
        worker: The worker's name.
    """

    def __init__(self, directory: RunDirectory, worker: str) -> None:
        directory.workers.mkdir(parents=True, exist_ok=True)
        self._descriptor = hold(directory.worker_lock(worker))
        directory.worker_lock(worker).write_text(machine(), encoding="utf-8")
        self._beat_file = directory.worker_heartbeat(worker)
        self._lock_file = directory.worker_lock(worker)
        self._ended = threading.Event()
        threading.Thread(target=self._beat, daemon=True).start()

    def _beat(self) -> None:
        count = 0
        while not self._ended.wait(BEAT_SECONDS if count else 0):
            count += 1
            try:
                self._beat_file.write_text(str(count), encoding="utf-8")
            except OSError:  # a full disk must not look like a death at once; try the next time
                continue

    def end(self) -> None:
        """Leave no trace of a worker that ended in order."""
        self._ended.set()
        self._beat_file.unlink(missing_ok=True)
        self._lock_file.unlink(missing_ok=True)


@dataclass
class Watch:
    """Judges whether workers live, never by clocks that can be set.

    Args:
        directory: The run directory.
    """

    directory: RunDirectory
    _seen: dict[str, tuple[str, float]] = field(default_factory=dict)

    def is_alive(self, worker: str) -> bool:
        """Whether the worker lives, as far as can be told from here."""
        lock = self.directory.worker_lock(worker)
        if is_held(lock):
            return True
        try:
            here = lock.read_text(encoding="utf-8") == machine()
        except OSError:  # on a network disk a new file may not be seen for half a minute
            here = False
        return not here and self.beats(worker)

    def beats(self, worker: str) -> bool:
        """Whether a worker's counter moved within the last minute; True when first looked at."""
        try:
            count = self.directory.worker_heartbeat(worker).read_text(encoding="utf-8")
        except OSError:
            count = ""
        now = time.monotonic()
        known, since = self._seen.get(worker, ("", now))
        if worker not in self._seen or count != known:
            self._seen[worker] = (count, now)
            return True
        return now - since < DEAD_AFTER_SECONDS
