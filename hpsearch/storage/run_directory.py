"""`RunDirectory`: the one place that knows the files of `results/<name>/`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hpsearch.errors import StudyError
from hpsearch.storage.address import StorageAddress
from hpsearch.storage.atomic import PRIVATE, PUBLIC, write_json
from hpsearch.storage.file_shapes import STUDY
from hpsearch.storage.shapes import ShapeError, check_shape

SCHEMA_VERSION = 1


class RunDirectory:
    """The files of one study.

    Args:
        path: The directory; need not exist yet.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.study_file = self.path / "study.json"
        self.space_file = self.path / "space.json"
        self.split_file = self.path / "split.json"
        self.prior_file = self.path / "prior.json"
        self.journal_file = self.path / "study.journal"
        self.lock_file = self.path / "study.lock"
        self.narrowing_file = self.path / "narrowing.json"
        self.narrowed_space_file = self.path / "narrowed_space.json"
        self.trials_csv = self.path / "trials.csv"
        self.histories_csv = self.path / "histories.csv"
        self.export = self.path / "export"
        self.winner_file = self.path / "winner.json"
        self.regions_file = self.path / "regions.json"
        self.decomposition_file = self.path / "decomposition.json"
        self.winner_view_file = self.path / "winner_view.npz"
        self.models = self.path / "models"
        self.winner_model = self.models / "winner.keras"
        self.retrained_model = self.models / "retrained.keras"
        self.report = self.path / "report"
        self.logs = self.path / "logs"
        self.workers = self.path / "workers"
        self.sessions = self.path / "sessions"
        self.checkpoints = self.path / "checkpoints"

    def __str__(self) -> str:
        return str(self.path)

    @property
    def storage(self) -> StorageAddress | None:
        """The database that holds the trials; None for the journal file.

        Raises:
            StudyError: `study.json` cannot be read.
        """
        facts = self.read_study().get("storage") if self.has_study else None
        return None if facts is None else StorageAddress.from_json(facts)

    @property
    def has_study(self) -> bool:
        """Whether a study was created here."""
        return self.study_file.is_file()

    @property
    def ray_log(self) -> Path:
        """What Ray said of its cluster."""
        return self.logs / "ray.log"

    def model_file(self, number: int) -> Path:
        """Where the model of a trial is kept."""
        return self.models / f"trial-{number:04d}.keras"

    def checkpoint_file(self, number: int) -> Path:
        """Where a trial that was given back had come, for whoever takes it next."""
        return self.checkpoints / f"trial-{number:04d}.npz"

    def live_file(self, worker: str) -> Path:
        """What a worker is doing at this moment, for the screen."""
        return self.logs / f"{worker}.live.json"

    def worker_log(self, worker: str) -> Path:
        """What a worker prints."""
        return self.logs / f"{worker}.log"

    def worker_error(self, worker: str) -> Path:
        """Why a worker cannot go on."""
        return self.logs / f"{worker}.error.json"

    def worker_lock(self, worker: str) -> Path:
        """Held by a worker as long as it lives."""
        return self.workers / f"{worker}.lock"

    def worker_heartbeat(self, worker: str) -> Path:
        """A number that a living worker counts up."""
        return self.workers / f"{worker}.beat"

    def make(self) -> None:
        """Create the directory and its folders."""
        for folder in (self.path, self.models, self.logs, self.workers, self.sessions):
            folder.mkdir(parents=True, exist_ok=True)

    def read_study(self) -> dict[str, Any]:
        """The facts in `study.json`.

        Raises:
            StudyError: There is no study here, it cannot be read, or another version wrote it.
        """
        if not self.has_study:
            raise StudyError(
                f"No study in {self.path}: {self.study_file.name} is missing.",
                "Give a directory that hpsearch wrote, such as results/coarse.",
            )
        study = self.read_json(self.study_file)
        version = study.get("schema_version")
        if version != SCHEMA_VERSION:
            raise StudyError(
                f"{self.study_file} has schema version {version}; this hpsearch reads version "
                f"{SCHEMA_VERSION}.",
                f"Use the version that wrote it, hpsearch {study.get('hpsearch', 'unknown')}.",
            )
        self.check(self.study_file, study, STUDY)
        return study

    def write_study(self, facts: Mapping[str, Any]) -> None:
        """Write `study.json`, which makes the directory a study; for others only if it may be."""
        mode = PRIVATE if facts.get("storage") else PUBLIC
        write_json(self.study_file, {"schema_version": SCHEMA_VERSION, **facts}, mode)

    @staticmethod
    def read_json(path: Path, shape: Any = dict) -> dict[str, Any]:
        """A JSON object from a file of the directory.

        Args:
            path: The file.
            shape: What its readers rely on, one of `hpsearch.storage.file_shapes`.

        Raises:
            StudyError: The file is missing, unreadable, or holds no object of that shape.
        """
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise StudyError(f"Cannot read {path}: {error.strerror}.", "Check the path.") from None
        except (ValueError, RecursionError) as error:
            raise StudyError(
                f"{path} is no valid JSON: {error}.", "Mend the file or restore it from a copy."
            ) from None
        if not isinstance(data, dict):
            raise StudyError(f"{path} holds no JSON object.", "Mend the file or restore it.")
        RunDirectory.check(path, data, shape)
        return data

    @staticmethod
    def check(path: Path, data: Any, shape: Any) -> None:
        """Refuse what was read from a file if its readers could not make sense of it.

        Raises:
            StudyError: It is of another shape; the message says in what.
        """
        try:
            check_shape(data, shape)
        except ShapeError as error:
            raise StudyError(
                f"{path} is damaged: {error}.", "Mend the file or restore it from a copy."
            ) from None

    def start_session(self, facts: Mapping[str, Any]) -> Path:
        """Write what is true of this one invocation to the next free `sessions/N.json`.

        Invocations that start at the same moment, on whatever machines, get different numbers.
        """
        self.sessions.mkdir(parents=True, exist_ok=True)
        taken = [int(p.stem) for p in self.sessions.glob("*.json") if p.stem.isdecimal()]
        number = max(taken, default=0) + 1
        while True:
            path = self.sessions / f"{number}.json"
            try:
                path.touch(exist_ok=False)
            except FileExistsError:
                number += 1
                continue
            write_json(path, facts, PRIVATE)  # the command may name a database and its user
            return path

    @staticmethod
    def end_session(path: Path, status: str) -> None:
        """Add to what `start_session` wrote how the invocation ended, for who watches from afar."""
        facts = RunDirectory.read_json(path)
        write_json(path, {**facts, "ended": status}, PRIVATE)


def find_run_directories(
    root: Path, on_error: Callable[[OSError], None] = lambda error: None
) -> Iterator[RunDirectory]:
    """Every study at or below a directory, in order of path.

    Args:
        root: Where to look.
        on_error: Called for a directory that cannot be listed; its `filename` says which.
    """
    for folder, below, files in os.walk(root, onerror=on_error):
        below.sort()
        if "study.json" in files:
            yield RunDirectory(folder)
