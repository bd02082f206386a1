"""Where space files are found, and what they say of themselves without being imported."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ENTRY_POINT_GROUP = "hpsearch.search_spaces"
_PACKAGE = Path(__file__).resolve().parent.parent
_SHIPPED = (_PACKAGE / "_search_spaces", _PACKAGE.parent / "search_spaces")


@dataclass(frozen=True)
class FoundSpace:
    """A space that can be named on the command line.

    Args:
        name: What to give as `--space`.
        path: The file; None for a space offered by an installed package.
        summary: First line of the file's docstring.
        dataset: The data set it names, as written in the file; empty if none.
        target: `module:object` for a space offered by an installed package.
    """

    name: str
    path: Path | None
    summary: str
    dataset: str = ""
    target: str = ""


def space_folders() -> tuple[Path, ...]:
    """The folders looked through, the user's own before the shipped ones."""
    folders = [Path.cwd() / "search_spaces", *_SHIPPED]
    return tuple(dict.fromkeys(folder.resolve() for folder in folders if folder.is_dir()))


def is_shipped(reference: str) -> bool:
    """Whether a space's reference names a file that hpsearch brings along, whose code it is.

    Args:
        reference: As of `LoadedSpace`.
    """
    path = Path(reference.partition(":")[0])
    return path.is_absolute() and path.resolve().parent in _SHIPPED and path.is_file()


def find_spaces() -> dict[str, FoundSpace]:
    """Every space that can be given by name, the user's own hiding shipped ones of that name."""
    found: dict[str, FoundSpace] = {}
    for folder in space_folders():
        for path in sorted(folder.glob("*.py")):
            if path.is_file() and not path.name.startswith("_"):
                found.setdefault(path.stem, describe_file(path))
    for entry in metadata.entry_points(group=ENTRY_POINT_GROUP):
        space = FoundSpace(entry.name, None, f"from {entry.value}", target=entry.value)
        found.setdefault(entry.name, space)
    return dict(sorted(found.items()))


def describe_file(path: Path) -> FoundSpace:
    """What a space file says of itself, read without running it."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError) as error:
        return FoundSpace(path.stem, path, f"(cannot be read: {error})")
    summary = (ast.get_docstring(tree) or "").partition("\n")[0]
    return FoundSpace(path.stem, path, summary, _dataset_of(tree))


def _dataset_of(tree: ast.Module) -> str:
    """The right-hand side of `dataset = …` in the first class that has one."""
    for statement in ast.walk(tree):
        if isinstance(statement, ast.ClassDef):
            for line in statement.body:
                if isinstance(line, ast.Assign | ast.AnnAssign) and line.value is not None:
                    targets = line.targets if isinstance(line, ast.Assign) else [line.target]
                    if any(isinstance(t, ast.Name) and t.id == "dataset" for t in targets):
                        return ast.unparse(line.value)
    return ""
