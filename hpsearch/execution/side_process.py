"""Asking a process of its own that loads TensorFlow, so that this one need not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from hpsearch.errors import HpsearchError


def ask(module: str, request: Mapping[str, Any], doing: str) -> dict[str, Any]:
    """Run a module that reads a JSON request on standard input and answers in its last line.

    Args:
        module: The module to run.
        request: What it is asked.
        doing: What it does, for the message if it dies.

    Raises:
        HpsearchError: The process died without an answer.
    """
    done = subprocess.run(
        [sys.executable, "-m", module],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        env=quiet_environment(),
    )
    answer = _last_json(done.stdout)
    if answer is None:
        tail = "\n".join(done.stderr.strip().splitlines()[-5:])
        raise HpsearchError(
            f"{doing} ended with status {done.returncode}: {tail}",
            "Run the same command again; if it stays, look at the space's build(hp).",
        )
    return answer


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
