"""What narrowing did to a space, in one line."""

from __future__ import annotations

from hpsearch.stages.narrowing_files import is_edited
from hpsearch.storage import RunDirectory
from hpsearch.storage.file_shapes import NARROWING

DECISIONS = {
    "shrink": "shrunk",
    "widen": "widened",
    "drop": "choices dropped of",
    "fix": "fixed",
    "keep": "kept",
}


def narrowing_in_words(directory: RunDirectory) -> str:
    """What a study kept, shrank, widened, dropped and fixed; empty if it was not narrowed."""
    if is_edited(directory):
        return f"{directory.narrowed_space_file}, as edited"
    if not directory.narrowing_file.is_file():
        return ""
    decided: dict[str, list[str]] = {}
    for entry in directory.read_json(directory.narrowing_file, NARROWING)["hyperparameters"]:
        fixed = f" {entry['after']}" if entry["decision"] == "fix" else ""
        decided.setdefault(entry["decision"], []).append(entry["name"] + fixed)
    if set(decided) == {"keep"}:
        return "everything kept"
    return "; ".join(
        f"{done} {', '.join(decided[decision])}"
        for decision, done in DECISIONS.items()
        if decision in decided
    )
