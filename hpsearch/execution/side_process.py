"""Asking a process of its own that loads TensorFlow, so that this one need not."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from tempfile import TemporaryFile
from typing import IO, Any

from hpsearch.errors import HpsearchError, InputError
from hpsearch.execution.launching import Launch, Launcher, Process, launch_plainly

LAST_LINES = 5
TRY_AGAIN = "Run the same command again; if it stays, look at the space's build(hp)."
OUT_OF_MEMORY = "Most likely memory ran out: give smaller models, fewer workers or less data."
CHATTER = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] "  # TensorFlow's own log
    r"|[IWE]\d{4} \d\d:\d\d:[\d.]+ "  # that of absl, which XLA and newer parts use
    r"|WARNING: All log messages before absl::InitializeLog"
    r"|To enable the following instructions"
    r"|TF-TRT Warning"
)


def ask(
    module: str,
    request: Mapping[str, Any],
    doing: str,
    *,
    environment: Mapping[str, str] | None = None,
    seconds: float | None = None,
    launcher: Launcher = launch_plainly,
) -> dict[str, Any]:
    """Run a module that reads a JSON request on standard input and answers in its last line.

    Args:
        module: The module to run.
        request: What it is asked.
        doing: What it does, for the message if it dies.
        environment: Variables for the process beside its inherited ones.
        seconds: After which it is killed; None waits for ever.
        launcher: Starts it.

    Raises:
        InputError: What the process answered: something the user gave cannot be used.
        HpsearchError: The process died without an answer, or took too long.
    """
    with TemporaryFile() as given, TemporaryFile() as said, TemporaryFile() as complained:
        given.write(json.dumps(request).encode())
        given.seek(0)
        files = (given.fileno(), said.fileno(), complained.fileno())
        own = quiet_environment() | dict(environment or {})
        try:
            status = _run(launcher(Launch(module, (), files, own, bound=True)), seconds)
        except subprocess.TimeoutExpired:
            raise HpsearchError(f"{doing} took more than {seconds:.0f} s", TRY_AGAIN) from None
        answer, last_words = _last_json(_text(said)), _last_words(_text(complained))
    if answer is None:
        raise HpsearchError(
            f"{doing} {how_it_ended(status)}{last_words}",
            OUT_OF_MEMORY if status == -signal.SIGKILL else TRY_AGAIN,
        )
    if "error" in answer:
        raise InputError(answer["error"]["message"], answer["error"]["hint"])
    return answer


def _run(process: Process, seconds: float | None) -> int:
    """Wait for the process; whatever interrupts that ends it, too."""
    try:
        return process.wait(seconds)
    except BaseException:
        process.kill()
        process.wait()
        raise


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def how_it_ended(status: int) -> str:
    """The exit status of a process in words; a negative one is a signal."""
    if status >= 0:
        return f"ended with status {status}"
    return f"was ended by {signal.Signals(-status).name}"


def _last_words(printed: str) -> str:
    lines = without_chatter(printed.splitlines())[-LAST_LINES:]
    return ": " + "\n".join(lines) if lines else ""


def without_chatter(lines: Sequence[str]) -> list[str]:
    """The lines without empty ones and what TensorFlow logs below the level of fatal errors."""
    return [line for line in lines if line.strip() and not CHATTER.match(line)]


def _last_json(output: str) -> dict[str, Any] | None:
    """The last line of the output, if it is a JSON object; others may have printed before it."""
    lines = output.strip().splitlines()
    try:
        answer = json.loads(lines[-1]) if lines else None
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def quiet_environment() -> dict[str, str]:
    """The environment of a process that loads TensorFlow, without TensorFlow's chatter."""
    return {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", **os.environ}
