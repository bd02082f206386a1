"""`hpsearch data fetch`: downloads with progress."""

from __future__ import annotations

import sys
from pathlib import Path

from hpsearch.cli.printing import print_json
from hpsearch.errors import InputError


def fetch_command(name: str, target: Path | None, *, as_json: bool) -> None:
    """Download a data set and print where it is."""
    from hpsearch.data import fetch_gtsrb

    if name != "gtsrb":
        raise InputError(f"No data set '{name}' to fetch.", "Give gtsrb.")

    def progress(done: int, total: int) -> None:
        share = f"{100 * done / total:.0f} %" if total else "?"
        sys.stderr.write(f"\r{name}: {done / 2**20:.0f} of {total / 2**20:.0f} MiB ({share})")

    sys.stderr.write(f"Fetching {name} …\n")
    folder = fetch_gtsrb(target, progress)
    sys.stderr.write("\n")
    if as_json:
        print_json({"name": name, "directory": str(folder)})
    else:
        sys.stdout.write(f"{name} is in {folder}; use it with --data {folder}\n")
