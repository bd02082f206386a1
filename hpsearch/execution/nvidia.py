"""What `nvidia-smi` tells of the GPUs of this machine."""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

FIELDS = "uuid,name,memory.total,driver_version,compute_cap"
SECONDS = 20.0  # a driver that hangs must not hang the command
LISTED_GPU = re.compile(r"GPU (\d+): (.*?) \(UUID: (\S+)\)")
LISTED_PART = re.compile(r"\s+MIG (\S+)\s+Device\s+\d+: \(UUID: (\S+)\)")
PART_GIGABYTES = re.compile(r"\.(\d+)gb")


@dataclass(frozen=True)
class Gpu:
    """A GPU, or a part of one that is divided by MIG.

    Args:
        name: What `CUDA_VISIBLE_DEVICES` calls it: a number, or a UUID.
        model: The maker's name of it; empty if unknown.
        memory: MiB in all; 0 if unknown.
        driver: Version of the driver; empty if unknown.
        capability: CUDA compute capability, such as 8.6; 0 if unknown.
    """

    name: str
    model: str = ""
    memory: int = 0
    driver: str = ""
    capability: float = 0.0


def installed_gpus() -> list[Gpu]:
    """The GPUs of this machine by their UUIDs, in the order of the bus; empty without a driver.

    A GPU that is divided stands for its parts: CUDA offers nothing else of it.
    """
    known = _queried()
    gpus: list[Gpu] = []
    whole = Gpu("")
    for line in _lines("-L"):
        if found := LISTED_GPU.match(line):
            _, model, uuid = found.groups()
            whole = known.get(uuid, Gpu(uuid, model))
            gpus.append(whole)
        elif found := LISTED_PART.match(line):
            gpus = [gpu for gpu in gpus if gpu is not whole]
            gpus.append(_part(whole, *found.groups()))
    return gpus


def has_libraries() -> bool:
    """Whether cuDNN, without which TensorFlow uses no GPU, is installed by pip or on the system."""
    if importlib.util.find_spec("nvidia") and importlib.util.find_spec("nvidia.cudnn"):
        return True
    folders = [Path(name) for name in os.environ.get("LD_LIBRARY_PATH", "").split(":") if name]
    if any(any(folder.glob("libcudnn.so*")) for folder in folders):
        return True
    return ctypes.util.find_library("cudnn") is not None


def _part(whole: Gpu, profile: str, uuid: str) -> Gpu:
    """A part of a divided GPU; its memory is in the name of its profile, as `1g.5gb`."""
    size = PART_GIGABYTES.search(profile)
    memory = int(size.group(1)) << 10 if size else 0
    return replace(whole, name=uuid, model=f"{whole.model} MIG {profile}", memory=memory)


def _queried() -> dict[str, Gpu]:
    """What is known of each GPU by UUID; empty if this `nvidia-smi` does not know the question."""
    known = {}
    for line in _lines(f"--query-gpu={FIELDS}", "--format=csv,noheader,nounits"):
        parts = [part.strip() for part in line.split(",")]
        if len(parts) != FIELDS.count(",") + 1:
            continue
        uuid, model, memory, driver, capability = parts
        known[uuid] = Gpu(uuid, model, int(_number(memory)), driver, _number(capability))
    return known


def _number(text: str) -> float:
    """The number, or 0 for `[N/A]` and the like."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def _lines(*arguments: str) -> list[str]:
    if shutil.which("nvidia-smi") is None:
        return []
    try:
        done = subprocess.run(
            ["nvidia-smi", *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.splitlines() if done.returncode == 0 else []
