"""On what workers train: which GPUs, what share of one, and how many threads."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from hpsearch.counting import count_of
from hpsearch.errors import InputError
from hpsearch.execution.nvidia import Gpu, has_libraries, installed_gpus
from hpsearch.training.process import NO_GPU, machine_memory

QUOTA = Path("/sys/fs/cgroup/cpu.max")
GIGABYTES_PER_WORKER = 2
OUTSIDE_POOL = 768  # MiB a process: CUDA's context, cuDNN, cuBLAS, compiled kernels
MOST_WORKERS = 10_000  # on one machine; more is a slip of the hand
LEAST_SHARE = 512  # MiB; with less no useful model trains


@dataclass(frozen=True)
class Slot:
    """The place of one worker.

    Args:
        gpu: The GPU as `CUDA_VISIBLE_DEVICES` names it; None without GPUs.
        memory: MiB of its memory that the worker may fill; None: as much as there is.
    """

    gpu: str | None = None
    memory: int | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a process has to find in its environment to use this place and no other."""
        return {} if self.gpu is None else {"CUDA_VISIBLE_DEVICES": self.gpu}


ANYWHERE = Slot()
"""The place of a process that takes what its environment gives it."""


@dataclass(frozen=True)
class Placement:
    """Where the workers of this machine train.

    Args:
        slots: One for each worker.
        gpus: The GPUs they use.
        threads: Threads of each worker.
        without_gpus: Why GPUs that there are, or may be, are left alone; empty if they are not.
    """

    slots: tuple[Slot, ...]
    gpus: tuple[Gpu, ...] = ()
    threads: int = 1
    without_gpus: str = ""

    @property
    def workers(self) -> int:
        """Number of workers."""
        return len(self.slots)

    @property
    def can_fork(self) -> bool:
        """Whether workers may be forked from a process that has loaded TensorFlow.

        What a GPU's driver sets up is safest in a process of its own from the start.
        """
        return bool(self.slots) and not self.gpus

    @property
    def at_once(self) -> int:
        """Number of trials that really run at the same time."""
        return min(self.workers, max(available_cores(), len(self.gpus)))

    @property
    def side_slot(self) -> Slot:
        """The place for a process that runs beside no worker: the first GPU, all of it."""
        return Slot("" if self.without_gpus else None) if not self.gpus else Slot(self.gpus[0].name)

    def limited(self, workers: int) -> Placement:
        """The same for at most so many workers; threads are shared anew."""
        slots = self.slots[:workers]
        used = {slot.gpu for slot in slots}
        gpus = tuple(gpu for gpu in self.gpus if gpu.name in used)
        threads = self.threads if slots == self.slots else threads_per_worker(len(slots))
        return replace(self, slots=slots, gpus=gpus, threads=threads)

    def shared(self, workers: int, threads: int) -> Placement:
        """The same cores for another number of workers and threads; there are no GPUs."""
        return replace(self, slots=self.slots[:1] * workers, threads=threads)

    def describe(self) -> str:
        """The placement in words."""
        if not self.slots:
            return "none here"
        count = count_of(self.workers, "worker")
        each = "" if self.workers == 1 else " each"
        if not self.gpus:
            threads = count_of(self.threads, "thread")
            return f"{self.without_gpus or 'no GPU'}: {count} with {threads}{each}"
        names = ", ".join(f"{gpu.model or 'GPU'} ({gpu.name})" for gpu in self.gpus)
        limits = sorted({slot.memory for slot in self.slots if slot.memory is not None})
        limited = f", at most {limits[0] / 1024:.1f} GiB each" if limits else ""
        return f"{count} on {count_of(len(self.gpus), 'GPU')}{limited}: {names}"


def place_workers(
    workers: int | None,
    gpus: tuple[int, ...] | None = None,
    workers_per_gpu: int | None = None,
) -> Placement:
    """Choose the places of workers on this machine.

    Args:
        workers: How many; None: `workers_per_gpu` on each GPU, or one a core as far as memory
            goes.
        gpus: Which of the visible GPUs, counted from 0; None: all of them.
        workers_per_gpu: How many share a GPU; None: one, or as many as `workers` needs.

    Raises:
        InputError: A GPU is not there, or so many workers do not fit.
    """
    visible = visible_gpus()
    without = _without(visible, gpus)
    chosen = [] if without else choose_gpus(visible, gpus)
    if not chosen and workers_per_gpu is not None:
        raise InputError(
            "--workers-per-gpu is given, but there is no GPU.",
            "Leave it out, or see with `hpsearch doctor` why no GPU is found.",
        )
    if chosen:
        slots = _slots(workers, chosen, workers_per_gpu)
    else:
        count = _workers_by_cores() if workers is None else workers
        slots = (Slot("" if without else None),) * count
    used = tuple(gpu for gpu in chosen if any(slot.gpu == gpu.name for slot in slots))
    return Placement(slots, used, threads_per_worker(len(slots)), without)


def _without(visible: Sequence[Gpu], wanted: tuple[int, ...] | None) -> str:
    """Why GPUs are left alone; empty if they are not.

    Where nobody has named any, a GPU that TensorFlow has no libraries for is no reason to fail.
    """
    if wanted == ():
        return "GPUs left alone"
    if wanted is not None or "CUDA_VISIBLE_DEVICES" in os.environ:
        return ""
    if visible and not has_libraries():
        missing = "CUDA's libraries are missing (make install GPU=1)"
        return f"{count_of(len(visible), 'GPU')} not used, {missing}"
    return ""


def _workers_by_cores() -> int:
    by_memory = machine_memory() // (GIGABYTES_PER_WORKER << 30) or 1
    return max(1, min(available_cores(), by_memory))


def _slots(workers: int | None, gpus: Sequence[Gpu], asked: int | None) -> tuple[Slot, ...]:
    """GPU after GPU, then a second worker on each; all workers of a GPU have equal shares.

    Also one that is alone on its GPU beside GPUs with two: whether a model fits must not depend
    on which worker takes it.
    """
    per_gpu = asked or -(-max(workers or 1, 1) // len(gpus))
    most = per_gpu * len(gpus)
    if workers is not None and workers > most:
        raise InputError(
            f"{workers} workers do not fit {count_of(len(gpus), 'GPU')} with {per_gpu} each.",
            f"Give --workers {most}, or more with --workers-per-gpu.",
        )
    shares = {gpu.name: memory_share(gpu, per_gpu) for gpu in gpus}
    slots = [Slot(gpu.name, shares[gpu.name]) for _ in range(per_gpu) for gpu in gpus]
    return tuple(slots if workers is None else slots[:workers])


def memory_share(gpu: Gpu, workers: int) -> int | None:
    """MiB that each of so many workers may fill; None if one has the GPU for itself.

    Raises:
        InputError: There is too little for each.
    """
    if workers == 1 or not gpu.memory:
        return None
    share = gpu.memory // workers - OUTSIDE_POOL
    if share < LEAST_SHARE:
        most = max(1, gpu.memory // (OUTSIDE_POOL + LEAST_SHARE))
        raise InputError(
            f"GPU {gpu.name} has {gpu.memory:,} MiB, too little for {workers} workers.",
            f"Give --workers-per-gpu {most} or less.",
        )
    return share


def choose_gpus(visible: Sequence[Gpu], wanted: tuple[int, ...] | None) -> list[Gpu]:
    """Those of the visible GPUs that are wanted.

    Args:
        visible: What may be used.
        wanted: Places in `visible`, from 0; None for all.

    Raises:
        InputError: One of them is not there.
    """
    if wanted is None:
        return list(visible)
    missing = [number for number in wanted if not 0 <= number < len(visible)]
    if missing:
        last = len(visible) - 1
        usable = f"only {'0 to ' if last else 'GPU '}{last}" if visible else "none"
        raise InputError(
            f"--gpus names GPU {missing[0]}, but {usable} can be used here.",
            "See what there is with `hpsearch doctor`; CUDA_VISIBLE_DEVICES may hide some.",
        )
    return [visible[number] for number in wanted]


@cache
def _installed() -> tuple[Gpu, ...]:
    return tuple(installed_gpus())


def visible_gpus() -> list[Gpu]:
    """The GPUs that this process may use, by the names that its children can be given.

    Those that `CUDA_VISIBLE_DEVICES` names where it is set, else all that the driver knows. As
    in CUDA, what stands behind an entry that names no GPU is hidden.
    """
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    installed = _installed()
    if named is None:
        return list(installed)
    gpus: list[Gpu] = []
    for name in (part.strip() for part in named.split(",")):
        if name in NO_GPU or any(gpu.name == name for gpu in gpus):
            break
        if name.isdecimal() and installed and int(name) >= len(installed):
            break
        gpus.append(_facts(name, installed))
    return gpus


def _facts(name: str, installed: Sequence[Gpu]) -> Gpu:
    """What is known of a GPU that `CUDA_VISIBLE_DEVICES` names.

    A number follows the order of the bus only if `CUDA_DEVICE_ORDER` says so; else it is taken
    for the smallest GPU there is, so that no memory is promised that it may not have.
    """
    if not name.isdecimal():
        found = [gpu for gpu in installed if gpu.name.startswith(name)]
        return replace(found[0], name=name) if len(found) == 1 else Gpu(name)
    if not installed:
        return Gpu(name)
    if os.environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID":
        return replace(installed[int(name)], name=name)
    if len({(gpu.model, gpu.memory) for gpu in installed}) > 1:
        return Gpu(name, memory=min(gpu.memory for gpu in installed))
    return replace(installed[0], name=name)


def parse_gpus(text: str | None) -> tuple[int, ...] | None:
    """The value of `--gpus`: `0,2`, or `none`; None is what was not given.

    Raises:
        InputError: It is neither, or names a GPU twice.
    """
    if text is None:
        return None
    if text.strip() == "none":
        return ()
    parts = [part.strip() for part in text.split(",")]
    numbers = tuple(int(part) for part in parts if re.fullmatch("[0-9]{1,4}", part))
    if len(set(numbers)) < len(parts):
        raise InputError(f"--gpus is '{text}'.", "Give different numbers such as 0,2, or none.")
    return numbers


def available_cores() -> int:
    """Cores that this process may use all the time: of those it may run on, what it is granted."""
    return max(1, math.floor(min(affine_cores(), granted_cores())))


def affine_cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def granted_cores(quota: Path = QUOTA) -> float:
    """Cores whose time the control group grants; infinite where it sets no limit.

    Args:
        quota: `cpu.max` of the group: `max 100000`, or microseconds and a period of so many.
    """
    text = quota.read_text(encoding="utf-8") if quota.is_file() else ""
    given, *period = text.split() or ["max"]
    return int(given) / int(period[0]) if given.isdigit() and period else math.inf


def threads_per_worker(workers: int) -> int:
    """Threads for each worker, so that all of them together use every core once."""
    return max(1, available_cores() // max(1, workers))
