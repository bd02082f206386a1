"""Writes docs/reference/cli.md from the commands themselves; --check fails when it is stale."""

import argparse
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "cli.md"
PROGRAM = "hpsearch"


def one_line(text: str | None) -> str:
    """`text` fit for a cell of a Markdown table."""
    return " ".join((text or "").split()).replace("|", "\\|")


def describe_parameters(command: Any, context: Any) -> Iterator[str]:
    """The argument and option tables of one command."""
    for kind, heading in (("argument", "what it is"), ("option", "what it does")):
        of_kind = [parameter for parameter in command.params if parameter.param_type_name == kind]
        # A record is what --help shows: how to write it; its help with default, range, required.
        records = [parameter.get_help_record(context) for parameter in of_kind]
        rows = [f"| `{one_line(r[0])}` | {one_line(r[1])} |" for r in records if r is not None]
        if rows:
            yield "\n".join([f"| {kind} | {heading} |", "| --- | --- |", *rows, ""])


def describe(command: Any, name: str, level: int) -> Iterator[str]:
    """The section of one command and, below it, those of its subcommands."""
    context = command.context_class(command, info_name=name)
    yield f"{'#' * level} {name}\n"
    if command.help:
        # \b and \f are the marks of typer for "do not wrap" and "stop here".
        yield inspect.cleandoc(command.help).split("\f")[0].replace("\b\n", "").strip() + "\n"
    yield from describe_parameters(command, context)
    for child_name in getattr(command, "commands", {}):
        child = command.get_command(context, child_name)
        if not child.hidden:
            yield from describe(child, f"{name} {child_name}", level=2)


def reference() -> str:
    """The whole page."""
    from typer.main import get_command

    from hpsearch.cli import app

    note = "<!-- Generated from the commands by `make docs`; do not edit. -->\n"
    text = "\n".join([note, *describe(get_command(app), PROGRAM, level=1)])
    return "\n".join(line.rstrip() for line in text.splitlines()).strip() + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Writes the page, or with --check says whether it is up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when stale")
    options = parser.parse_args(arguments)
    wanted = reference()
    shown = PAGE.relative_to(ROOT)
    if options.check:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == wanted:
            return 0
        print(f"{shown} differs from the commands. Run: make docs", file=sys.stderr)
        return 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(wanted, encoding="utf-8")
    print(f"Wrote {shown}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
