"""The tables of a study's page, as text in rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from hpsearch.analysis.importance import share_words
from hpsearch.report.wording import params_text, value_text
from hpsearch.storage.records import TrialRecord
from hpsearch.storage.study_view import StudyView

MOST_COLUMNS = 16
"""More hyperparameters than this share one column."""
MOST_ROWS = 100
"""Of trials that are on the page without its script."""
MOST_NUMBERS = 5
"""Of trials that failed in the same way."""
MESSAGE_LINES, MESSAGE_LETTERS = 3, 400
OBJECTIVE, JOINED = "objective", "hyperparameters"
FACTS_OF_A_TRIAL = ("trial", "state", "failure", OBJECTIVE, "best epoch", "epochs", "seconds")


class Cell(NamedTuple):
    """One cell.

    Args:
        text: What is shown.
        key: What it is sorted by; a number, or empty to sort by the text.
    """

    text: str
    key: str = ""


class TrialTable(NamedTuple):
    """The trials that are on a page without its script.

    Args:
        headings: One a column; the first column names the trial.
        rows: One a trial, the best ones where not all are there.
        best: Number of the winner.
        num_trials: Number of all trials.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    best: int | None
    num_trials: int


class Failure(NamedTuple):
    """Trials that failed in the same way.

    Args:
        trials: Their numbers.
        kind: Kind of failure.
        message: First lines of what it said.
        retried: Which trials were the second tries.
    """

    trials: str
    kind: str
    message: str
    retried: str


def trial_table(view: StudyView) -> TrialTable:
    """The trials in order of number; of many the best ones, then the latest."""
    names = hyperparameters_of(view)
    joined = len(names) > MOST_COLUMNS
    rows = []
    for record in _shown(view):
        params = (
            [Cell(params_text(record.params))]
            if joined
            else [_cell(record.params.get(name)) for name in names]
        )
        rows.append((*_facts(record), *params))
    facts = (view.objective if name == OBJECTIVE else name for name in FACTS_OF_A_TRIAL)
    headings = (*facts, *([JOINED] if joined else names))
    best = view.best
    return TrialTable(headings, tuple(rows), best.number if best else None, len(view.trials))


def _shown(view: StudyView) -> Sequence[TrialRecord]:
    if len(view.trials) <= MOST_ROWS:
        return view.trials
    ranked = view.ranked[:MOST_ROWS]
    chosen = {record.number for record in ranked}
    others = [r for r in reversed(view.trials) if r.number not in chosen]
    return [*ranked, *others[: MOST_ROWS - len(ranked)]]


def hyperparameters_of(view: StudyView) -> list[str]:
    """The hyperparameters that trials had, in the order in which they appeared."""
    return list(dict.fromkeys(name for record in view.trials for name in record.params))


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
    """The failed trials with the first lines of their message, same ones together."""
    second_try = {r.retry_of: r.number for r in view.trials if r.retry_of is not None}
    alike: dict[tuple[str, str], list[int]] = {}
    for record in view.trials:
        if record.state == "failed":
            key = record.failure or "unknown", first_lines(record.message)
            alike.setdefault(key, []).append(record.number)
    return tuple(
        Failure(
            _numbers(trials),
            kind,
            message,
            _numbers([second_try[trial] for trial in trials if trial in second_try], "trial "),
        )
        for (kind, message), trials in alike.items()
    )


def _numbers(numbers: Sequence[int], noun: str = "") -> str:
    """`3, 8, 9 and 21 more`; a dash for none."""
    if not numbers:
        return "–"
    shown = ", ".join(map(str, numbers[:MOST_NUMBERS]))
    left_out = len(numbers) - MOST_NUMBERS
    more = f" and {left_out:,} more" if left_out > 0 else ""
    return f"{noun}{shown}{more}"


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
