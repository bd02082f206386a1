"""The CSV files that come with GTSRB: one line an image."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from hpsearch.data.gtsrb_classes import NUM_CLASSES
from hpsearch.errors import DataError

ROI_COLUMNS = ("Roi.X1", "Roi.Y1", "Roi.X2", "Roi.Y2")


def read_rows(path: Path, delimiter: str, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    """Lines of a CSV file by column.

    Raises:
        DataError: The file cannot be read, a column is missing, or a line is too short.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, delimiter=delimiter)
            _check_columns(path, reader.fieldnames or (), delimiter, columns)
            for row in reader:
                if any(row[column] is None for column in columns):
                    raise DataError(f"Line {reader.line_num} of {path} is too short.")
                yield row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read ({error}); expected a CSV file.") from error


def class_of(row: dict[str, str], path: Path) -> int:
    """The class a line gives.

    Raises:
        DataError: It is not a number from 0 to 42.
    """
    label = _whole_number(row, "ClassId", path)
    if not 0 <= label < NUM_CLASSES:
        raise DataError(f"ClassId {label} in {path} is out of range; expected 0 to 42.")
    return label


def box_of(row: dict[str, str], path: Path) -> tuple[int, int, int, int]:
    """The region of interest a line gives: (left, top, right, bottom) in pixels.

    Raises:
        DataError: It is not four whole numbers.
    """
    left, top, right, bottom = (_whole_number(row, column, path) for column in ROI_COLUMNS)
    return left, top, right, bottom


def _whole_number(row: dict[str, str], column: str, path: Path) -> int:
    try:
        return int(row[column])
    except ValueError as error:
        raise DataError(
            f"Column {column} of {path} holds {row[column]!r}; expected a whole number."
        ) from error


def _check_columns(
    path: Path, found: Sequence[str], delimiter: str, columns: Sequence[str]
) -> None:
    missing = [column for column in columns if column not in found]
    if missing:
        raise DataError(
            f"{path} has no column {', '.join(missing)}; "
            f"expected {delimiter.join(columns)} in its first line."
        )
