"""Checkpoints: what a trial that was given back had reached, as files of the run directory."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hpsearch.spaces import Value
from hpsearch.storage import RunDirectory, TrialRecord

if TYPE_CHECKING:
    from hpsearch.execution.claims import Claim
    from hpsearch.training.model_state import ModelState
    from hpsearch.training.snapshot import Snapshot

FORMAT_VERSION = 3
MOST_BYTES = 4 * 2**30
FREE_BYTES = 256 * 2**20
FACTS, VARIABLE, BEST = "facts", "variable", "best"
PLAIN_FACTS = ("history", "best_value", "best_epoch", "fold_values", "timings")
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checkpoint:
    """A trial where an earlier attempt at it stopped.

    Args:
        snapshot: Its state after the last whole epoch.
        seconds: Seconds spent on it so far.
        resumed: How often it was resumed so far.
        drawn: Values of hyperparameters that it met beside those proposed.
        in_float32: Whether it has diverged in a lower precision and is trained in float32.
    """

    snapshot: Snapshot
    seconds: float
    resumed: int
    drawn: Mapping[str, Value]
    in_float32: bool = False


class Checkpoints:
    """Writes and reads the checkpoints of one study.

    A checkpoint is a convenience: whatever is wrong with one, or with the disk, costs the
    training it stands for and nothing else. The files are NumPy's archives without pickle.

    Args:
        directory: The run directory.
        space_code: Hash of the code that builds the models.
        most_bytes: What all checkpoints of the study may take together.
        free_bytes: What a checkpoint must leave free on the disk.
    """

    def __init__(
        self,
        directory: RunDirectory,
        space_code: str,
        most_bytes: int = MOST_BYTES,
        free_bytes: int = FREE_BYTES,
    ) -> None:
        self.directory = directory
        self.space_code = space_code
        self.most_bytes = most_bytes
        self.free_bytes = free_bytes

    def write(self, claim: Claim, checkpoint: Checkpoint) -> bool:
        """Write where a trial stands; the file appears at once or not at all.

        It is not forced to the disk: after a power failure a damaged file is refused, and
        waiting for a slow disk could take longer than whoever preempts allows.

        Returns:
            False if it was not written; an older checkpoint of the trial stays.
        """
        part = _part_file(self.directory.checkpoint_file(claim.number))
        try:
            arrays = self._arrays(claim, checkpoint)
            size = sum(array.nbytes + 1024 for array in arrays.values())
            part.parent.mkdir(exist_ok=True)
            with part.open("wb") as file:
                os.truncate(file.fileno(), size)  # so that whoever else writes now counts it
                self._check_room(part.parent, size)
                np.savez(file, **arrays)
                file.truncate()
            part.replace(self.directory.checkpoint_file(claim.number))
        except Exception as error:  # noqa: BLE001  (the trial must be given back all the same)
            logger.warning("trial %d gets no new checkpoint: %s", claim.number, error)
            _remove(part)
            return False
        return True

    def _check_room(self, folder: Path, size: int) -> None:
        """Refuse to fill the disk.

        Raises:
            OSError: Too little is free, or the checkpoints would take too much together.
        """
        free = shutil.disk_usage(folder).free - size
        if free < self.free_bytes:
            raise OSError(f"it would leave {max(0, free) >> 20} MiB of the disk free")
        together = sum(_size(path) for path in folder.iterdir())
        if together > self.most_bytes:
            raise OSError(f"all checkpoints together would take {together >> 20} MiB")

    def _arrays(self, claim: Claim, checkpoint: Checkpoint) -> dict[str, Any]:
        """The checkpoint as named arrays; what is no array as the bytes of a JSON text."""
        snapshot = checkpoint.snapshot
        best = snapshot.best_weights
        facts = self._identity(claim) | {
            "seconds": checkpoint.seconds,
            "resumed": checkpoint.resumed,
            "drawn": dict(checkpoint.drawn),
            "in_float32": checkpoint.in_float32,
            "snapshot": {name: getattr(snapshot, name) for name in PLAIN_FACTS},
            "states": [[len(s.variables), s.random_states] for s in snapshot.states],
            "best": None if best is None else len(best),
        }
        variables = [variable for state in snapshot.states for variable in state.variables]
        text = np.frombuffer(json.dumps(facts).encode(), np.uint8)
        return {
            FACTS: text,
            **{f"{VARIABLE}-{place}": v for place, v in enumerate(variables)},
            **{f"{BEST}-{place}": v for place, v in enumerate(best or ())},
        }

    def _identity(self, claim: Claim) -> dict[str, Any]:
        """What a checkpoint must be of to be used for a trial."""
        return {
            "version": FORMAT_VERSION,
            "number": claim.number,
            "seed": claim.seed,
            "params": dict(claim.params),
            "space_code": self.space_code,
        }

    def read(self, claim: Claim) -> Checkpoint | None:
        """The checkpoint of a trial.

        Returns:
            None if there is none, or it is damaged or of something else, which is logged.
        """
        path = self.directory.checkpoint_file(claim.number)
        if not path.is_file():
            return None
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                return self._checkpoint(claim, archive)
        except Exception as error:  # noqa: BLE001  (a damaged file can raise anything)
            self.refuse(claim, str(error) or type(error).__name__)
            return None

    def refuse(self, claim: Claim, reason: str) -> None:
        """Delete a checkpoint that cannot be used, and say why in the log."""
        logger.warning("trial %d starts anew: its checkpoint is refused, %s", claim.number, reason)
        self.delete(claim.number)

    def _checkpoint(self, claim: Claim, archive: Mapping[str, Any]) -> Checkpoint:
        from hpsearch.training.snapshot import Snapshot

        facts = json.loads(archive[FACTS].tobytes())
        for name, expected in self._identity(claim).items():
            if facts[name] != expected:
                raise ValueError(f"its {name} is {facts[name]!r}, the trial's {expected!r}")
        num_best = facts["best"]
        snapshot = Snapshot(
            states=_states(archive, facts["states"]),
            best_weights=None
            if num_best is None
            else [archive[f"{BEST}-{place}"] for place in range(num_best)],
            **facts["snapshot"],
        )
        own = (facts[name] for name in ("seconds", "resumed", "drawn", "in_float32"))
        return Checkpoint(snapshot, *own)

    def delete(self, number: int) -> None:
        """Delete the checkpoint of a trial that has ended."""
        _remove(self.directory.checkpoint_file(number))


def _states(archive: Mapping[str, Any], known: Sequence[Any]) -> list[ModelState]:
    """The state of each fold; their variables are numbered through."""
    from hpsearch.training.model_state import ModelState

    states, start = [], 0
    for count, random_states in known:
        places = range(start, start + count)
        variables = [archive[f"{VARIABLE}-{place}"] for place in places]
        states.append(ModelState(variables, random_states))
        start += count
    return states


def forget_ended(directory: RunDirectory, records: Sequence[TrialRecord]) -> None:
    """Delete checkpoints whose trials have ended, and what a killed process left half written.

    Called under the study lock.

    Args:
        directory: The run directory.
        records: Its trials as they are now.
    """
    if not directory.checkpoints.is_dir():
        return
    used = {
        path
        for record in records
        if not record.is_finished
        for path in _files(directory.checkpoint_file(record.number), record)
    }
    for path in directory.checkpoints.glob("trial-*"):
        if path not in used:
            _remove(path)


def _files(file: Path, record: TrialRecord) -> list[Path]:
    """What an unfinished trial may have; only the worker that runs it writes a part."""
    return [file, _part_file(file)] if record.state == "running" else [file]


def _remove(path: Path) -> None:
    """Delete a file; if that fails, the next to look after the files tries again."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # another worker has just given it its final name
        return 0


def _part_file(file: Path) -> Path:
    return file.with_suffix(".part")
