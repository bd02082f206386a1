"""Workers that have died, as others find them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hpsearch.execution.liveness import machine
from hpsearch.storage import RunDirectory


@pytest.fixture
def died() -> Callable[[RunDirectory, str], None]:
    """Leaves what a worker of this machine leaves that was killed: a lock that nobody holds."""

    def leave(directory: RunDirectory, worker: str) -> None:
        directory.workers.mkdir(parents=True, exist_ok=True)
        directory.worker_lock(worker).write_text(machine(), encoding="utf-8")

    return leave
