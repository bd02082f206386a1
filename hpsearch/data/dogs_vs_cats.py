"""Kaggle's dogs and cats, by the small protocol of 2,000, 1,000 and 1,000 images."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from hpsearch.data.class_folders import contents, read_class_folders
from hpsearch.data.decoding import ImageFile
from hpsearch.data.folder import FolderDataset
from hpsearch.data.listings import FolderListing
from hpsearch.data.protocols import draw_from_each_class
from hpsearch.errors import DataError
from hpsearch.problems import Problem

_KAGGLE_NAME = re.compile(r"(cat|dog)\.\d+\.jpe?g", re.IGNORECASE)
_CLASS_OF_FOLDER = {"cat": 0, "cats": 0, "dog": 1, "dogs": 1}


@dataclass(frozen=True)
class DogsVsCats(FolderDataset):
    """25,000 photos of cats (0) and dogs (1) of any size, of which a small set is drawn.

    The protocol for small data: 1,000 photos of each to train, 500 of each to validate and 500
    of each to test, always the same ones. The source is Kaggle's ``train/`` folder with names
    such as ``cat.0.jpg``, or a folder with ``cat``/``cats`` and ``dog``/``dogs``, such as
    Microsoft's ``PetImages``.

    Args:
        num_train: Photos of each class to train on.
        num_validation: Photos of each class to validate on.
        num_test: Photos of each class to test on.
        protocol_seed: Which ones are drawn, and into which part.
    """

    image_size: int = 150
    given_problem: Problem | None = "binary"
    num_train: int = 1000
    num_validation: int = 500
    num_test: int = 500
    protocol_seed: int = 0

    name: ClassVar[str] = "dogs_vs_cats"
    num_classes: ClassVar[int] = 2
    problem: ClassVar[Problem] = "binary"
    where_to_get: ClassVar[str] = (
        "Download https://www.kaggle.com/c/dogs-vs-cats/data (or Microsoft's "
        "https://www.microsoft.com/download/details.aspx?id=54765), unpack it, and give the "
        "folder with --data FOLDER."
    )

    def _listing(self, root: Path) -> FolderListing:
        counts = {"train": self.num_train, "val": self.num_validation, "test": self.num_test}
        return draw_from_each_class(super()._listing(root), counts, self.protocol_seed, root)

    def _read(self, root: Path) -> FolderListing:
        for folder in (root, root / "train"):
            if folder.is_dir() and any(map(_KAGGLE_NAME.fullmatch, contents(folder).images)):
                return _by_names(folder)
        if not root.is_dir():
            raise DataError(f"{root} is no folder; expected photos of cats and dogs.")
        listing = read_class_folders(root)
        labels = [_CLASS_OF_FOLDER.get(name.lower(), -1) for name in listing.class_names]
        if sorted(labels) != [0, 1]:
            raise DataError(
                f"{root} has the folders {', '.join(listing.class_names[:5])}; expected cat and "
                "dog (or cats and dogs), or files such as cat.0.jpg.",
                "For other classes give the folder to a space with FolderDataset().",
            )
        files = [file._replace(label=labels[file.label]) for file in listing.files]
        return listing._replace(files=files, class_names=("cat", "dog"))


def _by_names(folder: Path) -> FolderListing:
    """Kaggle's own way: the class is the first part of the name of the file."""
    inside = contents(folder)
    names = [name for name in inside.images if _KAGGLE_NAME.fullmatch(name)]
    names.sort(key=lambda name: (name[:3].lower(), int(name.split(".")[1])))
    files = [ImageFile(str(folder / name), _CLASS_OF_FOLDER[name[:3].lower()]) for name in names]
    ignored = inside.others + len(inside.images) - len(names)
    return FolderListing(files, ["train"] * len(files), ("cat", "dog"), ignored=ignored)
