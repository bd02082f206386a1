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
    profile: Annotated[
        bool,
        typer.Option(
            "--profile", help="Train a few trials of --space and show where their seconds go."
        ),
    ] = False,
    json: given.JsonOption = False,
) -> None:
    """Look whether this machine can search, how fast, and what to mend; exit status 1 if not."""
    from hpsearch.cli.printing import print_json, print_table
    from hpsearch.doctor import examine
    from hpsearch.errors import InputError

    if data is not None and not space:
        raise InputError("--data is given without --space.", "Give the space it is for, too.")
    if profile:
        _profile(space, data, as_json=json)
        return
    found = examine(space=space, data=data, storage=storage, out=out)
    if json:
        print_json(found.to_json())
    else:
        rows = [(c.name, c.verdict, _text(c.found, c.advice)) for c in found.checks]
        print_table(("check", "", "found"), rows)
    raise typer.Exit(0 if found.is_usable else 1)


def _profile(space: str, data: Path | None, *, as_json: bool) -> None:
    from hpsearch.cli.printing import print_json, print_table
    from hpsearch.counting import count_of
    from hpsearch.doctor.profiling import profile
    from hpsearch.errors import InputError

    if not space:
        raise InputError("--profile is given without --space.", "Give the space to profile.")
    found = profile(space, data)
    if as_json:
        print_json({"profile": found.to_json()})
        return
    rows = [(p.describe(), f"{p.seconds:.3f}", f"{p.share:.1%}") for p in found.phases]
    rows.append(("whole trial", f"{found.seconds:.3f}", ""))
    rows.append(("start of the worker, once", f"{found.start_seconds:.3f}", ""))
    title = f"{count_of(found.num_trials, 'trial')} of {space} on one worker"
    print_table(("spent on", "seconds a trial", "share"), rows, title)


def _text(found: str, advice: str) -> str:
    return f"{found}\n→ {advice}" if advice else found
