"""The tables of a study's page, as text in rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from hpsearch.analysis.importance import share_words
from hpsearch.report.wording import params_text, value_text
from hpsearch.storage.records import TrialRecord
from hpsearch.storage.study_view import StudyView

MOST_COLUMNS = 16
"""More hyperparameters than this share one column."""
MESSAGE_LINES, MESSAGE_LETTERS = 3, 400


class Cell(NamedTuple):
    """One cell.

    Args:
        text: What is shown.
        key: What it is sorted by; a number, or empty to sort by the text.
    """

    text: str
    key: str = ""


class TrialTable(NamedTuple):
    """Every trial of a study.

    Args:
        headings: One a column; the first column names the trial.
        rows: One a trial.
        best: Number of the winner.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    best: int | None


class Failure(NamedTuple):
    """A trial that failed.

    Args:
        number: The trial.
        kind: Kind of failure.
        message: First lines of what it said.
        retried: Number of the second try; None if there was none.
    """

    number: int
    kind: str
    message: str
    retried: int | None


def trial_table(view: StudyView) -> TrialTable:
    """Every trial in order of number."""
    names = list(dict.fromkeys(name for record in view.trials for name in record.params))
    joined = len(names) > MOST_COLUMNS
    columns = ["hyperparameters"] if joined else names
    headings = ("trial", "state", "failure", view.objective, "best epoch", "epochs", "seconds")
    rows = []
    for record in view.trials:
        params = (
            [Cell(params_text(record.params))]
            if joined
            else [_cell(record.params.get(name)) for name in names]
        )
        rows.append((*_facts(record), *params))
    best = view.best
    return TrialTable((*headings, *columns), tuple(rows), best.number if best else None)


def _facts(record: TrialRecord) -> Iterator[Cell]:
    yield _cell(record.number)
    yield Cell(record.state)
    yield Cell(record.failure or "")
    yield Cell("–" if record.value is None else f"{record.value:.4f}", _key(record.value))
    yield _cell(record.best_epoch)
    yield _cell(record.epochs)
    yield Cell("–" if record.seconds is None else f"{record.seconds:.1f}", _key(record.seconds))


def _cell(value: Any) -> Cell:
    return Cell(value_text(value), _key(value))


def _key(value: Any) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return repr(value) if is_number else ""


def failures(view: StudyView) -> tuple[Failure, ...]:
    """Every failed trial with the first lines of its message."""
    second_try = {r.retry_of: r.number for r in view.trials if r.retry_of is not None}
    return tuple(
        Failure(r.number, r.failure or "unknown", first_lines(r.message), second_try.get(r.number))
        for r in view.trials
        if r.state == "failed"
    )


def first_lines(message: str) -> str:
    """The beginning of a message; of a traceback also its last line, which says what happened."""
    lines = [line.rstrip() for line in message.strip().splitlines() if line.strip()]
    shown = lines[:MESSAGE_LINES]
    if len(lines) > MESSAGE_LINES:
        shown += ["…", lines[-1]] if _is_traceback(lines) else ["…"]
    return "\n".join(line[:MESSAGE_LETTERS] for line in shown)


def _is_traceback(lines: list[str]) -> bool:
    return any(line.startswith("Traceback ") for line in lines)


def narrowing_rows(narrowing: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    """What narrowing decided on each hyperparameter, as text."""
    return tuple(
        {
            "name": str(entry.get("name", "")),
            "importance": share_words(entry.get("importance")),
            "decision": str(entry.get("decision", "")),
            "before": str(entry.get("before", "")),
            "after": str(entry.get("after", "")),
            "reason": str(entry.get("reason", "")),
        }
        for entry in narrowing.get("hyperparameters", ())
    )


def provenance_rows(view: StudyView) -> tuple[tuple[str, str], ...]:
    """Where the study comes from: settings, data, versions, hardware, command."""
    skipped = {"class_names"}
    rows: list[tuple[str, str]] = [("directory", str(view.directory))]
    rows += [("hpsearch version", str(view.facts.get("hpsearch", "unknown")))]
    if view.facts.get("from"):
        rows.append(("continued from", str(view.facts["from"])))
    for section in ("provenance", "space", "data", "identity", "budget"):
        for name, value in _flat(view.facts.get(section, {})):
            if name not in skipped:
                rows.append((f"{section}: {name}", value_text(value)))
    return tuple(rows)


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
