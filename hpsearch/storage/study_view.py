"""`StudyView`: a study as a whole, read only, for analysis, reports and the screen."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpsearch.errors import StudyError
from hpsearch.storage.file_shapes import WINNER
from hpsearch.storage.records import TrialRecord, best_record, counted, ranked
from hpsearch.storage.run_directory import RunDirectory
from hpsearch.storage.study_facts import StudyFacts
from hpsearch.storage.study_store import StudyStore


@dataclass(frozen=True, eq=False)
class StudyView(StudyFacts):
    """A study as it was when it was read; what was computed from one can be kept by it as a key.

    Args:
        directory: Where it lies.
        facts: The contents of `study.json`.
        space: The contents of `space.json`.
        trials: Every trial in order of number.
    """

    directory: RunDirectory
    facts: Mapping[str, Any]
    space: Mapping[str, Any]
    trials: tuple[TrialRecord, ...]

    @property
    def best(self) -> TrialRecord | None:
        """The complete trial with the best objective; of the winner, once that is confirmed.

        None for curves: they train the winner of another study in many ways.
        """
        if self.stage == "curves":
            return None
        facts = self.confirmation
        if facts is None:
            return best_record(self.trials, self.direction)
        own = [trial for trial in self.trials if trial.candidate == facts["winner"]]
        return best_record(own, self.direction)

    @property
    def ranked(self) -> list[TrialRecord]:
        """The complete trials, best first."""
        return ranked(self.trials, self.direction)

    @property
    def confirmation(self) -> dict[str, Any] | None:
        """What a finished confirm stage found, the contents of `winner.json`; else None."""
        path = self.directory.winner_file
        if not path.is_file():
            return None
        facts = self.directory.read_json(path, WINNER)
        if not 0 <= facts["winner"] < len(facts["candidates"]):
            raise StudyError(
                f"{path} is damaged: its winner {facts['winner']} is none of its candidates.",
                "Mend the file or restore it from a copy.",
            )
        return facts

    def count(self) -> dict[str, int]:
        """Number of trials that count, by outcome: completed, pruned, failed."""
        states = [record.state for record in counted(self.trials)]
        return {
            "completed": states.count("complete"),
            "pruned": states.count("pruned"),
            "failed": states.count("failed"),
        }


def load(directory: Path | str, store: StudyStore | None = None) -> StudyView:
    """Read the study in a run directory; writes nothing.

    Args:
        directory: The run directory.
        store: Its trials, where they are open already: then only what is new is read.

    Raises:
        StudyError: There is no study, or it cannot be read.
    """
    run = RunDirectory(directory)
    facts = run.read_study()
    trials = _read_trials(run, store)
    return StudyView(run, facts, run.read_json(run.space_file), trials)


def _read_trials(run: RunDirectory, store: StudyStore | None) -> tuple[TrialRecord, ...]:
    try:
        with _no_garbage_collection():
            return tuple((store or StudyStore(run)).records())
    except OSError as error:
        reason = error.strerror or str(error)
        raise StudyError(
            f"Cannot read {run.journal_file}: {reason}.", "Check the file and its permissions."
        ) from None


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Inside, nobody looks for garbage among what is only being made: a third of the time saved."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
