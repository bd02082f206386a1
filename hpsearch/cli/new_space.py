"""`hpsearch new-space`: a commented space file that runs as it is."""

from __future__ import annotations

import keyword
import sys
from pathlib import Path

from hpsearch.cli.printing import print_json
from hpsearch.cli.space_templates import STARTS, Start, space_text
from hpsearch.errors import InputError
from hpsearch.storage.places import absolute, expanded


def write_new_space(name: str, dataset: str, folder: Path, *, as_json: bool) -> None:
    """Write the file and say where it is.

    Args:
        name: Of the space.
        dataset: One of `STARTS`, or a folder, a .csv or a .npz file.
        folder: Where to write it.
        as_json: Print one JSON object.

    Raises:
        InputError: The name is no name, there is such a file, or no data set of that name.
    """
    if not name.isidentifier() or keyword.iskeyword(name):
        raise InputError(
            f"'{name}' is no name for a space.",
            "Use letters, digits and underscores, as in my_signs.",
        )
    start, source = _start(dataset)
    path = folder / f"{name}.py"
    if path.exists():
        raise InputError(f"{path} is there already.", "Give another name, or delete it.")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(space_text(name, start, source), encoding="utf-8")
    if as_json:
        print_json({"path": str(path)})
        return
    data = f" {start.data}" if start.data and not source else ""
    sys.stdout.write(
        f"{path}\nNext: hpsearch spaces {name}{data}; hpsearch coarse --space {name}{data}\n"
    )


def _start(dataset: str) -> tuple[Start, str]:
    """What to begin with, and the path that goes into the file.

    Raises:
        InputError: It is neither a name nor a path.
    """
    path = expanded(dataset)
    if path.exists():
        kind = {".csv": "csv", ".npz": "npz"}.get(path.suffix.lower(), "folder")
        return STARTS[kind], str(absolute(path))
    if dataset not in STARTS:
        raise InputError(
            f"No data set '{dataset}'.",
            f"Give one of: {', '.join(STARTS)}; or the path of a folder, .csv or .npz file.",
        )
    return STARTS[dataset], ""
