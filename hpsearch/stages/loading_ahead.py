"""Loading what follows a search while its last trial leaves a core idle."""

from __future__ import annotations

from importlib import import_module
from threading import Thread

from hpsearch.execution import Snapshot
from hpsearch.execution.claims import remaining
from hpsearch.stages.running import Update

NARROWS = "optuna.importance"
"""What narrowing measures importance by; it brings scikit-learn along, and takes a second."""


def loading_ahead(on_update: Update) -> Update:
    """The same, and once there is nothing left to begin what narrows the space is loaded.

    A thread does so: trials are looked after meanwhile, and an interrupt meets no half-loaded
    module.

    Args:
        on_update: Called a few times a second while the search runs.
    """
    loading: list[Thread] = []

    def update(snapshot: Snapshot) -> None:
        on_update(snapshot)
        if not loading and leaves_room(snapshot):
            loading.append(Thread(target=import_module, args=(NARROWS,), name="loading ahead"))
            loading[0].start()

    return update


def leaves_room(snapshot: Snapshot) -> bool:
    """Whether the last trials are under way, and no more of them than one or leave a place."""
    if remaining(snapshot.records, snapshot.budget) > 0 or not snapshot.running:
        return False
    return len(snapshot.running) < max(2, snapshot.workers)
