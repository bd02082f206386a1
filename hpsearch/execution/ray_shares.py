"""How the CPUs and GPUs of a Ray cluster are shared among workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hpsearch.counting import count_of
from hpsearch.errors import InputError
from hpsearch.execution.devices import GIGABYTES_PER_WORKER


@dataclass(frozen=True)
class Share:
    """How many workers there are and what each asks of Ray.

    Args:
        workers: Number of workers, each a task.
        cpus: CPUs of each.
        gpus: GPUs of each, less than 1 where several share one.
    """

    workers: int
    cpus: float
    gpus: float = 0.0

    @property
    def per_gpu(self) -> int | None:
        """How many workers share a GPU; None without GPUs."""
        return round(1 / self.gpus) if self.gpus else None

    @property
    def threads(self) -> int:
        """Threads of each worker."""
        return max(1, int(self.cpus))


def share_cluster(
    nodes: Sequence[Mapping[str, float]], workers: int | None, workers_per_gpu: int | None = None
) -> Share:
    """Divide a cluster among workers.

    Args:
        nodes: The resources of each node as Ray names them: `CPU`, `GPU`, `memory` in bytes.
        workers: How many; None: `workers_per_gpu` on each GPU, or one a CPU as far as memory
            goes.
        workers_per_gpu: How many share a GPU; None: one, or as many as `workers` needs.

    Raises:
        InputError: The cluster has nothing of the kind, so that tasks would wait for ever.
    """
    gpus = int(sum(node.get("GPU", 0) for node in nodes))
    if gpus:
        return _by_gpus(nodes, gpus, workers, workers_per_gpu)
    if workers_per_gpu is not None:
        raise InputError(
            f"--workers-per-gpu is given, but the Ray cluster of {count_of(len(nodes), 'node')} "
            "has no GPU.",
            "Leave it out, or start Ray on the nodes with GPUs (ray start --num-gpus).",
        )
    return _by_cpus(nodes, workers)


def _by_gpus(
    nodes: Sequence[Mapping[str, float]], gpus: int, workers: int | None, asked: int | None
) -> Share:
    per_gpu = asked or -(-(workers or 1) // gpus)
    if workers is not None and workers > gpus * per_gpu:
        raise InputError(
            f"{workers} workers do not fit the {count_of(gpus, 'GPU')} of the Ray cluster with "
            f"{per_gpu} each.",
            f"Give --workers {gpus * per_gpu}, or more with --workers-per-gpu.",
        )
    with_gpus = [node for node in nodes if node.get("GPU", 0)]
    cpus = min(node.get("CPU", 0) / (node["GPU"] * per_gpu) for node in with_gpus)
    return Share(workers or gpus * per_gpu, int(cpus) if cpus >= 1 else cpus, 1 / per_gpu)


def _by_cpus(nodes: Sequence[Mapping[str, float]], workers: int | None) -> Share:
    cpus = [int(node.get("CPU", 0)) for node in nodes]
    if workers is None:
        workers = sum(map(_room, nodes))
        if not workers:
            raise InputError(
                "The Ray cluster has no CPU and no GPU to give as yet.",
                "Give --workers; tasks then wait for nodes to join.",
            )
        return Share(workers, 1)
    fitting = (each for each in range(max(cpus, default=1), 1, -1) if _fits(cpus, each, workers))
    return Share(workers, next(fitting, 1))


def _room(node: Mapping[str, float]) -> int:
    """Workers of one CPU that a node has memory for, one at least if it has a CPU."""
    cpus = int(node.get("CPU", 0))
    return min(cpus, max(1, int(node.get("memory", 0) // (GIGABYTES_PER_WORKER << 30))))


def _fits(cpus: Sequence[int], each: int, workers: int) -> bool:
    return sum(count // each for count in cpus) >= workers
