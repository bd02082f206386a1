"""Adding up the time that is spent on each of several things."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def timed(seconds: dict[str, float], what: str) -> Iterator[None]:
    """Add the seconds spent inside to those of `what`, whatever ends it.

    Args:
        seconds: By what they were spent on; changed.
        what: On what they are spent now.
    """
    started = time.monotonic()
    try:
        yield
    finally:
        seconds[what] = seconds.get(what, 0.0) + time.monotonic() - started
