"""Where a study comes from, as rows of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hpsearch.report.wording import value_text
from hpsearch.storage.study_view import StudyView

Rows = tuple[tuple[str, str], ...]

SECTIONS = ("provenance", "space", "data", "identity", "plan", "budget")
LEFT_OUT = {"class_names"}
MOST_LETTERS = 2000


def chief_facts(view: StudyView) -> Rows:
    """What is needed to do the same again: command, code, space, data, seeds, versions, machine."""
    facts, identity = view.facts, view.facts["identity"]
    made, space = facts.get("provenance", {}), facts.get("space", {})
    rows = {
        "command": made.get("command"),
        "hpsearch": facts.get("hpsearch"),
        "git commit": made.get("git_commit"),
        "created": made.get("created"),
        "directory": view.directory,
        "continued from": facts.get("from"),
        "search space": _with(space.get("name"), "hash", space.get("hash")),
        "space file": _with(space.get("reference"), "code", space.get("code_hash")),
        "data": _with(facts.get("data", {}).get("source"), "fingerprint", identity.get("data")),
        "split": identity.get("split"),
        "seed": identity.get("seed"),
        "versions": _joined(made.get("versions")),
        "hardware": _joined(made.get("hardware")),
    }
    return tuple((name, _text(value)) for name, value in rows.items() if value not in (None, ""))


def _with(value: Any, name: str, more: Any) -> Any:
    return f"{value} ({name} {more})" if value and more else value


def _joined(facts: Any) -> Any:
    """Facts as `name value, name value`."""
    if not isinstance(facts, Mapping):
        return facts
    return ", ".join(f"{name} {value_text(value)}" for name, value in _flat(facts))


def every_fact(view: StudyView) -> Rows:
    """All that `study.json` says, under names with dots."""
    rows = []
    for section in SECTIONS:
        for name, value in _flat(view.facts.get(section, {})):
            if name.rpartition(".")[2] not in LEFT_OUT:
                rows.append((f"{section}: {name}", _text(value)))
    return tuple(rows)


def _text(value: Any) -> str:
    text = value_text(value)
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}…"


def _flat(data: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested facts as names with dots and plain values."""
    if not isinstance(data, Mapping):
        return
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list | tuple):
            yield f"{prefix}{name}", ", ".join(map(value_text, value))
        else:
            yield f"{prefix}{name}", value
