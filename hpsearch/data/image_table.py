"""CSV files that give the path and the label of images beside them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.annotations import read_rows
from hpsearch.data.class_folders import PART_NAMES
from hpsearch.data.decoding import ImageFile
from hpsearch.data.listings import FolderListing, numbered
from hpsearch.errors import DataError

COLUMNS = {
    "path": ("path", "file", "filename", "file_name", "image"),
    "label": ("label", "class", "target"),
    "group": ("group", "track"),
    "part": ("split", "part", "subset"),
}
"""The names a column may have, whatever the case of the letters; group and part may be missing."""
SEPARATOR = "|"
"""Between several labels of one image."""


def find_table(folder: Path) -> Path | None:
    """The only CSV file of a folder that has the columns path and label."""
    found = [path for path in sorted(folder.glob("*.csv")) if _is_table(path)]
    if len(found) > 1:
        raise DataError(
            f"{folder} holds several tables of images: {', '.join(p.name for p in found)}.",
            f"Give one of them, as --data {found[0]}.",
        )
    return found[0] if found else None


def read_table(table: Path) -> FolderListing:
    """List the images a table names.

    Labels with a | between them give many_labels; numbers with a decimal point give regression;
    everything else is a class. A column ``group`` (or ``track``) says which images belong
    together, a column ``split`` which are ``train``, ``val`` and ``test``.

    Raises:
        DataError: A column or a label is missing, or a part is unknown.
    """
    columns = _columns(_header(table))
    if "path" not in columns or "label" not in columns:
        raise DataError(
            f"{table} has the columns {', '.join(_header(table))}; expected path and label.",
            "Write the names of the columns into its first line.",
        )
    rows = list(read_rows(table, ",", list(columns.values())))
    if not rows:
        raise DataError(f"{table} has no line below its first; expected one for each image.")
    texts = [row[columns["label"]].strip() for row in rows]
    if "" in texts:
        raise DataError(f"Line {texts.index('') + 2} of {table} has no label.", "Fill it in.")
    groups = _numbers([row[columns["group"]] for row in rows] if "group" in columns else [])
    parts = [_part(row, columns, table) for row in rows]
    paths = [str(_path(table, row[columns["path"]])) for row in rows]
    files = [ImageFile(path, -1, groups[i] if groups else -1) for i, path in enumerate(paths)]
    return _with_labels(files, parts, texts)


def _with_labels(files: list[ImageFile], parts: list[str], texts: list[str]) -> FolderListing:
    if any(SEPARATOR in text for text in texts):
        names = numbered([name for text in texts for name in _split(text)])
        return FolderListing(files, parts, tuple(names), _matrix(texts, names), "many_labels")
    if all(map(_is_number, texts)) and not all(text.lstrip("-").isdecimal() for text in texts):
        values = np.array([float(text) for text in texts], dtype=np.float32)
        return FolderListing(files, parts, (), values, "regression")
    names = numbered(texts)
    number = {name: label for label, name in enumerate(names)}
    labelled = [f._replace(label=number[text]) for f, text in zip(files, texts, strict=True)]
    return FolderListing(labelled, parts, tuple(names))


def _matrix(texts: Sequence[str], names: Sequence[str]) -> NDArray[np.uint8]:
    matrix = np.zeros((len(texts), len(names)), dtype=np.uint8)
    for row, text in enumerate(texts):
        matrix[row, [names.index(name) for name in _split(text)]] = 1
    return matrix


def _split(text: str) -> list[str]:
    return [name.strip() for name in text.split(SEPARATOR) if name.strip()]


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _numbers(names: Sequence[str]) -> list[int]:
    found = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return [found[name] for name in names]


def _part(row: Mapping[str, Any], columns: Mapping[str, str], table: Path) -> str:
    if "part" not in columns:
        return "train"
    text = row[columns["part"]].strip().lower()
    for part, names in PART_NAMES.items():
        if text in names:
            return part
    raise DataError(
        f"{table} has the split {text!r}; expected train, val or test.", "Correct the column."
    )


def _path(table: Path, text: str) -> Path:
    return table.parent / text.strip().replace("\\", "/")


def _header(table: Path) -> list[str]:
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            return next(csv.reader(file), [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{table} cannot be read ({error}); expected a CSV file.") from error


def _columns(header: Sequence[str]) -> dict[str, str]:
    """The column of each meaning that has one."""
    found = {}
    for meaning, names in COLUMNS.items():
        columns = [column for name in names for column in header if column.lower() == name]
        if columns:
            found[meaning] = columns[0]
    return found


def _is_table(path: Path) -> bool:
    return {"path", "label"} <= set(_columns(_header(path)))
