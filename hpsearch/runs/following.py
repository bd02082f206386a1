"""`Following`: the stage that is going on, of a run or of studies that share a folder."""

from __future__ import annotations

from pathlib import Path

from hpsearch.errors import StudyError
from hpsearch.execution.observing import ENDED, Observer, Sight
from hpsearch.storage import RunDirectory
from hpsearch.storage.run_root import RunRoot


class Following:
    """Looks at a study, or at the latest stage of several, without a lock and without writing.

    Args:
        directory: A run directory, the directory of a whole run, or a folder with stages.

    Raises:
        StudyError: There is neither a study nor a run.
    """

    def __init__(self, directory: Path) -> None:
        self.root = RunRoot(directory)
        self._single = RunDirectory(directory) if RunDirectory(directory).has_study else None
        if self._single is None and not self.root.has_run and not self.root.stages:
            raise StudyError(
                f"No study in {directory}: {_what_is(directory)}.",
                "Give the directory that --out named, once the study is created.",
            )
        self._observer: Observer | None = None

    @property
    def is_run(self) -> bool:
        """Whether it is a run of all stages, which goes on when one of them has ended."""
        return self._single is None and self.root.has_run

    def look(self) -> Sight | None:
        """The stage that is going on; None where a run has not begun its first one."""
        stages = [self._single] if self._single is not None else self.root.stages
        if not stages:
            return None
        current = stages[-1]
        known = self._observer
        if known is None or known.directory.path != current.path or known.is_outdated:
            self._observer = known = Observer(current)
        return known.look()

    def status(self, sight: Sight | None) -> str:
        """How what was asked for stands: that of the stage, of a run that of the run.

        Args:
            sight: What the last look showed.
        """
        if not self.is_run:
            return "waiting" if sight is None else sight.status
        ended = self.root.ended
        if sight is None:
            return ended or "waiting"
        if ended is not None and sight.status != "running":
            return ended
        return "running" if sight.status in ENDED else sight.status


def _what_is(directory: Path) -> str:
    if not directory.exists():
        return "there is no such directory"
    if not directory.is_dir():
        return "that is a file"
    return f"{RunDirectory(directory).study_file.name} is missing"
