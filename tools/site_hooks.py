"""What MkDocs is told while it builds the site: the list of decisions, written from their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

INDEX = "decisions/README.md"


def on_page_markdown(markdown: str, *, page: Any, config: Any, **_: Any) -> str:
    """Appends the list of all decisions to the page about them."""
    if page.file.src_uri != INDEX:
        return markdown
    folder = Path(config.docs_dir) / "decisions"
    return "\n".join([markdown, "", "## All decisions", "", *list_decisions(folder), ""])


def list_decisions(folder: Path) -> list[str]:
    """A line for each decision of a folder, the newest first: its title, linked."""
    pages = sorted(folder.glob("[0-9]*.md"), reverse=True)
    return [f"- [{title_of(page)}]({page.name})" for page in pages]


def title_of(page: Path) -> str:
    """The first heading of a Markdown page; the file's name where it has none."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return next((line[2:].strip() for line in lines if line.startswith("# ")), page.stem)
