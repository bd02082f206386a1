"""The command `hpsearch doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hpsearch.cli import options as given
from hpsearch.cli.commands import app

StorageOption = Annotated[
    str,
    typer.Option(
        "--storage", envvar="HPSEARCH_STORAGE", show_envvar=False, help="Database to reach: a URL."
    ),
]


@app.command()
def doctor(
    space: Annotated[str, typer.Option("--space", help="Search space to load, too.")] = "",
    data: given.DataOption = None,
    storage: StorageOption = "",
    out: Annotated[
        Path, typer.Option("--out", help="Run directory, or where run directories go.")
    ] = Path("results"),
    json: given.JsonOption = False,
) -> None:
    """Look whether this machine can search, how fast, and what to mend; exit status 1 if not."""
    from hpsearch.cli.printing import print_json, print_table
    from hpsearch.doctor import examine
    from hpsearch.errors import InputError

    if data is not None and not space:
        raise InputError("--data is given without --space.", "Give the space it is for, too.")
    found = examine(space=space, data=data, storage=storage, out=out)
    if json:
        print_json(found.to_json())
    else:
        rows = [(c.name, c.verdict, _text(c.found, c.advice)) for c in found.checks]
        print_table(("check", "", "found"), rows)
    raise typer.Exit(0 if found.is_usable else 1)


def _text(found: str, advice: str) -> str:
    return f"{found}\n→ {advice}" if advice else found
