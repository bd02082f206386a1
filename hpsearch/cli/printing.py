"""What the command line prints when a command ends: JSON for machines, tables for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hpsearch.errors import HpsearchError
from hpsearch.storage.address import redacted
from hpsearch.storage.atomic import dumps

LONGEST_LINE = 1000
CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), "�")
del CONTROLS[ord("\n")], CONTROLS[ord("\t")]


def print_json(data: Any) -> None:
    """Print one JSON object on standard output."""
    sys.stdout.write(dumps(data, indent=2) + "\n")


def print_error(error: HpsearchError, as_json: bool) -> None:
    """Print an error in one line on standard error, or as JSON on standard output."""
    if as_json:
        message, hint = redacted(error.message), redacted(error.hint)
        facts = {"kind": error.kind, "message": message, "hint": hint}
        print_json({"error": facts})
    else:
        sys.stderr.write(f"hpsearch: {one_line(redacted(str(error)))}\n")


def one_line(text: str) -> str:
    """The text as one line that no terminal takes for commands; the middle of a long one is cut."""
    line = " ".join(plain(text.replace("\n", " ")).split())
    if len(line) <= LONGEST_LINE:
        return line
    return f"{line[: LONGEST_LINE // 2]} … {line[-LONGEST_LINE // 2 :]}"


def plain(text: str) -> str:
    """The text without the control characters by which a terminal can be told what to do.

    Names and messages come from files that may be anybody's.
    """
    return text.translate(CONTROLS)


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]], title: str = "") -> None:
    """Print a table for people on standard output."""
    from rich import box
    from rich.table import Table

    table = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(plain(cell) for cell in row))
    console().print(table)


def console(*, stderr: bool = False) -> Any:
    """A rich console; as wide as the terminal, or 120 columns where there is none."""
    from rich.console import Console

    made = Console(stderr=stderr, highlight=False, markup=False, soft_wrap=False)
    return (
        made
        if made.is_terminal
        else Console(stderr=stderr, highlight=False, markup=False, width=120)
    )


def print_lines(rows: Mapping[str, str], heading: str, *, stderr: bool) -> None:
    """Print a heading and aligned `name  text` lines."""
    stream = sys.stderr if stderr else sys.stdout
    stream.write(plain("\n".join([heading, *aligned(rows)]) + "\n"))
    stream.flush()


def aligned(rows: Mapping[str, str]) -> list[str]:
    """Lines of `name  text`, the texts below each other."""
    width = max((len(name) for name in rows), default=0)
    return [f"  {name:<{width}}  {text}" for name, text in rows.items()]
