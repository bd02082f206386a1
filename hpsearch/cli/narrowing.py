"""`hpsearch narrow`: what narrowing decided, as a table or JSON."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hpsearch.analysis.importance import share_words
from hpsearch.cli.printing import print_json, print_table
from hpsearch.stages import is_edited
from hpsearch.storage import RunDirectory
from hpsearch.workflow import narrow


def print_narrowing(narrowing: Mapping[str, Any]) -> None:
    """Print what narrowing decided, with the reasons; of too few trials, only what was changed."""
    is_judged = narrowing["fit_quality"] is not None
    rows = [
        (
            entry["name"],
            share_words(entry["importance"]),
            entry["decision"],
            entry["before"],
            entry["after"] if entry["after"] != entry["before"] else "same",
            entry["reason"],
        )
        for entry in narrowing["hyperparameters"]
        if is_judged or entry["after"] != entry["before"]
    ]
    if rows:
        headings = ("hyperparameter", "importance", "decision", "before", "after", "why")
        print_table(headings, rows, "Narrowed space for the next stage")
    if narrowing["note"]:
        sys.stdout.write(narrowing["note"] + "\n")


def narrow_command(source: Path, said: Mapping[str, Any], *, as_json: bool) -> None:
    """Narrow a study again and print the decisions.

    Args:
        source: Run directory of the study.
        said: What the user says, as `hpsearch.workflow.narrow` takes it.
        as_json: Print one JSON object instead of a table.
    """
    directory = RunDirectory(source)
    narrowing = narrow(source, **said).to_json()
    edited = is_edited(directory)
    if as_json:
        print_json({**narrowing, "from": str(source), "edited": edited})
        return
    print_narrowing(narrowing)
    if edited:
        sys.stdout.write(
            f"{directory.narrowed_space_file} was edited and is left as it is; give --overwrite "
            "to have it written again.\n"
        )
    else:
        sys.stdout.write(f"Written: {directory.narrowed_space_file}\n")
