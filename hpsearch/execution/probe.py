"""The probe: a process that tells what a space declares and how long its trials take."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hpsearch.errors import HpsearchError, InputError
from hpsearch.execution.study_plan import StudyPlan
from hpsearch.spaces import Space


@dataclass(frozen=True)
class ProbeResult:
    """What the probe found.

    Args:
        space: The declared space, before the user's changes.
        num_parameters: Weights of the model with the defaults; None if it builds none.
        seconds_per_epoch: Mean over the probed configurations, on one worker.
        seconds_per_trial: Further seconds a trial takes whatever its epochs: build and trace.
        failure: What the builder raised with the defaults; empty if nothing.
        threads: Threads the probe used.
    """

    space: Space
    num_parameters: int | None = None
    seconds_per_epoch: float = 0.0
    seconds_per_trial: float = 0.0
    failure: str = ""
    threads: int = 1


def probe(plan: StudyPlan, *, threads: int, timed: bool = True) -> ProbeResult:
    """Run the probe in a process of its own, so that this one need not load TensorFlow.

    Args:
        plan: The study to be.
        threads: Threads a worker will have.
        timed: Whether to train for a moment and take the time.

    Raises:
        InputError: The space or the data cannot be used.
        HpsearchError: The process died.
    """
    request = {"plan": plan.to_json(), "threads": threads, "timed": timed}
    done = subprocess.run(
        [sys.executable, "-m", "hpsearch.execution.probe_process"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        env=quiet_environment(),
    )
    answer = last_json(done.stdout)
    if answer is None:
        tail = "\n".join(done.stderr.strip().splitlines()[-5:])
        raise HpsearchError(
            f"The probe of the space ended with status {done.returncode}: {tail}",
            "Run the same command again; if it stays, look at the space's build(hp).",
        )
    if "error" in answer:
        raise InputError(answer["error"]["message"], answer["error"]["hint"])
    return _result(answer, threads)


def _result(answer: Mapping[str, Any], threads: int) -> ProbeResult:
    return ProbeResult(
        space=Space.from_json(answer["space"]),
        num_parameters=answer["num_parameters"],
        seconds_per_epoch=answer["seconds_per_epoch"],
        seconds_per_trial=answer["seconds_per_trial"],
        failure=answer["failure"],
        threads=threads,
    )


def last_json(output: str) -> dict[str, Any] | None:
    """The last line of the output, if it is a JSON object; the builder may print before it."""
    lines = output.strip().splitlines()
    try:
        answer = json.loads(lines[-1]) if lines else None
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def quiet_environment() -> dict[str, str]:
    """The environment of a process that loads TensorFlow, without TensorFlow's chatter."""
    return {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", **os.environ}
