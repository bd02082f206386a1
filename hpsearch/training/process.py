"""What a process must do before and between trials: threads, GPU, memory, seeds, cleaning up."""

from __future__ import annotations

import ctypes
import gc
import os
import resource
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hpsearch.errors import InputError

MEMORY_SHARE = 0.9
CUSTOM_GRADIENT = "CustomGradient-"
NO_GPU = ("", "-1", "none", "NoDevFiles")  # what CUDA_VISIBLE_DEVICES hides all GPUs with


def prepare_process(
    threads: int, gpu_memory: int | None = None, *, deterministic: bool = False
) -> None:
    """Import TensorFlow with a number of threads and the memory settings of a worker.

    Args:
        threads: Threads for the work inside an operation, 1 or more.
        gpu_memory: MiB of its GPU that TensorFlow may fill; None: as much as it needs.
        deterministic: Make the same trial give the same bits on every machine of this kind:
            one thread, since their number decides in which order sums are taken, and only
            operations without races; one that has no such form fails.

    Raises:
        InputError: The environment names a GPU that TensorFlow cannot use.
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
    gpus = tf.config.list_physical_devices("GPU")
    check_gpus(os.environ.get("CUDA_VISIBLE_DEVICES"), len(gpus))
    if gpus:
        use_gpu(tf.config, gpus, gpu_memory)
    else:
        limit_memory()


def check_gpus(named: str | None, seen: int) -> None:
    """Refuse to train without the GPU that was meant to be used.

    Args:
        named: The value of `CUDA_VISIBLE_DEVICES`.
        seen: Number of GPUs that TensorFlow sees.

    Raises:
        InputError: It names one, and TensorFlow sees none.
    """
    if seen or named is None or named.split(",")[0].strip() in NO_GPU:
        return
    raise InputError(
        f"This process is to train on {named} (CUDA_VISIBLE_DEVICES), but TensorFlow sees no GPU.",
        "See why with `hpsearch doctor`, or train on the processor with --gpus none.",
    )


def use_gpu(config: Any, gpus: Sequence[Any], memory: int | None) -> None:
    """Let this process use the first GPU only, and of its memory no more than it needs or may.

    Without this TensorFlow takes all memory of every GPU at once.

    Args:
        config: `tensorflow.config`.
        gpus: The physical devices.
        memory: MiB that it may fill; None: as much as it needs.
    """
    config.set_visible_devices(gpus[:1], "GPU")
    if memory is None:
        config.experimental.set_memory_growth(gpus[0], True)
    else:  # TensorFlow has either growth or a limit
        limit = config.LogicalDeviceConfiguration(memory_limit=memory)
        config.set_logical_device_configuration(gpus[0], [limit])


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

    _forget_gradients()
    keras.backend.clear_session(free_memory=False)  # which would be to collect, as is done next
    gc.collect()
    _return_memory()


def _return_memory() -> None:
    """Give what was freed back to the system, which C's allocator puts off when blocks differ."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError):
        return  # not the C library of GNU


def _forget_gradients() -> None:
    """Forget the gradients of graphs that are no more.

    TensorFlow registers one under a name of its own for each operation with a gradient of its
    own (`tf.custom_gradient`) in each graph, and keeps it for ever, with the graph and every
    weight that the graph has seen: 58 MB a trial with VGG16.
    """
    from tensorflow.python.framework import ops

    known = getattr(ops.gradient_registry, "_registry", {})
    for name in [name for name in known if name.startswith(CUSTOM_GRADIENT)]:
        del known[name]


def keep_what_is_loaded() -> None:
    """Leave what a process has loaded so far out of every later search for garbage.

    TensorFlow and Keras are some million objects, none of which is ever garbage; looking at all
    of them again after each trial took a third of a second.
    """
    import keras  # noqa: F401  (loaded by the first trial otherwise)

    gc.collect()
    gc.freeze()
