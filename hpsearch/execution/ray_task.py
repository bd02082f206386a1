"""What a Ray task does on its node: runs one worker process and says how it ended."""

from __future__ import annotations

import hashlib
import os
import platform
import time
from dataclasses import dataclass

from hpsearch import __version__
from hpsearch.errors import InputError
from hpsearch.execution.devices import place_workers
from hpsearch.execution.local_workers import start_worker, stop_workers
from hpsearch.execution.statuses import STOPPED_STATUS
from hpsearch.storage import RunDirectory

POLL_SECONDS = 0.2
SEEN_WITHIN_SECONDS = 30.0  # a network disk may show a new file as late as that


@dataclass(frozen=True)
class Order:
    """What a task is told.

    Args:
        study: Path of the run directory, absolute.
        fingerprint: Of the study that lies there.
        worker: Name of the worker.
        threads: Its threads.
        per_gpu: How many workers share the GPU that Ray gives it; None: it gets no GPU.
        version: The hpsearch that gives the order.
    """

    study: str
    fingerprint: str
    worker: str
    threads: int
    per_gpu: int | None
    version: str = __version__


@dataclass(frozen=True)
class Ended:
    """How a worker ended.

    Args:
        status: Its exit status.
        kind: The kind of failure this means for a trial it left behind.
        message: In words.
        refused: Why nothing could be started on the node, and how to mend it.
    """

    status: int
    kind: str = ""
    message: str = ""
    refused: tuple[str, str] | None = None


def fingerprint(directory: RunDirectory) -> str:
    """Identifies the study in a directory; empty if there is none."""
    try:
        return hashlib.sha256(directory.study_file.read_bytes()).hexdigest()
    except OSError:
        return ""


def run_worker(order: Order) -> Ended:
    """Run one worker process until it ends; a cancelled task has it give its trial back."""
    directory = RunDirectory(order.study)
    refused = unusable(directory, order)
    if refused is not None:
        return Ended(1, refused=refused)
    try:
        place = place_workers(1, None if order.per_gpu else (), order.per_gpu)
    except InputError as error:
        return Ended(1, refused=(f"Ray node {node_name()}: {error.message}", error.hint))
    worker = start_worker(directory, order.threads, place.slots[0], order.worker)
    try:
        while worker.status is None:
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:  # which is how Ray cancels
        return Ended(STOPPED_STATUS)
    finally:
        stop_workers([worker])
        worker.leash.close()
    kind, message = worker.failure()
    return Ended(worker.status, kind, message)


def unusable(directory: RunDirectory, order: Order) -> tuple[str, str] | None:
    """Why this node cannot work on the study, and how to mend it; None if it can.

    Args:
        directory: The run directory as this node sees it.
        order: What the task was told.
    """
    node = node_name()
    if order.version != __version__:
        return (
            f"Ray node {node} has hpsearch {__version__}, but the study is run by {order.version}.",
            "Install the same version on every node.",
        )
    deadline = time.monotonic() + SEEN_WITHIN_SECONDS
    while fingerprint(directory) != order.fingerprint:
        if time.monotonic() > deadline:
            what = "sees another study" if directory.has_study else "sees no study"
            return (
                f"Ray node {node} {what}: every node must see the run directory {directory}.",
                "Give --out a folder that all nodes mount at the same path.",
            )
        time.sleep(POLL_SECONDS)
    if not os.access(directory.logs, os.W_OK):
        return (
            f"Ray node {node} may not write to {directory.logs}.",
            "Start Ray there as a user who may write to the run directory.",
        )
    return None


def node_name() -> str:
    """The node for people: its host name, and Ray's own name for it where there is one."""
    import ray

    if not ray.is_initialized():
        return platform.node()
    return f"{platform.node()} ({ray.get_runtime_context().get_node_id()[:8]})"
