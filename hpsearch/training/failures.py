"""Failures of a trial by kind, judged from the exception."""

from __future__ import annotations

import re
import traceback

from hpsearch.errors import Infeasible
from hpsearch.storage import FailureKind
from hpsearch.training.out_of_memory import (
    UNKNOWN_SIZE,
    TrialSize,
    is_out_of_memory,
    said_of,
)

IMPOSSIBLE_SHAPE_SIGNS = ("Negative dimension size", "Computed output size would be negative")
LONGEST_MESSAGE, LONGEST_HEADLINE = 4000, 300
ANSI = re.compile(r"\x1b\[[0-9;]*m")
UNTELLING = re.compile(
    r"Exception encountered when calling|Graph execution error|Detected at node|File \"|"
    r"Stack trace for op|<stack traces|\[\[|Arguments received by"
)
# Names of TensorFlow's own functions around the message proper.
WRAPPER = re.compile(r"\{\{function_node [^}]*\}\} ?|\[Op:\w+\] ?(name: ?)?$")


class Diverged(Exception):
    """The loss or the objective became NaN or infinite."""


def classify(error: BaseException) -> FailureKind:
    """The kind of failure an exception means."""
    text = str(error)
    if isinstance(error, Diverged | FloatingPointError):
        return "diverged"
    if is_out_of_memory(error):
        return "oom"
    if isinstance(error, Infeasible) or any(sign in text for sign in IMPOSSIBLE_SHAPE_SIGNS):
        return "infeasible"
    return "error"


def describe(error: BaseException, size: TrialSize = UNKNOWN_SIZE) -> str:
    """The exception in one line, followed by its traceback, the end of it if it is long.

    Args:
        error: What ended the trial.
        size: How large its model and batches are, said where memory ran out.
    """
    headline = f"{type(error).__name__}: {_telling_line(str(error))}"
    if is_out_of_memory(error):
        headline = said_of(error, size)
    if isinstance(error, Diverged | Infeasible):
        return headline
    trace = "".join(traceback.format_exception(error))
    return f"{headline}\n{trace[-LONGEST_MESSAGE:]}"


def _telling_line(text: str) -> str:
    """The line of a message that says what is wrong, not where Keras or TensorFlow noticed."""
    plain = WRAPPER.sub("", ANSI.sub("", text))
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    telling = [line for line in lines if not UNTELLING.match(line)]
    return (telling or lines or [""])[0][:LONGEST_HEADLINE]
