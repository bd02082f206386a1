"""What an earlier stage showed, kept with a study so that it goes on without its source."""

from __future__ import annotations

from collections.abc import Sequence

from hpsearch.search import Observation
from hpsearch.storage import RunDirectory
from hpsearch.storage.atomic import write_json
from hpsearch.storage.file_shapes import PRIOR


def write_prior(directory: RunDirectory, prior: Sequence[Observation]) -> None:
    """Keep the observations of an earlier stage."""
    trials = [{"params": dict(o.params), "value": o.value, "outcome": o.outcome} for o in prior]
    write_json(directory.prior_file, {"trials": trials})


def read_prior(directory: RunDirectory) -> tuple[Observation, ...]:
    """The observations kept with a study; none for a first stage.

    Raises:
        StudyError: The file is damaged.
    """
    if not directory.prior_file.is_file():
        return ()
    entries = directory.read_json(directory.prior_file, PRIOR)["trials"]
    return tuple(Observation(e["params"], e["value"], e["outcome"]) for e in entries)
