"""What each worker asks of a Ray cluster."""

from __future__ import annotations

import pytest

from hpsearch.errors import InputError
from hpsearch.execution.ray_shares import Share, share_cluster

GIGABYTES = 2.0**30


def cpus(*counts: int) -> list[dict[str, float]]:
    """Nodes with CPUs and ample memory."""
    return [{"CPU": count, "memory": 64 * GIGABYTES} for count in counts]


def test_without_gpus_one_worker_a_cpu_as_far_as_memory_goes() -> None:
    """Two and eight CPUs are ten workers; 5 GiB of memory are room for two of them."""
    assert share_cluster(cpus(2, 8), None) == Share(10, 1)
    assert share_cluster([{"CPU": 8, "memory": 5 * GIGABYTES}], None) == Share(2, 1)


@pytest.mark.parametrize(
    ("nodes", "workers", "each"), [((4, 4), 2, 4), ((4, 4), 3, 2), ((3, 8), 4, 2), ((2,), 5, 1)]
)
def test_workers_get_the_most_threads_with_which_all_fit(
    nodes: tuple[int, ...], workers: int, each: int
) -> None:
    """Three workers on two nodes of four: two threads each; more than fit have one and wait."""
    assert share_cluster(cpus(*nodes), workers) == Share(workers, each)


def test_with_gpus_one_worker_each_unless_told() -> None:
    """Four GPUs: four workers with a share of the CPUs; five workers: two to a GPU."""
    nodes = [{"CPU": 8, "GPU": 2}, {"CPU": 16, "GPU": 2}, {"CPU": 4}]
    assert share_cluster(nodes, None) == Share(4, 4, 1.0)
    assert share_cluster(nodes, 3) == Share(3, 4, 1.0)
    assert share_cluster(nodes, 5) == Share(5, 2, 0.5)
    assert share_cluster(nodes, None, 8) == Share(32, 0.5, 0.125)
    assert Share(32, 0.5).threads == 1


def test_what_would_wait_for_ever_is_refused() -> None:
    """GPUs asked of a cluster without, more workers than shares, a cluster that has nothing."""
    with pytest.raises(InputError, match="Ray cluster of 2 nodes has no GPU"):
        share_cluster(cpus(2, 2), None, 2)
    with pytest.raises(InputError, match="5 workers do not fit the 2 GPUs"):
        share_cluster([{"CPU": 4, "GPU": 2}], 5, 2)
    with pytest.raises(InputError, match="no CPU and no GPU"):
        share_cluster([{}], None)
    assert share_cluster([{}], 3) == Share(3, 1)
