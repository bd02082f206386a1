"""Checks of the machine without its GPUs: cores, memory, clock."""

from __future__ import annotations

import math
import os
import time
from pathlib import Path

from hpsearch.counting import count_of
from hpsearch.doctor.checks import Check, fine
from hpsearch.execution.devices import GIGABYTES_PER_WORKER, affine_cores, granted_cores
from hpsearch.training.process import machine_memory

MEMORY = Path("/proc/meminfo")
GIBIBYTE = 1 << 30


def check_machine() -> list[Check]:
    """Everything about the machine but disks and GPUs."""
    return [
        check_cores(affine_cores(), os.cpu_count() or 1, granted_cores()),
        check_memory(machine_memory(), _free_memory()),
        check_clock(),
    ]


def check_cores(usable: int, present: int, granted: float) -> Check:
    """How many cores there are to use.

    Args:
        usable: Cores of this process's affinity.
        present: Cores of the machine.
        granted: Cores whose time the control group grants; infinite without a limit.
    """
    found = count_of(usable, "core") + (f" of {present}" if usable < present else "")
    if granted < usable:
        used = max(1, math.floor(granted))
        found += f", of which the control group grants the time of {granted:.3g}: {used} used"
    return fine("cores", found)


def _free_memory() -> int:
    """Bytes that could be had now; 0 where that cannot be told."""
    try:
        lines = MEMORY.read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    sizes = {line.split()[0]: int(line.split()[1]) for line in lines if line.endswith("kB")}
    return sizes.get("MemAvailable:", 0) << 10


def check_memory(total: int, free: int) -> Check:
    """Whether there is memory for one worker at least.

    Args:
        total: Bytes that processes here may use, as the control group allows.
        free: Bytes that are free now; 0 if unknown.
    """
    if not total:
        return fine("memory", "cannot be told on this system")
    available = min(total, free) if free else total
    found = f"{available / GIBIBYTE:.1f} of {total / GIBIBYTE:.1f} GiB free"
    if available >= GIGABYTES_PER_WORKER * GIBIBYTE:
        return fine("memory", found)
    advice = f"A worker takes about {GIGABYTES_PER_WORKER} GiB; free some, or give --workers 1."
    return Check("memory", "warning", found, advice)


def check_clock() -> Check:
    """Whether there is a clock that nobody can set: who is alive is judged by it."""
    clock = time.get_clock_info("monotonic")
    if clock.monotonic and not clock.adjustable:
        return fine("clock", f"monotonic ({clock.implementation})")
    found = f"{clock.implementation} can be set"
    return Check("clock", "problem", found, "Use a system with a monotonic clock.")
