"""The German Traffic Sign Recognition Benchmark as a data set of a space."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.cache import Entry
from hpsearch.data.decoding import COLOR_MODES, Form, file_of, read_image
from hpsearch.data.fetching import fetched_gtsrb
from hpsearch.data.gtsrb_classes import CLASS_NAMES, NUM_CLASSES
from hpsearch.data.gtsrb_entries import entry_of_folder, entry_of_signs
from hpsearch.data.loaded import LoadedData, Part, Progress
from hpsearch.data.preprocessing import Preprocessing, check_scaling
from hpsearch.data.rows import Rows
from hpsearch.data.splits import check_share, split_by_track
from hpsearch.errors import DataError
from hpsearch.problems import Problem
from hpsearch.storage.places import expanded

DEFAULT_VALIDATION_SHARE = 0.2


@dataclass(frozen=True)
class Gtsrb:
    """German traffic signs, 43 classes: the real photos where they are found, else drawn ones.

    `load` takes the folder it is given, or ``$HPSEARCH_DATA``, or what ``hpsearch data fetch
    gtsrb`` put into the cache, or else draws the built-in synthetic signs. Stallkamp et al.,
    *Man vs. computer*, Neural Networks 32 (2012).

    Args:
        image_size: Side of the square images in pixels, 8 to 256.
        color_space: ``rgb``, ``grey`` (one channel) or ``yuv``.
        scaling: See `Preprocessing`.
        crop_to_roi: Cut the sign out of its border of about 10 % first. Off by default: a new
            photo to be recognized comes without a region of interest, and the course leaves
            the border in too.
        builtin_images: Training images to draw when there are no real ones; a fifth as many
            test images come with them.
        builtin_seed: Seed of the drawn images.

    Raises:
        DataError: A setting is not one of these.
    """

    image_size: int = 32
    color_space: str = "rgb"
    scaling: str = "standardize"
    crop_to_roi: bool = False
    builtin_images: int = 10_000
    builtin_seed: int = 0

    name: ClassVar[str] = "gtsrb"
    num_classes: ClassVar[int] = NUM_CLASSES
    problem: ClassVar[Problem] = "one_label"
    mirror_safe: ClassVar[bool] = False
    class_names: ClassVar[tuple[str, ...]] = CLASS_NAMES

    def __post_init__(self) -> None:
        check_scaling(self.scaling)
        if self.color_space not in COLOR_MODES:
            expected = ", ".join(COLOR_MODES)
            raise DataError(f"The color_space is {self.color_space!r}; expected one of {expected}.")
        if not 8 <= self.image_size <= 256:
            raise DataError(f"The image_size is {self.image_size}; expected 8 to 256 pixels.")
        if self.builtin_seed < 0:
            raise DataError(f"The builtin_seed is {self.builtin_seed}; expected 0 or more.")
        if self.builtin_images < 4 * NUM_CLASSES:
            raise DataError(
                f"The number of builtin_images is {self.builtin_images}; "
                f"expected {4 * NUM_CLASSES} or more, four tracks for each class."
            )

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        return self.form.shape

    @property
    def form(self) -> Form:
        """What an image file is brought to."""
        return Form(self.image_size, self.color_space, self.crop_to_roi)

    def settings(self) -> dict[str, Any]:
        """Everything that makes this data set what it is, as plain JSON."""
        return {"name": self.name, **asdict(self)}

    def find_source(self, source: Path | None = None) -> Path | None:
        """The folder `load` would read; None where it would draw the built-in signs."""
        named = source or os.environ.get("HPSEARCH_DATA")
        return expanded(named) if named else fetched_gtsrb()

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
        """Load, split by track and fit the preprocessing; see `Dataset.load`."""
        share = DEFAULT_VALIDATION_SHARE if validation_share is None else validation_share
        check_share(share)
        folder = self.find_source(source)
        if folder is None:
            settings = (self.builtin_images, self.builtin_seed)
            entry = entry_of_signs(*settings, self.form, progress)
        else:
            entry = entry_of_folder(folder, self.form, skip_bad, progress)
        return self._split(entry, share, seed, synthetic=folder is None)

    def _split(self, entry: Entry, share: float, seed: int, *, synthetic: bool) -> LoadedData:
        images, facts = entry.arrays["images"], entry.facts
        usable = np.flatnonzero(entry.arrays["labels"] >= 0)
        labels = np.asarray(entry.arrays["labels"])[usable]
        tracks = np.asarray(entry.arrays["tracks"])[usable]
        split = split_by_track(labels, tracks, share, seed)
        train, validation = (
            Part(Rows(images, usable[chosen]), labels[chosen], tracks[chosen])
            for chosen in (split.train, split.validation)
        )
        return LoadedData(
            train=train,
            validation=validation,
            test=_test_part(entry.arrays),
            num_classes=NUM_CLASSES,
            class_names=CLASS_NAMES,
            fingerprint=self._fingerprint(facts["content"]),
            split=split.record,
            source=facts["source"],
            synthetic=synthetic,
            preprocessing=Preprocessing.fit(self.scaling, train.images),
            skipped=len(facts["bad"]),
        )

    def _fingerprint(self, content: str) -> str:
        settings = {k: v for k, v in self.settings().items() if not k.startswith("builtin")}
        text = json.dumps([content, settings], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def _test_part(arrays: Mapping[str, NDArray[Any]]) -> Part | None:
    labels = np.asarray(arrays["test_labels"])
    if not np.any(labels >= 0):
        return None
    if np.all(labels >= 0):
        return Part(arrays["test_images"], labels)
    usable = np.flatnonzero(labels >= 0)
    return Part(Rows(arrays["test_images"], usable), labels[usable])
