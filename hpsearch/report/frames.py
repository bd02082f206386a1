"""`Study`: a study for notebooks, with its trials and learning curves as pandas frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpsearch.report.columns import (
    DTYPES,
    FAILURES,
    HISTORY_COLUMNS,
    METRIC_PREFIX,
    STATES,
    TRIAL_COLUMNS,
)
from hpsearch.storage.atomic import writable
from hpsearch.storage.records import TrialRecord
from hpsearch.storage.study_view import StudyView

if TYPE_CHECKING:
    import pandas as pd

Named = Mapping[Any, Any]


@dataclass(frozen=True, repr=False)
class Study:
    """A study as it was when it was read.

    The columns of both frames are described in docs/looking-at-results.md. The frames are made
    when they are first asked for and then kept: copy one before changing it.

    Args:
        view: The study as records.
    """

    view: StudyView

    def __repr__(self) -> str:
        return f"<{self.stage} study of {len(self.view.trials)} trials, {self.view.directory}>"

    @property
    def directory(self) -> Path:
        """Where it lies."""
        return self.view.directory.path

    @property
    def stage(self) -> str:
        """`coarse`, `fine`, `confirm` or `curves`."""
        return self.view.stage

    @property
    def objective(self) -> str:
        """The metric that is compared, such as `val_accuracy`."""
        return self.view.objective

    @property
    def direction(self) -> str:
        """`maximize` or `minimize`."""
        return self.view.direction

    @property
    def facts(self) -> Mapping[str, Any]:
        """The contents of `study.json`: settings, data, versions, hardware, command."""
        return self.view.facts

    @property
    def best(self) -> TrialRecord | None:
        """The complete trial with the best objective; None if there is none."""
        return self.view.best

    @property
    def confirmation(self) -> dict[str, Any] | None:
        """What a finished confirm stage found, the contents of `winner.json`; else None."""
        return self.view.confirmation

    @cached_property
    def trials(self) -> pd.DataFrame:
        """A row for each trial, in order of number."""
        return trials_frame(self.view.trials)

    @cached_property
    def histories(self) -> pd.DataFrame:
        """A row for each epoch of each trial."""
        return histories_frame(self.view.trials)


def trials_frame(trials: Sequence[TrialRecord]) -> pd.DataFrame:
    """A row for each trial: its facts, then a column for each hyperparameter, metric and phase.

    Args:
        trials: Every trial, in order of number.
    """
    columns = {
        column.name: _series((getattr(trial, column.name) for trial in trials), column.kind)
        for column in TRIAL_COLUMNS
    }
    families: tuple[tuple[str, str, Callable[[TrialRecord], Named]], ...] = (
        ("params", "own", lambda trial: trial.params),
        ("best", "number", lambda trial: trial.best_metrics),
        ("folds", "number", lambda trial: dict(enumerate(trial.fold_values, start=1))),
        ("timings", "number", lambda trial: trial.timings),
    )
    for prefix, kind, of in families:
        columns |= _family(prefix, [of(trial) for trial in trials], kind)
    return _frame(columns)


def _family(prefix: str, rows: Sequence[Named], kind: str) -> dict[str, Any]:
    """A column for each name that occurs, in the order in which they do."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {
        writable(f"{prefix}.{name}"): _series((row.get(name) for row in rows), kind)
        for name in names
    }


def histories_frame(trials: Sequence[TrialRecord]) -> pd.DataFrame:
    """A row for each epoch of each trial; what was not measured is missing.

    Args:
        trials: Every trial, in order of number.
    """
    epochs = [(trial.number, epoch + 1) for trial in trials for epoch in range(trial.epochs)]
    columns = {
        column.name: _series((row[place] for row in epochs), column.kind)
        for place, column in enumerate(HISTORY_COLUMNS)
    }
    for metric in dict.fromkeys(name for trial in trials for name in trial.history):
        name = METRIC_PREFIX + metric if metric in columns else writable(metric)
        columns[name] = _series(_curve(trials, metric), "number")
    return _frame(columns)


def _curve(trials: Sequence[TrialRecord], metric: str) -> list[float | None]:
    """The values of a metric after every epoch of every trial, one after the other."""
    values: list[float | None] = []
    for trial in trials:
        own = trial.history.get(metric, ())
        values += [*own, *[None] * (trial.epochs - len(own))]
    return values


def _frame(columns: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns)


def _series(values: Iterable[Any], kind: str) -> Any:
    """A column of a kind of `columns.DTYPES`."""
    import pandas as pd

    given = [writable(value) if isinstance(value, str) else value for value in values]
    if kind == "own":
        kind = kind_of(given)
    if kind == "time":
        times = pd.to_datetime(pd.Series(given, dtype="str"), utc=True, format="ISO8601")
        return times.dt.as_unit("us")
    if kind in ("state", "failure"):
        names = STATES if kind == "state" else FAILURES
        return pd.Series(pd.Categorical(given, categories=list(names)))
    if kind == "text":
        given = [value if value != "" else None for value in given]
    return pd.Series(given, dtype="object" if kind == "own" else DTYPES[kind])


def kind_of(values: Iterable[Any]) -> str:
    """The kind of column that holds the values of a hyperparameter; `own` for a mixture.

    Args:
        values: Truths, numbers and texts; None where it is not in use.
    """
    types = {type(value) for value in values if value is not None}
    if types <= {int, float}:
        return "whole" if types == {int} else "number"
    kinds = {bool: "truth", str: "text"}
    return kinds.get(types.pop(), "own") if len(types) == 1 else "own"
