"""What the worker of a running search holds in memory, as its trials go by."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from hpsearch.errors import HpsearchError
from hpsearch.storage import load

EVERY = 10
LAST = 2
POLL_SECONDS = 0.1


def resident(process: int) -> int:
    """Bytes in memory; 0 where the process has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def children(process: int) -> Iterator[int]:
    """All processes below one."""
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found = [int(child) for child in task.read_text().split()]
        except OSError:  # it has ended meanwhile
            continue
        for child in found:
            yield child
            yield from children(child)


def is_worker(process: int, study: Path) -> bool:
    """Whether a process writes to a log of the study; a worker's command line is its template's."""
    try:
        return Path(f"/proc/{process}/fd/1").readlink().is_relative_to(study.resolve())
    except OSError:
        return False


def num_finished(study: Path) -> int:
    """Finished trials of a study that may not be there yet."""
    try:
        return sum(load(study).count().values())
    except HpsearchError:
        return 0


def watch(search: subprocess.Popen[bytes], study: Path) -> dict[int, int]:
    """Number of finished trials → bytes of the process that trains them, every ten trials.

    The smallest of many looks during the last two of the ten: between trials, that is, and not
    while a network is being built.

    Args:
        search: A command that searches with one worker.
        study: Its run directory.
    """
    found: dict[int, int] = {}
    looks: list[int] = []
    while search.poll() is None:
        time.sleep(POLL_SECONDS)
        finished = num_finished(study)
        if finished % EVERY >= EVERY - LAST:
            workers = [own for own in children(search.pid) if is_worker(own, study)]
            looks.extend(size for size in map(resident, workers) if size)
        elif looks:
            number = EVERY * (finished // EVERY)
            found[number] = min(looks)
            print(number, f"{found[number] / 2**20:.0f} MiB", flush=True)
            looks = []
    return found
