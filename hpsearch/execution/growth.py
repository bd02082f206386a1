"""Whether a worker has grown so large that a fresh one should go on."""

from __future__ import annotations

import resource
from pathlib import Path

FEWEST_TRIALS = 5  # starting a worker takes seconds; not after every large model
GROWTH_FACTOR = 1.5
GROWTH_BYTES = 1 << 30


class Growth:
    """Watches the memory of this process from trial to trial.

    What TensorFlow, Keras or a builder keep of earlier trials grows with their number. A worker
    that holds one and a half times and a gibibyte more than after its first trial is replaced.
    """

    def __init__(self) -> None:
        self._trials = 0
        self._first = 0

    def is_too_large(self, size: int | None = None) -> bool:
        """Call after each trial.

        Args:
            size: Bytes this process holds; None looks.
        """
        size = resident_bytes() if size is None else size
        self._trials += 1
        if self._trials == 1:
            self._first = size
        return self._trials >= FEWEST_TRIALS and size > GROWTH_FACTOR * self._first + GROWTH_BYTES


def resident_bytes() -> int:
    """Bytes of memory that this process holds now; 0 where that cannot be told."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * resource.getpagesize()
