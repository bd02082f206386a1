"""`RunRoot`: the one place that knows the files of a whole run, whose stages lie below it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from hpsearch.storage.atomic import write_json
from hpsearch.storage.database_study import delete_database_study
from hpsearch.storage.file_shapes import RUN, SESSION
from hpsearch.storage.locking import exclusive
from hpsearch.storage.run_directory import SCHEMA_VERSION, RunDirectory


class RunRoot:
    """The files of a run of all stages.

    Args:
        path: The directory; need not exist yet.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.run_file = self.path / "run.json"
        self.lock_file = self.path / "run.lock"
        self.sessions = self.path / "sessions"
        self.report = self.path / "report"
        self.coarse = RunDirectory(self.path / "coarse")
        self.fine = RunDirectory(self.path / "fine")
        self.confirm = RunDirectory(self.path / "confirm")

    def __str__(self) -> str:
        return str(self.path)

    @property
    def has_run(self) -> bool:
        """Whether a run was begun here."""
        return self.run_file.is_file()

    @property
    def stages(self) -> list[RunDirectory]:
        """The stages begun so far, in order."""
        rounds = sorted(self.path.glob("fine-*"), key=lambda p: (len(p.name), p.name))
        every = [self.coarse, self.fine, *(RunDirectory(path) for path in rounds), self.confirm]
        return [directory for directory in every if directory.has_study]

    def read(self) -> dict[str, Any]:
        """The contents of `run.json`.

        Raises:
            StudyError: It cannot be read.
        """
        return RunDirectory.read_json(self.run_file, RUN)

    def write(self, facts: Mapping[str, Any]) -> None:
        """Write `run.json`."""
        write_json(self.run_file, {"schema_version": SCHEMA_VERSION, **facts})

    def locked(self) -> AbstractContextManager[None]:
        """Hold the lock under which a run is begun."""
        self.path.mkdir(parents=True, exist_ok=True)
        return exclusive(self.lock_file)

    def start_session(self, facts: Mapping[str, Any]) -> Path:
        """Write what is true of this one invocation to the next free `sessions/N.json`."""
        return RunDirectory(self.path).start_session(facts)

    def seconds_spent(self) -> float:
        """Seconds that all invocations so far have taken, as each last wrote down."""
        files = self.sessions.glob("*.json")
        sessions = (RunDirectory.read_json(path, SESSION) for path in files)
        return sum(float(session.get("seconds") or 0) for session in sessions)

    @property
    def ended(self) -> str | None:
        """How the newest invocation ended; None while it goes on, or where it was killed."""
        files = [path for path in self.sessions.glob("*.json") if path.stem.isdecimal()]
        newest = max(files, key=lambda path: int(path.stem), default=None)
        if newest is None:
            return None
        ended = RunDirectory.read_json(newest, SESSION).get("ended")
        return None if ended is None else str(ended)

    def remove(self) -> None:
        """Delete what a run has made; what else lies here stays."""
        self.run_file.unlink(missing_ok=True)
        for directory in self.stages:
            if directory.storage is not None:
                delete_database_study(directory.storage)
            shutil.rmtree(directory.path)
        for folder in (self.sessions, self.report):
            shutil.rmtree(folder, ignore_errors=True)
