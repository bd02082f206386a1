"""What a process must do before and between trials: threads, memory, seeds, cleaning up."""

from __future__ import annotations

import gc
import os
import resource
from pathlib import Path

MEMORY_SHARE = 0.9


def prepare_process(threads: int, *, deterministic: bool = False) -> None:
    """Import TensorFlow with a number of threads and the memory settings of a worker.

    Args:
        threads: Threads for the work inside an operation, 1 or more.
        deterministic: Make the same trial give the same bits on every machine of this kind:
            one thread, since their number decides in which order sums are taken, and only
            operations without races; one that has no such form fails.
    """
    threads = 1 if deterministic else threads
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ["OMP_NUM_THREADS"] = str(threads)
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    if deterministic:
        tf.config.experimental.enable_op_determinism()
    devices = tf.config.list_physical_devices("GPU")
    for device in devices:
        tf.config.experimental.set_memory_growth(device, True)
    if not devices:
        limit_memory()


def limit_memory() -> None:
    """Let an allocation beyond the machine's memory fail here, as an error of this trial.

    Without a limit the kernel would grant it and later kill some process, perhaps another one.
    Not used with GPUs, whose driver reserves address space that was never meant to be filled.
    """
    total = machine_memory()
    if total:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (int(total * MEMORY_SHARE), hard))


def machine_memory() -> int:
    """Bytes of memory that this process could use at most; 0 where that cannot be told."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 0
    group = Path("/sys/fs/cgroup/memory.max")
    text = group.read_text().strip() if group.is_file() else "max"
    return min(total, int(text)) if text.isdigit() else total


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and TensorFlow for one trial."""
    import keras

    keras.utils.set_random_seed(seed)


def clear() -> None:
    """Forget the models of the last trial."""
    import keras

    keras.backend.clear_session()
    gc.collect()
