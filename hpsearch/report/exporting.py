"""`export_study`: the trials and learning curves of a study as files for other programs."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpsearch.errors import InputError
from hpsearch.report.csv_files import as_csv
from hpsearch.report.frames import Study
from hpsearch.storage.atomic import dumps, write_bytes

if TYPE_CHECKING:
    import pandas as pd

TABLES = ("trials", "histories")


def export_study(study: Study, format_name: str, out: Path | None = None) -> list[Path]:
    """Write the trials and the learning curves of a study.

    Args:
        study: The study.
        format_name: `csv`, `parquet` or `json`.
        out: A folder, for `trials.FORMAT` and `histories.FORMAT`; or a file that ends with
            `.FORMAT`, for the trials, beside which the curves are `…-histories.FORMAT`. By
            default `export/` in the run directory.

    Returns:
        The two files, trials first.

    Raises:
        InputError: There is no such format, the format needs a package that is not installed, or
            the target cannot be used.
    """
    encode = _encoder(format_name)
    paths = target_files(out or study.view.directory.export, format_name)
    for path, table in zip(paths, TABLES, strict=True):
        write_bytes(path, encode(getattr(study, table)))
    return paths


def target_files(out: Path, format_name: str) -> list[Path]:
    """The files that `out` means for trials and learning curves.

    Raises:
        InputError: It is a file of another format, or a file where a folder is needed.
    """
    if out.suffix == f".{format_name}" and not out.is_dir():
        return [out, out.with_name(f"{out.stem}-histories{out.suffix}")]
    if out.suffix[1:] in ENCODERS and not out.is_dir():
        raise InputError(
            f"{out} ends as a file of another format than {format_name}.",
            f"Give --format {out.suffix[1:]}, or a file that ends with .{format_name}.",
        )
    if out.is_file():
        raise InputError(
            f"{out} is a file.", f"Give a folder, or a file that ends with .{format_name}."
        )
    return [out / f"{table}.{format_name}" for table in TABLES]


def _encoder(format_name: str) -> Callable[[Any], bytes]:
    if format_name not in ENCODERS:
        raise InputError(
            f"There is no format '{format_name}'.", f"Give one of: {', '.join(ENCODERS)}."
        )
    if format_name == "parquet" and find_spec("pyarrow") is None:
        raise InputError(
            "Parquet needs the package pyarrow, which is not installed.",
            "Install it: pip install 'hpsearch[export]'; or give --format csv.",
        )
    return ENCODERS[format_name]


def _csv(frame: pd.DataFrame) -> bytes:
    return as_csv(frame).encode()


def _json(frame: pd.DataFrame) -> bytes:
    """A list with an object for each row; null is what is missing, times are ISO 8601."""
    columns = {name: _json_values(frame[name]) for name in frame.columns}
    rows = zip(*columns.values(), strict=True)
    return (dumps([dict(zip(columns, row, strict=True)) for row in rows]) + "\n").encode()


def _json_values(column: pd.Series[Any]) -> list[Any]:
    values = column.astype("object").where(column.notna(), None).tolist()
    return [value.isoformat() if hasattr(value, "isoformat") else value for value in values]


def _parquet(frame: pd.DataFrame) -> bytes:
    """Columns of a mixture of types, which Parquet does not have, become text."""
    mixed = frame.columns[frame.dtypes == "object"]
    return bytes(frame.astype(dict.fromkeys(mixed, "str")).to_parquet(None, engine="pyarrow"))


ENCODERS: dict[str, Callable[[Any], bytes]] = {"csv": _csv, "parquet": _parquet, "json": _json}
"""Format → a frame as bytes."""
