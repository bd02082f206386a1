"""A data set of image files: class folders, or a CSV file with paths and labels."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hpsearch.counting import count_of
from hpsearch.data.archives import unpacked
from hpsearch.data.cache import Entry, cache_dir
from hpsearch.data.class_folders import read_class_folders
from hpsearch.data.decoding import COLOR_MODES, FITS, Form, file_of, read_image
from hpsearch.data.folder_entries import entry_of_files
from hpsearch.data.holding_out import Division, Shares, divide
from hpsearch.data.image_table import find_table, read_table
from hpsearch.data.labels import labels_for
from hpsearch.data.listings import EXPECTED, FolderListing, check_classes
from hpsearch.data.loaded import LoadedData, Part, Progress
from hpsearch.data.preprocessing import Preprocessing, check_scaling
from hpsearch.data.rows import Rows
from hpsearch.errors import DataError
from hpsearch.problems import Problem
from hpsearch.storage.places import expanded


@dataclass(frozen=True)
class FolderDataset:
    """Image files of any size with their classes, as ``--data FOLDER`` gives them.

    The source is a folder of class folders (``FOLDER/CLASS/image.jpg``), one with such folders
    in ``train/``, ``val/`` (or ``validation/``) and ``test/``, a CSV file with the columns
    ``path`` and ``label`` (and ``group`` or ``track``, and ``split``) or a folder with one, or a
    ``.zip`` file of any of these. JPEG, PNG, PPM, BMP and WebP, grey or colour, turned upright as
    EXIF says; of an animation the first frame. Images are decoded once, at the size asked for,
    and kept in the cache as a memory map.

    Parts that are not given are held out: the same share of each class, or whole groups.

    Args:
        path: The source; None to take the one of `load` or ``$HPSEARCH_DATA``.
        image_size: Side of the square images in pixels, 8 to 1024.
        color_space: ``rgb``, ``grey`` (one channel) or ``yuv``.
        fit: ``stretch`` to a square, ``crop`` its middle, or ``pad`` it with black.
        scaling: See `Preprocessing`; ``unit`` is 0..1.
        given_problem: What a model is asked for; None for what the labels say.
        validation_share: Share of the images that are not tested on to validate on; None for
            what their number suggests (`default_share`).
        test_share: Share of all images to test on; None likewise, 0 for none.

    Raises:
        DataError: A setting is not one of these; later, when used, that the source is not so.
    """

    path: Path | str | None = None
    image_size: int = 64
    color_space: str = "rgb"
    fit: str = "stretch"
    scaling: str = "unit"
    given_problem: Problem | None = None
    validation_share: float | None = None
    test_share: float | None = None

    name: ClassVar[str] = "folder"
    where_to_get: ClassVar[str] = "Give a folder with --data FOLDER."

    def __post_init__(self) -> None:
        check_scaling(self.scaling)
        for name, value, known in (
            ("color_space", self.color_space, tuple(COLOR_MODES)),
            ("fit", self.fit, FITS),
        ):
            if value not in known:
                raise DataError(f"The {name} is {value!r}; expected one of {', '.join(known)}.")
        if not 8 <= self.image_size <= 1024:
            raise DataError(f"The image_size is {self.image_size}; expected 8 to 1024 pixels.")

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        return self.form.shape

    @property
    def num_classes(self) -> int:
        """Number of classes; of numbers to be told for regression."""
        listing = self._listed
        targets = listing.targets
        if listing.class_names or targets is None:
            return len(listing.class_names)
        return 1 if targets.ndim == 1 else int(targets.shape[1])

    @property
    def problem(self) -> Problem:
        """What a model is asked for."""
        return self._labels(self._listed)[1]

    @property
    def form(self) -> Form:
        """What an image file is brought to."""
        return Form(self.image_size, self.color_space, fit=self.fit)

    @cached_property
    def _listed(self) -> FolderListing:
        return self._listing(self.find_source())

    def bound(self, source: Path) -> FolderDataset:
        """The same data set with another source."""
        return replace(self, path=source)

    def settings(self) -> dict[str, Any]:
        """Everything that makes this data set what it is but its content, as plain JSON."""
        return {"name": self.name, **{k: v for k, v in asdict(self).items() if k != "path"}}

    def find_source(self, source: Path | None = None) -> Path:
        """The folder or file that `load` would read.

        Raises:
            DataError: Nothing is given, or it does not exist.
        """
        named = source or self.path or os.environ.get("HPSEARCH_DATA")
        found = expanded(named) if named else cache_dir() / self.name
        if found.exists():
            return found
        what = f"{found} does not exist" if named else "no folder is given"
        raise DataError(
            f"The images of '{self.name}' are not there: {what}; expected {EXPECTED}.",
            self.where_to_get,
        )

    def read_image(self, path: Path) -> NDArray[np.uint8]:
        """One photo in the form of this data set, (height, width, channels), not yet scaled.

        Raises:
            DataError: The file is no image that can be read.
        """
        return read_image(file_of(path), self.form)

    def load(
        self,
        source: Path | None = None,
        *,
        seed: int = 0,
        validation_share: float | None = None,
        skip_bad: bool = False,
        progress: Progress | None = None,
    ) -> LoadedData:
        """Load, split and fit the preprocessing; see `Dataset.load`."""
        root = self.find_source(source)
        listing = self._listing(root)
        labels, problem = self._labels(listing)
        entry = entry_of_files(listing, self.form, skip_bad, progress)
        usable = np.flatnonzero(entry.arrays["usable"])
        shares = Shares(
            self.validation_share if validation_share is None else validation_share,
            self.test_share,
        )
        groups = _groups(listing)
        division = divide(
            labels[usable],
            None if groups is None else groups[usable],
            [listing.parts[i] for i in usable],
            shares,
            seed,
        )
        return self._loaded(root, listing, labels, problem, entry, usable, division)

    def files(self) -> FolderListing:
        """The image files behind the data set, as they are."""
        return self._listed

    def _listing(self, root: Path) -> FolderListing:
        """The files to read, in their parts."""
        listing = self._read(unpacked(root) if root.suffix.lower() == ".zip" else root)
        check_classes(listing, root)
        return listing

    def _read(self, root: Path) -> FolderListing:
        """All files of the source."""
        if root.is_dir():
            table = find_table(root)
            return read_table(table) if table else read_class_folders(root)
        if root.suffix.lower() == ".csv":
            return read_table(root)
        raise DataError(f"{root} is no folder and no CSV file; expected {EXPECTED}.")

    def _labels(self, listing: FolderListing) -> tuple[NDArray[Any], Problem]:
        return labels_for(listing.labels(), self.given_problem or listing.problem)

    def _loaded(
        self,
        root: Path,
        listing: FolderListing,
        labels: NDArray[Any],
        problem: Problem,
        entry: Entry,
        usable: NDArray[np.int64],
        division: Division,
    ) -> LoadedData:
        groups = _groups(listing)

        def part(chosen: NDArray[np.int64]) -> Part:
            positions = usable[chosen]
            inside = None if groups is None else groups[positions]
            return Part(Rows(entry.arrays["images"], positions), labels[positions], inside)

        train = part(division.train)
        return LoadedData(
            train=train,
            validation=part(division.validation),
            test=part(division.test) if len(division.test) else None,
            num_classes=len(listing.class_names) or (1 if labels.ndim == 1 else labels.shape[1]),
            class_names=listing.class_names,
            fingerprint=self._fingerprint(entry.facts["content"], listing),
            split=division.record,
            source=_sentence(self.name, root, listing),
            synthetic=False,
            preprocessing=Preprocessing.fit(self.scaling, train.images),
            skipped=len(entry.facts["bad"]),
            problem=problem,
        )

    def _fingerprint(self, content: str, listing: FolderListing) -> str:
        shares = ("validation_share", "test_share")
        settings = {k: v for k, v in self.settings().items() if k not in shares}
        text = json.dumps([content, settings, listing.class_names, listing.parts], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def _groups(listing: FolderListing) -> NDArray[np.int64] | None:
    if all(file.track < 0 for file in listing.files):
        return None
    return np.array([file.track for file in listing.files], dtype=np.int64)


def _sentence(name: str, root: Path, listing: FolderListing) -> str:
    classes = len(listing.class_names)
    what = f" of {count_of(classes, 'class', 'classes')}" if classes else ""
    beside = count_of(listing.ignored, "other file")
    ignored = f"; {beside} beside them ignored" if listing.ignored else ""
    return f"{name} from {root} ({count_of(len(listing.files), 'image')}{what}{ignored})"
