"""Arithmetic of lower precision: which this machine has, and computing in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hpsearch.errors import InputError

FLOAT32, BFLOAT16, FLOAT16 = "float32", "mixed_bfloat16", "mixed_float16"
PRECISIONS = (FLOAT32, BFLOAT16, FLOAT16)
PROCESSOR_FLAGS = ("amx_bf16", "avx512_bf16")
LEAST_CAPABILITY = {FLOAT16: 7.0, BFLOAT16: 8.0}  # from where tensor cores compute in it
CPUINFO = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Arithmetic:
    """How the models of a study compute, and why so.

    Args:
        precision: One of `PRECISIONS`.
        xla: Whether training steps are compiled by XLA; only ever on GPUs.
        gain: How many times as fast as float32 it was in the probe; 1 where that was not measured.
        reason: Why, in words; empty where the user asked for it.
    """

    precision: str = FLOAT32
    xla: bool = False
    gain: float = 1.0
    reason: str = ""

    @property
    def is_chosen_lower(self) -> bool:
        """Whether it is a lower precision that a probe chose, and not the user."""
        return self.precision != FLOAT32 and self.gain > 1.0

    def describe(self) -> str:
        """In words, with the reason."""
        how = self.precision + (" with XLA" if self.xla else "")
        return f"{how}: {self.reason}" if self.reason else how


def processor_flags(cpuinfo: Path = CPUINFO) -> list[str]:
    """What the processor has of `PROCESSOR_FLAGS`; empty where that cannot be told."""
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    lines = [line for line in text.splitlines() if line.startswith("flags")]
    known = set(lines[0].partition(":")[2].split()) if lines else set()
    return [flag for flag in PROCESSOR_FLAGS if flag in known]


def lower_precisions(capability: float | None) -> list[str]:
    """The precisions below float32 that the hardware computes in by itself, best first.

    Args:
        capability: CUDA compute capability of the GPU that is used; None without GPUs.
    """
    if capability is None:
        return [BFLOAT16] if processor_flags() else []
    return [name for name, least in LEAST_CAPABILITY.items() if capability >= least]


def own_capability() -> float | None:
    """Compute capability of the GPU that this process uses; None if it uses none."""
    import tensorflow as tf

    gpus = tf.config.get_visible_devices("GPU")
    if not gpus:
        return None
    major, minor = tf.config.experimental.get_device_details(gpus[0]).get(
        "compute_capability", (0, 0)
    )
    return float(f"{major}.{minor}")


def check_precision(precision: str, capability: float | None) -> None:
    """Refuse a precision that this machine would only imitate, many times slower.

    Args:
        precision: One of `PRECISIONS`.
        capability: Of the GPU that is used; None without GPUs.

    Raises:
        InputError: The hardware does not have it.
    """
    if precision == FLOAT32 or precision in lower_precisions(capability):
        return
    needed = f"a GPU of compute capability {LEAST_CAPABILITY[precision]:g} or more"
    if precision == BFLOAT16:
        needed += f", or a processor with {' or '.join(PROCESSOR_FLAGS)}"
    raise InputError(
        f"This study computes in {precision}, which this machine does not have: it takes {needed}.",
        "Work on a machine like the one it was begun on, or begin a study with "
        "--precision float32.",
    )


def compute_in(precision: str) -> None:
    """Build the models of this process in a precision from now on; outputs are their own matter.

    Keras forgets it when a session is cleared, so every trial says it anew.
    """
    import keras

    keras.config.set_dtype_policy(precision)
