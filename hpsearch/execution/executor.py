"""What runs worker processes: the contract that this machine's own and Ray's fill."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hpsearch.errors import HpsearchError, InputError, StudyError
from hpsearch.execution.worker_logs import last_words
from hpsearch.storage import RunDirectory
from hpsearch.storage.file_shapes import LIVE


@dataclass
class WorkerProcess(ABC):
    """A worker process, wherever it runs, as its supervisor sees it.

    Args:
        directory: The run directory, which the worker's machine sees too.
        name: The worker's name.
    """

    directory: RunDirectory
    name: str

    @property
    @abstractmethod
    def status(self) -> int | None:
        """Exit status; None while it runs or waits for its place, negative for a signal."""

    @abstractmethod
    def failure(self) -> tuple[str, str]:
        """The kind of failure its death means for a trial it leaves behind, and a message."""

    @abstractmethod
    def kill(self) -> None:
        """End it because its trial takes too long; a hanging call hears no other signal."""

    @property
    def lost_its_machine(self) -> bool:
        """Whether it ended because its machine did, which is no fault of a worker's."""
        return False

    def doing(self) -> dict[str, Any] | None:
        """What it last said of its trial: number, epoch, epochs, value; None before the first."""
        try:
            return self.directory.read_json(self.directory.live_file(self.name), LIVE)
        except StudyError:
            return None

    def raise_error(self) -> None:
        """Raise what the worker could not go on with, if it left word of it."""
        path = self.directory.worker_error(self.name)
        if not path.is_file():
            return
        facts = self.directory.read_json(path)
        path.unlink()
        kind = InputError if facts["input"] else HpsearchError
        raise kind(facts["message"], facts["hint"])

    def overdue(self, limit: float) -> str:
        """What to say of a trial that takes longer than the limit: how far it came."""
        words = [f"took longer than the limit of {limit:.0f} s for a trial"]
        doing = self.doing()
        if doing is not None and doing["epoch"]:
            words[0] += f": {doing['epoch']} of {doing['epochs']} epochs done"
        words.append(last_words(self.directory, self.name))
        return "\n".join(filter(None, words))


class Executor(ABC):
    """Starts and stops worker processes."""

    @property
    @abstractmethod
    def workers(self) -> int:
        """How many run at the same time at most; 0 if only others work."""

    @abstractmethod
    def start(self) -> WorkerProcess:
        """Start a worker."""

    @abstractmethod
    def stop(self, workers: Sequence[WorkerProcess]) -> None:
        """Have workers give their trials back and end; those that do not listen are killed."""

    @abstractmethod
    def dismiss(self, workers: Sequence[WorkerProcess]) -> None:
        """Let go of workers that still wait for a place; the others end by themselves."""

    @abstractmethod
    def close(self) -> None:
        """Release what the executor holds; no worker is left by then."""
