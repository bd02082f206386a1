"""Paths as people give them, which may be anything."""

from __future__ import annotations

import os
from pathlib import Path


def expanded(path: Path | str) -> Path:
    """The path with `~` as the home directory; of a user who does not exist it stays as it is."""
    return Path(os.path.expanduser(path))  # noqa: PTH111  (pathlib raises RuntimeError)


def absolute(path: Path | str) -> Path:
    """The path from the root, its links followed; a link to itself is left for who opens it."""
    return Path(os.path.realpath(expanded(path)))  # pathlib raises RuntimeError at such a loop
