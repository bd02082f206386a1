"""The command `hpsearch regions`: what a network decides in the plane, as pictures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hpsearch.cli import options as given
from hpsearch.cli.commands import app


@app.command()
def regions(
    directory: Annotated[Path, typer.Argument(help="Run directory of a study on points.")],
    over: Annotated[
        str | None,
        typer.Option(
            "--over",
            metavar="NAME=VALUE,…",
            help="Train it with these values, too; default l2=0.001,0.01,0.1,1 if there is an l2.",
        ),
    ] = None,
    json: given.JsonOption = False,
) -> None:
    """Draw what the best configuration decides in the plane into the report of its study."""
    from hpsearch.cli.printing import print_json
    from hpsearch.report import build_report
    from hpsearch.report.figures.regions import regions_info
    from hpsearch.stages.regions import find_regions
    from hpsearch.storage.study_view import load

    view = load(directory)
    find_regions(view, over)
    page = build_report(directory)
    found = regions_info(view).regions
    if json:
        rows = [{"title": region.title, "value": region.value} for region in found]
        picture = page.parent / "decision-regions.png"
        print_json({"page": str(page), "picture": str(picture), "regions": rows})
        return
    for region in found:
        value = "failed" if region.value is None else f"{region.value:.4f}"
        sys.stdout.write(f"{region.title}: {value}\n")
    sys.stdout.write(f"Report: {page}#decision-regions\n")
