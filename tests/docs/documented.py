"""What the documentation tells people to type: commands and Python, with where they stand."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "results" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
)
SHELL = ("", "sh", "bash", "shell", "console")
"""Languages of blocks whose lines are typed; others show what is printed, or files."""
TYPED = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?((?:hpsearch|make)(?: .+|))$")
INLINE = re.compile(r"(?<!`)`(?:\.venv/bin/)?((?:hpsearch|make) [^`]+)`(?!`)")
FENCE = re.compile(r"^\s*(`{3,}|~{3,})\s*([\w-]*)")
END_OF_COMMAND = re.compile(r"\s(?:#|\||>|>>|&&|;)(?:\s.*|$)")


class Line(NamedTuple):
    """A line of a page and what kind of place it stands in.

    Args:
        number: From 1.
        text: As it is written.
        language: Of the fenced block around it; None outside of one.
    """

    number: int
    text: str
    language: str | None


class Command(NamedTuple):
    """A command as the documentation has it.

    Args:
        text: Without prompt, comment and what it is piped into.
        in_block: Whether it stands in a block, to be typed, and not in a sentence.
        places: Page and line, wherever it stands.
    """

    text: str
    in_block: bool
    places: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """Its words; `[--json]` of a synopsis counts as `--json`, `…` as nothing."""
        given = self.text.replace("[", "").replace("]", "") if self.is_synopsis else self.text
        return [word.rstrip("…") for word in shlex.split(given) if word.rstrip("…")]

    @property
    def is_synopsis(self) -> bool:
        """Whether it shows what may be given, as `hpsearch predict MODEL [--json]`."""
        return " [" in self.text

    @property
    def is_shortened(self) -> bool:
        """Whether something is left out in its middle."""
        return "…" in self.text


def lines_of(page: Path) -> Iterator[Line]:
    """The lines of a page; a line that ends with a backslash goes on in the next."""
    fence, language, begun, started = "", None, "", 0
    for number, text in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        mark = FENCE.match(text)
        if mark and (not fence or mark[1].startswith(fence)):
            fence, language = ("", None) if fence else (mark[1], mark[2])
            continue
        if language is not None and text.endswith("\\"):
            started = started or number
            begun += text[:-1].rstrip() + " " if not begun else text[:-1].strip() + " "
            continue
        yield Line(started or number, begun + (text.strip() if begun else text), language)
        begun, started = "", 0


def commands_of(page: Path) -> Iterator[Command]:
    """Every command of a page, in order."""
    name = page.relative_to(ROOT)
    for line in lines_of(page):
        place = (f"{name}:{line.number}",)
        is_block = line.language in SHELL or (
            line.language is None and line.text.startswith("    ")
        )
        typed = TYPED.match(line.text.strip()) if is_block else None
        if typed:
            text = END_OF_COMMAND.sub("", typed[1]).strip()
            yield Command(text, True, place)
        elif line.language is None:
            yield from (Command(found, False, place) for found in INLINE.findall(line.text))


def all_commands() -> list[Command]:
    """Every different command of all pages; of one that also stands in a block, that."""
    found: dict[str, Command] = {}
    for page in PAGES:
        for command in commands_of(page):
            earlier = found.get(command.text, command._replace(places=()))
            found[command.text] = Command(
                command.text,
                command.in_block or earlier.in_block,
                (*earlier.places, *command.places),
            )
    return list(found.values())


class Example(NamedTuple):
    """A block of Python.

    Args:
        place: Page and line of its first line.
        code: The block, without the indentation of a list around it.
    """

    place: str
    code: str


def python_examples() -> list[Example]:
    """Every block of Python of all pages, in order."""
    examples: list[Example] = []
    for page in PAGES:
        last = 0
        for line in lines_of(page):
            if line.language != "python":
                last = 0
                continue
            if not last:
                examples.append(Example(f"{page.relative_to(ROOT)}:{line.number}", ""))
            last = line.number
            examples[-1] = examples[-1]._replace(code=f"{examples[-1].code}{line.text}\n")
    return examples
