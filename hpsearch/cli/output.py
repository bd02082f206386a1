"""`Output`: what a command that runs studies is to print."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Output:
    """What a command that runs studies is to print.

    Args:
        dry_run: The plan, and end.
        as_json: One object on standard output and nothing else there.
        verbose: Of every trial, where its seconds went.
    """

    dry_run: bool = False
    as_json: bool = False
    verbose: bool = False
