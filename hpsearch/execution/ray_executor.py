"""Workers as tasks of a Ray cluster: one task a worker, started again when a node is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hpsearch.errors import InputError
from hpsearch.execution.executor import Executor, WorkerProcess
from hpsearch.execution.liveness import new_worker_name
from hpsearch.execution.local_workers import STOP_SECONDS
from hpsearch.execution.ray_connection import Connection, connect
from hpsearch.execution.ray_shares import Share, share_cluster
from hpsearch.execution.ray_task import Ended, Order, fingerprint, run_worker
from hpsearch.execution.statuses import STOPPED_STATUS
from hpsearch.storage import RunDirectory

LOST_STATUS = 1


@dataclass
class RayWorker(WorkerProcess):
    """A worker that runs in a Ray task.

    Args:
        directory: The run directory, on a disk that every node sees.
        name: The worker's name.
        ray: The module `ray`, connected.
        task: Ray's reference to how the worker will have ended.
    """

    ray: Any
    task: Any
    ended: Ended | None = None
    lost_node: bool = False
    dismissed: bool = False

    @property
    def status(self) -> int | None:
        if self.ended is None and self.ray.wait([self.task], timeout=0)[0]:
            self.ended = self._outcome()
        return None if self.ended is None else self.ended.status

    def _outcome(self) -> Ended:
        """How the task ended; one that was lost has left a trial, which is tried again."""
        errors = self.ray.exceptions
        try:
            ended: Ended = self.ray.get(self.task)
        except errors.TaskCancelledError:
            return Ended(STOPPED_STATUS)
        except errors.RayTaskError as error:
            reason = str(error).strip().splitlines()[-1]
            hint = "Install hpsearch, in the same version, on every node of the cluster."
            return Ended(LOST_STATUS, refused=(f"A Ray task could not run: {reason}", hint))
        except errors.OutOfMemoryError as error:
            return Ended(LOST_STATUS, "oom", f"Ray ended the task: {_first_line(error)}")
        except errors.RayError as error:
            self.lost_node = isinstance(error, errors.NodeDiedError)
            return Ended(LOST_STATUS, "lost", f"Ray lost the task: {_first_line(error)}")
        return ended

    @property
    def lost_its_machine(self) -> bool:
        return self.lost_node

    def failure(self) -> tuple[str, str]:
        ended = self.ended or Ended(LOST_STATUS, "lost", "its Ray task vanished")
        return ended.kind, ended.message

    def raise_error(self) -> None:
        if self.ended is not None and self.ended.refused is not None:
            raise InputError(*self.ended.refused)
        super().raise_error()

    def kill(self) -> None:
        self.ray.cancel(self.task)


class RayExecutor(Executor):
    """Runs workers as tasks of a Ray cluster.

    Ray places the tasks. It does not start them again, since a task that is lost with its node
    leaves a trial to be ended first: the supervisor does both.

    Args:
        directory: The run directory, on a disk that every node sees.
        workers: Number of workers; None: as many as the cluster has GPUs, or CPUs.
        workers_per_gpu: How many share a GPU.
        address: Where the cluster is, as `ray.init` takes it; None: `$RAY_ADDRESS`, else a
            Ray of its own on this machine.

    Raises:
        InputError: Ray is not installed, the cluster cannot be reached, or it has nothing of
            what is asked for.
    """

    def __init__(
        self,
        directory: RunDirectory,
        workers: int | None,
        workers_per_gpu: int | None = None,
        address: str | None = None,
    ) -> None:
        self._directory = RunDirectory(directory.path.resolve())
        self._fingerprint = fingerprint(directory)
        self._connection: Connection = connect(address, self._directory.ray_log)
        self._ray = self._connection.ray
        try:
            self.share: Share = share_cluster(self._nodes(), workers, workers_per_gpu)
        except InputError:
            self.close()
            raise
        self._task = self._ray.remote(
            num_cpus=self.share.cpus, num_gpus=self.share.gpus, max_retries=0
        )(run_worker)

    def _nodes(self) -> list[dict[str, float]]:
        return [node["Resources"] for node in self._ray.nodes() if node["Alive"]]

    @property
    def workers(self) -> int:
        return self.share.workers

    def start(self) -> RayWorker:
        name = new_worker_name()
        order = Order(
            str(self._directory),
            self._fingerprint,
            name,
            self.share.threads,
            self.share.per_gpu,
        )
        return RayWorker(self._directory, name, self._ray, self._task.remote(order))

    def stop(self, workers: Sequence[WorkerProcess]) -> None:
        tasks = [worker.task for worker in workers if isinstance(worker, RayWorker)]
        for task in tasks:
            self._ray.cancel(task)
        if tasks:  # each gives its worker time to give back, and a little more to say so
            self._ray.wait(tasks, num_returns=len(tasks), timeout=STOP_SECONDS + 5.0)

    def dismiss(self, workers: Sequence[WorkerProcess]) -> None:
        """Cancel tasks that may still wait for a place which others hold."""
        for worker in workers:
            if isinstance(worker, RayWorker) and not worker.dismissed:
                worker.dismissed = True
                worker.kill()

    def close(self) -> None:
        self._connection.close()


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
