"""GTSRB as the official archives unpack: PPM images with a CSV file a class."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hpsearch.data.annotations import ROI_COLUMNS, box_of, class_of, read_rows
from hpsearch.data.decoding import ImageFile
from hpsearch.data.layouts import Listing, digest_files
from hpsearch.errors import DataError

logger = logging.getLogger(__name__)

COLUMNS = ("Filename", *ROI_COLUMNS, "ClassId")
TEST_CSV = "GT-final_test.csv"
_CLASS_FOLDER = re.compile(r"\d{5}")
_TRAIN_NAME = re.compile(r"(\d+)_(\d+)\.\w+")
_TRAIN_FOLDERS = ("Final_Training/Images", "Training", "Images")
_TEST_FOLDERS = ("Final_Test/Images", "Final_Test")


@dataclass(frozen=True)
class OfficialLayout:
    """Folders of an unpacked official archive.

    Args:
        training: Folder of 00000…00042.
        test: Flat folder of the test images, if there is one.
        test_csv: Classes of the test images, if found.
    """

    training: Path
    test: Path | None
    test_csv: Path | None

    @classmethod
    def find(cls, root: Path) -> "OfficialLayout | None":
        """The layout below a folder, whether it was unpacked there or one folder deeper."""
        training = _find_training(root)
        if training is None:
            return None
        bases = [root, *root.glob("*/"), *training.parents[:2]]
        tops = [base / top for base in bases for top in _TOPS]
        test = _first(top / name for top in tops for name in _TEST_FOLDERS)
        near = [] if test is None else [test, *test.parents[:3]]
        return cls(training, test, _first(folder / TEST_CSV for folder in [*near, *bases]))

    def digest(self) -> str:
        """See `Layout.digest`."""
        folders = [*self._class_folders(), *([self.test] if self.test else [])]
        return digest_files(folders, [self.test_csv] if self.test_csv else [])

    def read(self, skip_bad: bool) -> Listing:
        """See `Layout.read`."""
        train: list[ImageFile] = []
        skipped: list[str] = []
        for folder in self._class_folders():
            try:
                train += _read_class(folder)
            except DataError as error:
                if not skip_bad:
                    raise
                count = sum(1 for path in folder.iterdir() if path.suffix != ".csv")
                skipped += [error.message] * max(1, count)
        return Listing(train, self._read_test(), skipped)

    def _class_folders(self) -> list[Path]:
        return sorted(path for path in self.training.iterdir() if _is_class_folder(path))

    def _read_test(self) -> list[ImageFile]:
        if self.test is None or self.test_csv is None:
            if self.test is not None:
                logger.warning("%s has no %s: the test images are left out", self.test, TEST_CSV)
            return []
        rows = read_rows(self.test_csv, ";", COLUMNS)
        return [
            ImageFile(
                str(self.test / row["Filename"]),
                class_of(row, self.test_csv),
                box=box_of(row, self.test_csv),
            )
            for row in rows
        ]


_TOPS = ("GTSRB", "")


def _find_training(root: Path) -> Path | None:
    bases = (root, *sorted(root.glob("*/")))
    nested = (base / top / name for name in _TRAIN_FOLDERS for base in bases for top in _TOPS)
    candidates: Iterator[Path] = (path for paths in ([root], nested) for path in paths)
    return next((path for path in candidates if _has_class_folders(path)), None)


def _has_class_folders(path: Path) -> bool:
    return path.is_dir() and any(_is_class_folder(child) for child in path.iterdir())


def _is_class_folder(path: Path) -> bool:
    return bool(_CLASS_FOLDER.fullmatch(path.name)) and path.is_dir()


def _first(paths: Iterator[Path]) -> Path | None:
    return next((path for path in paths if path.exists()), None)


def _read_class(folder: Path) -> list[ImageFile]:
    table = folder / f"GT-{folder.name}.csv"
    if not table.exists():
        raise DataError(
            f"The class folder {folder} has no {table.name}; "
            f"expected a file with the columns {';'.join(COLUMNS)}.",
            hint="Unpack the archive again, or leave the folder out with --skip-bad.",
        )
    return [_training_image(folder, table, row) for row in read_rows(table, ";", COLUMNS)]


def _training_image(folder: Path, table: Path, row: dict[str, str]) -> ImageFile:
    label = class_of(row, table)
    if label != int(folder.name):
        raise DataError(f"{table} gives ClassId {label}; expected {int(folder.name)}, its folder.")
    name = _TRAIN_NAME.fullmatch(row["Filename"])
    if name is None:
        raise DataError(
            f"{table} names the image {row['Filename']!r}; expected <track>_<frame>.ppm."
        )
    path = str(folder / row["Filename"])
    return ImageFile(path, label, track_number(label, int(name[1])), box_of(row, table))


def track_number(label: int, track: int) -> int:
    """A number for a track that no other class uses: tracks are counted afresh in each class."""
    return label * 100_000 + track
