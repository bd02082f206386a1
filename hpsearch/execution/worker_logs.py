"""What a worker printed last, which is all that is left of one that died."""

from __future__ import annotations

from hpsearch.execution.side_process import without_chatter
from hpsearch.storage import RunDirectory

LAST_LINES = 12
LAST_BYTES = 64_000


def last_words(directory: RunDirectory, worker: str) -> str:
    """The end of a worker's log, without TensorFlow's chatter; empty if there is none."""
    try:
        with directory.worker_log(worker).open("rb") as log:
            log.seek(max(0, log.seek(0, 2) - LAST_BYTES))
            printed = log.read().decode("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(without_chatter(printed)[-LAST_LINES:])
