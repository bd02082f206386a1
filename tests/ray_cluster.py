"""A Ray of the tests' own: two nodes on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

OBJECT_STORE = 80 << 20
NODE = {"num_cpus": 1, "object_store_memory": OBJECT_STORE}


@contextmanager
def running_cluster() -> Iterator[Any]:
    """A Ray of two nodes with a CPU each; what is started on them is killed with them."""
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    made.add_node(**NODE)
    try:
        yield made
    finally:
        made.shutdown()
