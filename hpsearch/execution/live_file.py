"""The file in which a worker tells the screen what it is doing."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from hpsearch.storage import RunDirectory
from hpsearch.storage.atomic import write_json

if TYPE_CHECKING:
    from hpsearch.training.progress import Progress
    from hpsearch.training.snapshot import Snapshot

logger = logging.getLogger(__name__)


def show_progress(
    directory: RunDirectory, worker: str, number: int, progress: Progress | Snapshot, epochs: int
) -> None:
    """Tell the screen how far a trial has come; may be lost.

    Args:
        directory: The run directory.
        worker: Who trains it.
        number: The trial.
        progress: What it has shown so far.
        epochs: Most epochs it trains.
    """
    doing = {
        "number": number,
        "epoch": progress.epochs,
        "epochs": epochs,
        "value": progress.best_value,
        "metrics": {name: values[-1] for name, values in progress.history.items() if values},
    }
    try:
        write_json(directory.live_file(worker), doing, durable=False)
    except OSError as error:
        logger.warning("cannot write the progress of trial %d: %s", number, error)
