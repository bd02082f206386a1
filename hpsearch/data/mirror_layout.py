"""GTSRB as the common mirror has it: PNG images with Train.csv and Test.csv."""

import re
from dataclasses import dataclass
from pathlib import Path

from hpsearch.data.annotations import ROI_COLUMNS, box_of, class_of, read_rows
from hpsearch.data.decoding import ImageFile
from hpsearch.data.layouts import Listing, digest_files
from hpsearch.data.official_layout import track_number
from hpsearch.errors import DataError

COLUMNS = (*ROI_COLUMNS, "ClassId", "Path")
_TRAIN_NAME = re.compile(r"(\d+)_(\d+)_(\d+)\.\w+")


@dataclass(frozen=True)
class MirrorLayout:
    """Folder with Train.csv, whose paths are relative to it."""

    root: Path

    @classmethod
    def find(cls, root: Path) -> "MirrorLayout | None":
        """The layout of a folder, or of the only such folder in it."""
        found = [path.parent for path in (root / "Train.csv", *sorted(root.glob("*/Train.csv")))
                 if path.exists()]  # fmt: skip
        return cls(found[0]) if found else None

    def digest(self) -> str:
        """See `Layout.digest`."""
        train = self.root / "Train"
        folders = [*train.glob("*/"), self.root / "Test"]
        tables = [self.root / "Train.csv", self.root / "Test.csv"]
        return digest_files(
            sorted(path for path in folders if path.is_dir()),
            [path for path in tables if path.exists()],
        )

    def read(self, skip_bad: bool) -> Listing:
        """See `Layout.read`; a wrong CSV file leaves nothing to go on, so it is an error."""
        test = self.root / "Test.csv"
        return Listing(
            self._read_table(self.root / "Train.csv", tracked=True),
            self._read_table(test, tracked=False) if test.exists() else [],
            [],
        )

    def _read_table(self, table: Path, tracked: bool) -> list[ImageFile]:
        files = []
        for row in read_rows(table, ",", COLUMNS):
            label = class_of(row, table)
            track = _track(label, row["Path"], table) if tracked else -1
            path = str(self.root / row["Path"])
            files.append(ImageFile(path, label, track, box_of(row, table)))
        return files


def _track(label: int, path: str, table: Path) -> int:
    name = _TRAIN_NAME.fullmatch(Path(path).name)
    if name is None:
        raise DataError(f"{table} names the image {path!r}; expected <class>_<track>_<frame>.png.")
    return track_number(label, int(name[2]))
