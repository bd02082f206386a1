"""A few hundred photos of flowers: small data on which augmentation shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from hpsearch.counting import count_of
from hpsearch.data.folder import FolderDataset
from hpsearch.data.listings import FolderListing
from hpsearch.data.protocols import draw_from_each_class
from hpsearch.errors import DataError
from hpsearch.problems import Problem

DEFAULT_CLASSES = 4


@dataclass(frozen=True)
class Flowers(FolderDataset):
    """320 photos of 4 kinds of flowers, drawn from any folder with a folder for each kind.

    Args:
        classes: Names of the class folders to use; the first four if none are given.
        images_per_class: Photos of each, always the same ones; training, validation and test
            part are then held out of them.
        protocol_seed: Which ones are drawn.
    """

    image_size: int = 64
    given_problem: Problem | None = "one_label"
    classes: tuple[str, ...] = ()
    images_per_class: int = 80
    protocol_seed: int = 0

    name: ClassVar[str] = "flowers"
    problem: ClassVar[Problem] = "one_label"
    where_to_get: ClassVar[str] = (
        "Download any flowers in class folders, such as "
        "http://download.tensorflow.org/example_images/flower_photos.tgz, unpack it, and give "
        "the folder with --data FOLDER."
    )

    @property
    def num_classes(self) -> int:
        """Number of kinds."""
        return len(self.classes) or DEFAULT_CLASSES

    def _listing(self, root: Path) -> FolderListing:
        listing = self._chosen(super()._listing(root), root)
        if set(listing.parts) == {"train"}:
            counts = {"train": self.images_per_class}
            return draw_from_each_class(listing, counts, self.protocol_seed, root)
        return listing

    def _chosen(self, listing: FolderListing, root: Path) -> FolderListing:
        """Only the kinds that are wanted, numbered afresh."""
        names = self.classes or listing.class_names[:DEFAULT_CLASSES]
        missing = [name for name in names if name not in listing.class_names]
        if missing or len(names) < self.num_classes:
            raise DataError(
                f"{root} has the kinds {', '.join(listing.class_names)}; expected "
                f"{', '.join(self.classes) or count_of(DEFAULT_CLASSES, 'kind')}.",
                "Name folders that are there: Flowers(classes=(…)).",
            )
        numbers = {listing.class_names.index(name): new for new, name in enumerate(names)}
        kept = [i for i, file in enumerate(listing.files) if file.label in numbers]
        chosen = listing.only(np.array(kept).tolist())
        files = [file._replace(label=numbers[file.label]) for file in chosen.files]
        return chosen._replace(files=files, class_names=tuple(names))
