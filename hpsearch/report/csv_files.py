"""The trials and their learning curves as CSV, for spreadsheets and other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from hpsearch.storage import StudyView
from hpsearch.storage.atomic import write_text

FACTS = ("number", "state", "failure", "value", "best_epoch", "epochs", "seconds", "seed")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
MORE_FACTS = ("retry_of", "num_parameters", "model_file", "worker", "started")


def write_csv_files(view: StudyView) -> None:
    """Write `trials.csv`, one row a trial, and `histories.csv`, one row an epoch of a trial."""
    write_text(view.directory.trials_csv, _as_csv(trial_rows(view)))
    write_text(view.directory.histories_csv, _as_csv(history_rows(view)))


def safe_cell(value: object) -> object:
    """The value as a spreadsheet shows it: text that it would compute begins with an apostrophe.

    See OWASP, *CSV Injection*. Numbers stay numbers.
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def trial_rows(view: StudyView) -> list[list[object]]:
    """A heading, then a row for each trial; hyperparameters in columns behind the facts."""
    names = list(dict.fromkeys(name for trial in view.trials for name in trial.params))
    rows: list[list[object]] = [[*FACTS, *MORE_FACTS, *(f"params.{name}" for name in names)]]
    for trial in view.trials:
        facts = [getattr(trial, fact) for fact in (*FACTS, *MORE_FACTS)]
        rows.append([*facts, *(trial.params.get(name) for name in names)])
    return rows


def history_rows(view: StudyView) -> list[list[object]]:
    """A heading, then a row for each epoch of each trial; epochs are counted from 1."""
    metrics = list(dict.fromkeys(name for trial in view.trials for name in trial.history))
    rows: list[list[object]] = [["trial", "epoch", *metrics]]
    for trial in view.trials:
        for epoch in range(trial.epochs):
            values = (_at(trial.history.get(metric, ()), epoch) for metric in metrics)
            rows.append([trial.number, epoch + 1, *values])
    return rows


def _at(values: Sequence[float | None], epoch: int) -> float | None:
    return values[epoch] if epoch < len(values) else None


def _as_csv(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return text.getvalue()
