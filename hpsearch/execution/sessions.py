"""What the newest invocation asked for: how many trials, and how long one may take."""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.errors import StudyError
from hpsearch.storage import RunDirectory
from hpsearch.storage.file_shapes import SESSION


@dataclass(frozen=True)
class Asked:
    """What a study may spend, which is no part of what it is.

    Args:
        trials: Number of trials that may finish.
        trial_time_limit: Seconds after which a trial is ended; None for no limit.
        ended: How that invocation ended: `done`, `stopped` or `failed`; None while it goes on, and
            where it only created the study or was killed.
    """

    trials: int
    trial_time_limit: float | None = None
    ended: str | None = None


class Sessions:
    """Reads what was asked last, so that workers that run already follow it.

    Args:
        directory: The run directory.
    """

    def __init__(self, directory: RunDirectory) -> None:
        self._directory = directory
        self._stamp = -1
        self._asked: Asked | None = None

    def asked(self) -> Asked:
        """What the newest invocation that set a budget asked for; else what the study began with.

        Raises:
            StudyError: The study's facts cannot be read.
        """
        folder = self._directory.sessions
        stamp = folder.stat().st_mtime_ns if folder.is_dir() else 0
        if self._asked is None or stamp != self._stamp:
            self._asked, self._stamp = self._read(), stamp
        return self._asked

    def _read(self) -> Asked:
        files = [path for path in self._directory.sessions.glob("*.json") if path.stem.isdecimal()]
        for path in sorted(files, key=lambda path: int(path.stem), reverse=True):
            try:
                facts = self._directory.read_json(path, SESSION)
            except StudyError:
                continue  # a damaged session is no reason to stop
            if isinstance(facts.get("trials"), int):
                limit = facts.get("trial_time_limit")
                return Asked(facts["trials"], limit, facts.get("ended"))
        return Asked(int(self._directory.read_study()["budget"]["trials"]))
