"""The trials and their learning curves as CSV, for spreadsheets and other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hpsearch.report.frames import Study
from hpsearch.storage import StudyView
from hpsearch.storage.atomic import write_text

if TYPE_CHECKING:
    import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def write_csv_files(view: StudyView) -> None:
    """Write `trials.csv`, one row a trial, and `histories.csv`, one row an epoch of a trial."""
    study = Study(view)
    write_text(view.directory.trials_csv, as_csv(study.trials))
    write_text(view.directory.histories_csv, as_csv(study.histories))


def safe_cell(value: object) -> object:
    """The value as a spreadsheet shows it: text that it would compute begins with an apostrophe.

    See OWASP, *CSV Injection*. Numbers stay numbers.
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def as_csv(frame: pd.DataFrame) -> str:
    """A frame as CSV text: ISO 8601 times, empty cells for what is missing, safe texts."""
    safe = frame.rename(columns=safe_cell)
    for name in safe.columns[[not _is_plain(dtype) for dtype in safe.dtypes]]:
        safe[name] = safe[name].astype("object").map(safe_cell)
    return str(safe.to_csv(index=False, lineterminator="\n", date_format=TIME_FORMAT))


def _is_plain(dtype: Any) -> bool:
    """Whether a column can hold no text."""
    import pandas as pd

    kinds = pd.api.types
    return kinds.is_numeric_dtype(dtype) or kinds.is_datetime64_any_dtype(dtype)
