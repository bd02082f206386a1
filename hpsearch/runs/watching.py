"""`Watcher`: what is told of a run while it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hpsearch.stages import Prepared, StageResult
from hpsearch.stages.running import Update


class Watcher:
    """Told of a run as it goes on, and says nothing; the command line's shows it."""

    def told(self, sentence: str) -> None:
        """Why fine goes on or stops, or what was left out."""

    @contextmanager
    def watching(self, prepared: Prepared) -> Iterator[Update]:
        """A stage is about to run; gives what is called while it does."""
        yield lambda snapshot: None

    def ended(self, result: StageResult) -> None:
        """A stage has ended."""
