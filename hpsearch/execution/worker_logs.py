"""What a worker printed last, which is all that is left of one that died."""

from __future__ import annotations

from collections.abc import Sequence

from hpsearch.execution.side_process import without_chatter
from hpsearch.storage import RunDirectory

LAST_LINES = 12
CRASH = "Fatal Python error"
LAST_BYTES = 64_000


def last_words(directory: RunDirectory, worker: str) -> str:
    """The end of a worker's log, without TensorFlow's chatter; empty if there is none."""
    try:
        with directory.worker_log(worker).open("rb") as log:
            log.seek(max(0, log.seek(0, 2) - LAST_BYTES))
            printed = log.read().decode("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(telling(without_chatter(printed)))


def telling(lines: Sequence[str]) -> Sequence[str]:
    """The lines that say most of how a process ended: the last, or those around a crash.

    Python's report of a crash has the innermost call first, and the names of all modules last.
    """
    crashes = [place for place, line in enumerate(lines) if line.startswith(CRASH)]
    end = crashes[-1] + LAST_LINES * 2 // 3 if crashes else len(lines)
    return lines[max(0, min(end, len(lines)) - LAST_LINES) : end]
