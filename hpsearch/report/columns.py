"""The columns of the trials and their learning curves: names, types and what they mean."""

from __future__ import annotations

from typing import NamedTuple, get_args

from hpsearch.storage.records import FailureKind, State

STATES: tuple[str, ...] = get_args(State)
FAILURES: tuple[str, ...] = get_args(FailureKind)

Kind = str
"""`whole`, `number`, `truth`, `text`, `time`, `state`, `failure`, or `own`: by its values."""

DTYPES = {
    "whole": "Int64",
    "number": "float64",
    "truth": "boolean",
    "text": "str",
    "time": "datetime64[us, UTC]",
    "state": "category",
    "failure": "category",
    "own": "by its values",
}
"""Kind → pandas' name of the type. `Int64` and `boolean` may be missing, as all others may."""


class Column(NamedTuple):
    """A column of a table.

    Args:
        name: Its heading; where it ends with `.*` there is one column for each name there is.
        kind: What it holds, a key of `DTYPES`.
        meaning: What it says, with its unit.
    """

    name: str
    kind: Kind
    meaning: str

    @property
    def dtype(self) -> str:
        """Pandas' name of the type."""
        return DTYPES[self.kind]


TRIAL_COLUMNS = (
    Column("number", "whole", "The trial: its position in the study, from 0."),
    Column("state", "state", f"How far it came: {', '.join(STATES)}."),
    Column("failure", "failure", f"How it failed: {', '.join(FAILURES)}; missing if it did not."),
    Column("value", "number", "The objective at the best epoch; missing unless there is one."),
    Column("best_epoch", "whole", "The epoch of `value`, from 1."),
    Column("epochs", "whole", "How many epochs were trained."),
    Column("seconds", "number", "Seconds from its claim to its end; missing while it runs."),
    Column("seed", "whole", "Seed of its training; a second try has that of the first."),
    Column("retry_of", "whole", "The trial of which this is the second try."),
    Column("replicate_of", "whole", "The trial whose configuration is repeated on purpose."),
    Column(
        "candidate",
        "whole",
        "Confirm and curves: which configuration, or draw of images, it trains, from 0.",
    ),
    Column("num_parameters", "whole", "Number of weights of its model."),
    Column("model_file", "text", "Its model, where that was kept, as seen from the run directory."),
    Column("worker", "text", "Who trained it."),
    Column("started", "time", "When it began, in UTC."),
    Column("resumed", "whole", "How often it went on from a checkpoint."),
    Column("reused", "truth", "Whether it was trained by the graph of an earlier trial."),
    Column(
        "in_float32", "truth", "Whether it was trained again in float32, having diverged before."
    ),
    Column("message", "text", "What its failure said, with the traceback."),
)
"""Of every trials table, in this order."""

TRIAL_FAMILIES = (
    Column("params.*", "own", "A hyperparameter; missing where it is not in use."),
    Column("best.*", "number", "A metric at the best epoch, as Keras names it."),
    Column("folds.*", "number", "The objective of a fold at that epoch, folds counted from 1."),
    Column("timings.*", "number", "Seconds of a phase, such as `build`, `trace` or `train`."),
)
"""Behind them, one column for each name that occurs in the study."""

HISTORY_COLUMNS = (
    Column("trial", "whole", "The trial."),
    Column("epoch", "whole", "The epoch, from 1."),
)
"""Of every histories table, which has a row for each epoch of each trial."""

HISTORY_FAMILY = Column(
    "*", "number", "A metric after that epoch, as Keras names it; `val_…` is on validation images."
)
"""Behind them, one column for each metric."""

METRIC_PREFIX = "metric."
"""Before a metric that is called as a column of every histories table."""
