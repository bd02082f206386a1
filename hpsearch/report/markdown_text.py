"""Text of anybody's as Markdown that shows it and does nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}
"""`@` would notify the person of that name where a pull request is discussed."""


def escaped(text: object) -> str:
    """The text in one line, with nothing in it that Markdown or a code host would take up.

    That is emphasis, links, code, HTML, columns of a table, mentions, references to issues. An
    underscore between letters is no emphasis (CommonMark 0.31, section 6.2) and stays.

    Args:
        text: What is shown, in the end, as it is.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    line = re.sub(r"([\\`*\[\]|~$#])", r"\\\1", line)
    line = re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", line)
    line = "".join(ENTITIES.get(letter, letter) for letter in line)
    return line.replace("://", ":&#47;&#47;").replace("www.", "www&#46;")


def code(text: str) -> str:
    """The text as code, between more backticks than it has in a row.

    Args:
        text: What is shown letter by letter; in a table use `escaped`.
    """
    line = " ".join(text.split())
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    space = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{fence}{space}{line}{space}{fence}"


def table(headings: Sequence[object], rows: Iterable[Sequence[object]]) -> list[str]:
    """The lines of a table, every cell escaped."""
    lines = [headings, *rows]
    shown = [f"| {' | '.join(escaped(cell) for cell in line)} |" for line in lines]
    return [shown[0], "| " + " | ".join("---" for _ in headings) + " |", *shown[1:]]
