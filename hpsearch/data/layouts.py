"""The folder layouts in which GTSRB is found on people's disks."""

import hashlib
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, Protocol

from hpsearch.data.decoding import ImageFile
from hpsearch.errors import DataError

logger = logging.getLogger(__name__)

EXPECTED = (
    "a folder with the official archives unpacked (GTSRB/Final_Training/Images/00000…00042 or "
    "GTSRB/Training/00000…00042), the folder of 00000…00042 itself, or the mirror layout "
    "(Train.csv, Test.csv, Train/, Test/)"
)
FETCH_HINT = "Give the folder (or a .npz file) with --data, or run: hpsearch data fetch gtsrb"


class Listing(NamedTuple):
    """Every image of a source.

    Args:
        train: Training images.
        test: Test images; empty where the source has none, or none with labels.
        skipped: What was wrong with each image that cannot even be listed.
    """

    train: list[ImageFile]
    test: list[ImageFile]
    skipped: list[str]


class Layout(Protocol):
    """One way GTSRB lies on a disk."""

    def digest(self) -> str:
        """Hex digest of the path, size and time of every file: cheap, no file is opened."""
        ...

    def read(self, skip_bad: bool) -> Listing:
        """List the images with their classes, tracks and regions of interest.

        Raises:
            DataError: Something is wrong with a CSV file and `skip_bad` does not allow for it.
        """
        ...


def find_layout(root: Path) -> Layout:
    """The layout of a folder.

    Raises:
        DataError: The folder is missing, unreadable, or in none of the known layouts.
    """
    from hpsearch.data.mirror_layout import MirrorLayout
    from hpsearch.data.official_layout import OfficialLayout

    _check_folder(root)
    found = OfficialLayout.find(root) or MirrorLayout.find(root)
    if found is None:
        raise DataError(f"{root} is in no known layout of GTSRB; expected {EXPECTED}.", FETCH_HINT)
    return found


def digest_files(folders: Iterable[Path], files: Iterable[Path] = ()) -> str:
    """Hex digest of the path, size and modification time of files and of all in some folders."""
    digest = hashlib.sha256()
    for folder in folders:
        digest.update(f"{folder}\n".encode())
        with os.scandir(folder) as entries:
            lines = sorted(_line(entry.name, entry.stat()) for entry in entries)
        digest.update("\n".join(lines).encode())
    for file in files:
        digest.update(_line(str(file), file.stat()).encode())
    return digest.hexdigest()


def _line(name: str, status: os.stat_result) -> str:
    return f"{name}/{status.st_size}/{status.st_mtime_ns}"


def _check_folder(root: Path) -> None:
    if root.suffix == ".npz":
        raise DataError(
            f"{root} is an array file, but this data set is GTSRB; expected {EXPECTED}.",
            hint="Name an ArrayDataset in the space to use arrays.",
        )
    if not root.exists():
        raise DataError(f"The data {root} do not exist; expected {EXPECTED}.", FETCH_HINT)
    if not root.is_dir():
        raise DataError(f"{root} is no folder and no .npz file; expected {EXPECTED}.", FETCH_HINT)
    try:
        names = [path.name for path in root.iterdir()]
    except OSError as error:
        raise DataError(f"The data folder {root} cannot be read ({error.strerror}).") from error
    if names and all(name.endswith(".zip") for name in names):
        raise DataError(f"{root} holds archives only; expected {EXPECTED}.", "Unzip them there.")
