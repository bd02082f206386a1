"""The ledger of looks at a test split: every look uses up some of its worth."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hpsearch.storage.locking import exclusive

LEDGER = "test-looks.jsonl"
SAME_LOOK = ("study", "created", "configuration")


class LookLedger:
    """Looks at one test split, kept beside the run directories that took them.

    Args:
        folder: The folder that holds the run directories, such as `results`.
        fingerprint: Which data.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.path = folder / LEDGER
        self.fingerprint = fingerprint

    def looks(self) -> list[dict[str, Any]]:
        """The looks at this test split so far, the earliest first."""
        if not self.path.is_file():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines()
        entries = [json.loads(line) for line in lines if line.strip()]
        return [entry for entry in entries if entry.get("data") == self.fingerprint]

    def enter(self, facts: Mapping[str, Any]) -> int:
        """Enter one more look, before it is taken.

        A look that was entered by the same study already is not entered again: a study that was
        killed while it looked has shown nobody anything.

        Args:
            facts: Whose look it is (`study`, `created`), at what (`configuration`), and more.

        Returns:
            How many looks there have been, this one included.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"data": self.fingerprint, **facts}) + "\n"
        with exclusive(self.path.with_name(f".{LEDGER}.lock")):
            before = self.looks()
            for count, look in enumerate(before, start=1):
                if all(look.get(key) == facts[key] for key in SAME_LOOK):
                    return count
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                os.write(descriptor, line.encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            return len(before) + 1
