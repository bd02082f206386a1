"""Checks of what computes: TensorFlow, GPUs and their driver, precisions, a timed step."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from hpsearch.counting import count_of
from hpsearch.doctor.checks import Check, Verdict, fine
from hpsearch.errors import HpsearchError
from hpsearch.execution.devices import available_cores, visible_gpus
from hpsearch.execution.nvidia import Gpu, has_libraries, installed_gpus
from hpsearch.execution.side_process import ask

PROCESS = "hpsearch.doctor.measuring_process"
SECONDS = 90.0
OLDEST_DRIVERS = {11: 450, 12: 525, 13: 580}  # NVIDIA's table of minor version compatibility
SLOW = 500  # images a second of a small convnet, below which something is wrong


def check_accelerators() -> list[Check]:
    """Everything that needs TensorFlow, asked of a process that loads it."""
    threads = available_cores()
    request = {"threads": threads}
    try:
        seen = ask(PROCESS, request, "TensorFlow, loaded for a test,", seconds=SECONDS)
    except HpsearchError as error:
        advice = "Run: make clean && make install (on processors without AVX there is no wheel)"
        return [Check("tensorflow", "problem", error.message, advice)]
    return [
        fine("tensorflow", f"loads in {seen['seconds_to_load']:.1f} s"),
        check_gpus(installed_gpus(), visible_gpus(), seen, libraries_installed=has_libraries()),
        check_precision(seen),
        check_speed(seen["images_per_second"], threads, on_gpu=seen["gpus"] > 0),
    ]


def check_gpus(
    installed: Sequence[Gpu],
    visible: Sequence[Gpu],
    seen: Mapping[str, Any],
    *,
    libraries_installed: bool,
) -> Check:
    """Whether TensorFlow can use the GPUs that the driver knows and the environment allows.

    Args:
        installed: What the driver knows.
        visible: What `CUDA_VISIBLE_DEVICES` leaves of it.
        seen: What TensorFlow tells: `gpus`, their number, and `cuda`, the version it is made for.
        libraries_installed: Whether NVIDIA's libraries are installed beside TensorFlow.
    """
    names = ", ".join(_describe(gpu) for gpu in visible)
    if seen["gpus"]:
        if seen["gpus"] >= len(visible):
            return fine("gpus", names or f"{count_of(seen['gpus'], 'GPU')}, no nvidia-smi")
        found = f"TensorFlow sees {seen['gpus']} of {count_of(len(visible), 'GPU')}: {names}"
        return Check("gpus", "problem", found, "See in `nvidia-smi` which one is not well.")
    if not visible:
        hidden = f" ({count_of(len(installed), 'GPU')} hidden)" if installed else ""
        return fine("gpus", f"none{hidden}; training uses the processor's cores")
    named = "CUDA_VISIBLE_DEVICES" in os.environ
    verdict: Verdict = "problem" if libraries_installed or named else "warning"
    found = f"TensorFlow sees none of: {names}"
    return Check("gpus", verdict, found, _remedy(visible, seen, libraries_installed))


def _describe(gpu: Gpu) -> str:
    facts = [f"{gpu.memory / 1024:.0f} GiB"] if gpu.memory else []
    facts += [f"driver {gpu.driver}"] if gpu.driver else []
    return f"{gpu.model or 'GPU'} {gpu.name}" + (f" ({', '.join(facts)})" if facts else "")


def _remedy(visible: Sequence[Gpu], seen: Mapping[str, Any], libraries_installed: bool) -> str:
    """What to do about GPUs that TensorFlow does not see."""
    drivers = [gpu.driver for gpu in visible if gpu.driver.partition(".")[0].isdigit()]
    cuda = str(seen["cuda"] or "")
    if not cuda:
        return "This TensorFlow is built without CUDA. Run: make clean && make install GPU=1"
    oldest = OLDEST_DRIVERS.get(int(cuda.partition(".")[0]), 0)
    if drivers and int(drivers[0].partition(".")[0]) < oldest:
        return f"Update the driver: {drivers[0]} is older than {oldest}, which CUDA {cuda} needs."
    if not libraries_installed:
        return "CUDA's libraries are missing. Run: make install GPU=1"
    return "Run `nvidia-smi`; if it is well, TF_CPP_MIN_LOG_LEVEL=0 makes TensorFlow say why."


def check_precision(seen: Mapping[str, Any]) -> Check:
    """Which precisions the hardware has, and what they gain in the timed step."""
    speeds = seen["images_per_second"]
    gains = [f"{name} ({speeds[name] / speeds['float32']:.2f}×)" for name in seen["precisions"]]
    if gains:
        return fine("precision", f"float32, {', '.join(gains)} in the timed step")
    return fine("precision", "float32 only")


def check_speed(speeds: Mapping[str, float], threads: int, *, on_gpu: bool) -> Check:
    """How fast a small convnet trains here."""
    where = "one GPU" if on_gpu else count_of(threads, "thread")
    found = f"{speeds['float32']:,.0f} images/s in float32 (LeNet, 32×32) with {where}"
    if speeds["float32"] >= SLOW:
        return fine("timed step", found)
    return Check("timed step", "warning", found, "See with `top` what else uses the cores.")
