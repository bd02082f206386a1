"""What is known of a collection of image files before any of them is opened."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpsearch.counting import count_of
from hpsearch.data.decoding import SUFFIXES, ImageFile
from hpsearch.errors import DataError
from hpsearch.problems import Problem

EXPECTED = (
    "class folders with images (FOLDER/CLASS/image.jpg), such folders in train/, val/ and test/, "
    "or a CSV file with the columns path and label beside the images"
)


class FolderListing(NamedTuple):
    """Image files with their labels, before any of them is opened.

    Args:
        files: The images; ``label`` is a class, or -1 where `targets` has the labels; ``track``
            is a group, or -1.
        parts: ``train``, ``val`` or ``test`` for each file; all ``train`` where nothing is given.
        class_names: One name a class; empty for regression.
        targets: Labels that are not one class an image: see `Part`.
        problem: What a model is asked for.
        ignored: Number of files beside the images that are none.
    """

    files: list[ImageFile]
    parts: list[str]
    class_names: tuple[str, ...]
    targets: NDArray[Any] | None = None
    problem: Problem = "one_label"
    ignored: int = 0

    def labels(self) -> NDArray[Any]:
        """The labels of all files; see `Part`."""
        if self.targets is not None:
            return self.targets
        return np.array([file.label for file in self.files], dtype=np.int64)

    def only(self, positions: Sequence[int], parts: Sequence[str] | None = None) -> FolderListing:
        """Some of the files, in this order, with parts of their own if given."""
        return self._replace(
            files=[self.files[i] for i in positions],
            parts=list(parts) if parts else [self.parts[i] for i in positions],
            targets=None if self.targets is None else self.targets[list(positions)],
        )

    def digest(self) -> str:
        """Hex digest of path, size, time, label and part of every file; no file is opened."""
        digest = hashlib.sha256(repr((self.class_names, self.problem)).encode())
        for file, part in zip(self.files, self.parts, strict=True):
            digest.update(f"{file.path}/{_status(file.path)}/{file[1:]}/{part}\n".encode())
        digest.update(self.labels().tobytes())
        return digest.hexdigest()


def _status(path: str) -> str:
    """Size and time; a missing file is found when it is decoded."""
    try:
        status = Path(path).stat()
    except OSError:
        return "missing"
    return f"{status.st_size}/{status.st_mtime_ns}"


def is_image(name: str) -> bool:
    """Whether a file is taken for an image, by its name."""
    return Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")


def check_classes(listing: FolderListing, root: Path) -> None:
    """Refuse classes that nothing can be learnt from.

    Raises:
        DataError: There is one class only, one without a training image, one with a single image
            that would have to be on both sides, or one that is only validated or tested on.
    """
    if listing.targets is not None:
        return
    if len(listing.class_names) < 2:
        raise DataError(
            f"{root} has one class only, {listing.class_names[0]!r}; expected two or more.",
            f"Expected are {EXPECTED}.",
        )
    counts = Counter(
        (part, file.label) for part, file in zip(listing.parts, listing.files, strict=True)
    )
    needed = 1 if "val" in listing.parts else 2
    for label, name in enumerate(listing.class_names):
        found = counts["train", label]
        if found < needed:
            raise DataError(
                f"The class {name!r} of {root} has {count_of(found, 'training image')}; expected "
                + (
                    "one or more." if needed == 1 else "two or more: one to train, one to validate."
                ),
                "Add images of it, or take the class away.",
            )


def numbered(names: Sequence[str]) -> list[str]:
    """Names once each in order, 2 before 10 where all of them are numbers."""
    found = set(names)
    return sorted(found, key=int) if all(name.isdecimal() for name in found) else sorted(found)
