"""Where a study came from: versions, hardware, commit, command."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

PACKAGES = ("tensorflow", "keras", "keras-tuner", "optuna", "numpy")


def provenance(command: str) -> dict[str, Any]:
    """What is needed to tell under which conditions a study was made.

    Args:
        command: The command line, or how the library was called.
    """
    from hpsearch import __version__
    from hpsearch.execution.devices import available_cores
    from hpsearch.training.process import machine_memory

    return {
        "command": command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "git_commit": git_commit(),
        "hardware": {
            "machine": platform.machine(),
            "processor": _processor(),
            "cores": available_cores(),
            "memory_gib": round(machine_memory() / 2**30, 1),
            "system": platform.platform(),
        },
        "versions": {
            "hpsearch": __version__,
            "python": platform.python_version(),
            **{name: _version(name) for name in PACKAGES},
        },
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123  (a pseudo-file)
            names = [line.split(":", 1)[1].strip() for line in file if "model name" in line]
    except OSError:
        names = []
    return names[0] if names else platform.processor()


def git_commit() -> str | None:
    """The commit of the current directory, with a `+` if it has changes; None outside git."""
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        return commit + ("+" if _git("status", "--porcelain") else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _git(*arguments: str) -> str:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    done = subprocess.run(
        ["git", *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
        env=environment,
    )
    return done.stdout.strip()
