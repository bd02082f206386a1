"""What a failure for want of memory asked for, in words."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from hpsearch.counting import amount_of_bytes, count_of

SIGNS = ("OOM when allocating", "RESOURCE_EXHAUSTED", "bad_alloc", "out of memory")
# TensorFlow, on processors and GPUs; NumPy; XLA and CUDA.
TENSOR = re.compile(r"shape ?\[([\d, ]*)\] and type (\w+)(?: on \S*device:(GPU:\d+))?")
ARRAY = re.compile(
    r"Unable to allocate (.+?) for an array with shape \((.*?)\) and data type (\w+)"
)
BYTES = re.compile(r"allocate (\d+)(?: bytes|\.?$)|\((\d+) bytes\)")
WORDS = re.compile(r"allocate ([\d.]+ ?[KMGT]iB)")


@dataclass(frozen=True)
class TrialSize:
    """What is known of a trial that failed.

    Args:
        num_parameters: Of its model; None where that was not made.
        batch_size: Images a step; None where that is not known.
    """

    num_parameters: int | None = None
    batch_size: int | None = None

    def __str__(self) -> str:
        parts = []
        if self.batch_size is not None:
            parts.append(f"batch size {self.batch_size:,}")
        if self.num_parameters is not None:
            parts.append(count_of(self.num_parameters, "parameter"))
        return ", ".join(parts)


UNKNOWN_SIZE = TrialSize()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that there was not enough memory."""
    if isinstance(error, MemoryError):
        return True
    named = any(kind.__name__ == "ResourceExhaustedError" for kind in type(error).__mro__)
    return named or any(sign in str(error) for sign in SIGNS)


def said_of(error: BaseException, size: TrialSize) -> str:
    """One line: how much was asked for, for what, and how large model and batches are.

    Args:
        error: Of TensorFlow, XLA, NumPy, Python or C++; the last two do not say how much.
        size: What is known of the trial.
    """
    known = f"; {size}" if str(size) else ""
    return f"out of memory: {_asked(str(error)) or 'how much was asked for is not known'}{known}"


def _asked(text: str) -> str:
    """The amount in the message; empty where it names none."""
    if found := TENSOR.search(text):
        return _tensor(*found.groups())
    if found := ARRAY.search(text):
        amount, shape, kind = found.groups()
        return f"{amount} asked for an array of shape [{shape.rstrip(',')}] ({kind})"
    if found := BYTES.search(text):
        return f"{amount_of_bytes(int(found[1] or found[2]))} asked for"
    if found := WORDS.search(text):
        return f"{found[1]} asked for"
    return ""


def _tensor(sizes: str, kind: str, gpu: str | None) -> str:
    shape = [int(size) for size in sizes.replace(" ", "").split(",") if size]
    amount = amount_of_bytes(math.prod(shape) * _bytes_of(kind))
    place = f" on {gpu}" if gpu else ""
    return f"{amount} asked for a tensor of shape {shape} ({kind}){place}"


def _bytes_of(kind: str) -> int:
    """Bytes of a number of a type by TensorFlow's name, such as `float`."""
    import tensorflow as tf

    return int(tf.as_dtype(kind).size)
