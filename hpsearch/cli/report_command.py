"""The command `hpsearch report`: pages and figures that explain what a search found."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hpsearch.cli.printing import print_json
from hpsearch.execution.template import keep_template
from hpsearch.report import build_report

if TYPE_CHECKING:
    from hpsearch.stages.winner_view import Models


@keep_template()
def report_command(directories: list[Path], *, models: bool | None, as_json: bool) -> None:
    """Write the report and print where it is.

    Args:
        directories: Run directories.
        models: Whether winners' models are looked at; None for those of shipped spaces.
        as_json: Print JSON.
    """
    chosen: Models = "shipped" if models is None else "all" if models else "none"
    page = build_report(directories, models=chosen, tell=_tell)
    if as_json:
        print_json({"page": str(page)})
    else:
        sys.stdout.write(f"Report: {page}\n")


def _tell(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
