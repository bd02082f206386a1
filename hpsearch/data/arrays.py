"""A data set of the user's own arrays, from a .npz file."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hpsearch.counting import count_of
from hpsearch.data.array_file import ArrayFile
from hpsearch.data.loaded import Dataset, LoadedData, Part, Progress
from hpsearch.data.preprocessing import Preprocessing, check_scaling
from hpsearch.data.splits import Split, given_split, split_stratified
from hpsearch.errors import DataError
from hpsearch.storage.places import expanded

DEFAULT_VALIDATION_SHARE = 0.2


@dataclass(frozen=True)
class ArrayDataset:
    """Images and labels of a .npz file, as ``--data images.npz`` gives it.

    The file holds ``x`` and ``y`` (or ``x_train`` and ``y_train``), and may hold ``x_val``,
    ``y_val``, ``x_test``, ``y_test``. Images are (n, height, width) or (n, height, width,
    channels), whole numbers in 0..255 or floats in 0..1; labels are whole numbers from 0.
    Without ``x_val`` a random share of each class is kept for validation.

    Args:
        path: The file; None to take the ``source`` of `load` or ``$HPSEARCH_DATA``.
        scaling: See `Preprocessing`; ``unit`` is 0..1.
        class_names: One name a class; their numbers if not given.
        is_numbered: Whether class numbers mean something elsewhere, as where a space declares
            its classes; else a number below the highest label that no image has is refused.

    Raises:
        DataError: `scaling` does not exist; later, when used, that the file is not like this.
    """

    path: Path | None = None
    scaling: str = "unit"
    class_names: tuple[str, ...] = ()
    is_numbered: bool = False

    name: ClassVar[str] = "arrays"

    def __post_init__(self) -> None:
        check_scaling(self.scaling)

    @cached_property
    def _file(self) -> ArrayFile:
        return ArrayFile(self._find(None))

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels), read from the head of the file."""
        return self._file.image_shape

    @property
    def num_classes(self) -> int:
        """Highest label plus one, or the number of names."""
        return max(self._file.num_classes, len(self.class_names))

    def settings(self) -> dict[str, Any]:
        """Everything that makes this data set what it is but its content, as plain JSON."""
        names = list(self.class_names)
        return {"name": self.name, "scaling": self.scaling, "class_names": names}

    def load(
        self,
        source: Path | None = None,
        *,
        seed: int = 0,
        validation_share: float | None = None,
        skip_bad: bool = False,
        progress: Progress | None = None,
    ) -> LoadedData:
        """Load, split and fit the preprocessing; see `Dataset.load`.

        Arrays hold no single bad images: `skip_bad` changes nothing.
        """
        file = self._file if source is None else ArrayFile(self._find(source))
        train, validation, test = (file.part(kind) for kind in ("train", "val", "test"))
        if train is None:
            raise DataError(f"{file.path} holds no training images; expected arrays x and y.")
        self._check_classes(file, train)
        images, labels, split = _split(file, train, validation, validation_share, seed)
        kept = Part(images[split.train], labels[split.train])
        if progress:
            progress(len(labels), len(labels))
        return LoadedData(
            train=kept,
            validation=Part(images[split.validation], labels[split.validation]),
            test=test,
            num_classes=max(file.num_classes, len(self.class_names)),
            class_names=self._names(max(file.num_classes, len(self.class_names))),
            fingerprint=self._fingerprint(images, labels, test),
            split=split.record,
            source=_sentence(file.path, len(labels), test),
            synthetic=False,
            preprocessing=Preprocessing.fit(self.scaling, kept.images),
        )

    def _check_classes(self, file: ArrayFile, train: Part) -> None:
        """Refuse labels that nothing can be learnt from, or that are most likely a mistake."""
        found = np.unique(train.labels)
        if len(found) < 2:
            raise DataError(
                f"{file.path} has the label {found[0]} on all of its "
                f"{count_of(len(train), 'training image')}; "
                "expected two classes or more."
            )
        if self.is_numbered or self.class_names:
            return
        unused = sorted(set(range(file.num_classes)) - file.labels_in_use)
        if unused:
            raise DataError(
                f"{file.path} has labels up to {file.num_classes - 1}, but no image has "
                f"{_listed(unused)}; expected classes numbered from 0 without gaps.",
                hint="Renumber them: classes, y = numpy.unique(y, return_inverse=True).",
            )

    def _find(self, source: Path | None) -> Path:
        found = source or self.path or os.environ.get("HPSEARCH_DATA")
        if not found:
            raise DataError(
                "No file of arrays is given; expected a .npz file with x and y.",
                hint="Give it with --data images.npz.",
            )
        return expanded(found)

    def _names(self, num_classes: int) -> tuple[str, ...]:
        return tuple(
            self.class_names[label] if label < len(self.class_names) else str(label)
            for label in range(num_classes)
        )

    def _fingerprint(
        self, images: NDArray[Any], labels: NDArray[np.int64], test: Part | None
    ) -> str:
        digest = hashlib.sha256(json.dumps(self.settings(), sort_keys=True).encode())
        for array in (images, labels, *((test.images, test.labels) if test else ())):
            digest.update(f"{array.dtype}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()[:32]


def dataset_for(declared: Dataset, source: Path | None) -> Dataset:
    """The data set to use for what a person gave as ``--data``.

    Args:
        declared: The data set the space names.
        source: The folder or file given; None for ``$HPSEARCH_DATA`` or the data set's own.

    Returns:
        An `ArrayDataset` for a .npz file, otherwise `declared`.
    """
    named = source or os.environ.get("HPSEARCH_DATA")
    if not named or Path(named).suffix != ".npz" or isinstance(declared, ArrayDataset):
        return declared
    return ArrayDataset(Path(named), is_numbered=True)


def _split(
    file: ArrayFile, train: Part, validation: Part | None, share: float | None, seed: int
) -> tuple[NDArray[Any], NDArray[np.int64], Split]:
    if validation is None:
        share = DEFAULT_VALIDATION_SHARE if share is None else share
        return train.images, train.labels, split_stratified(train.labels, share, seed)
    if share is not None:
        raise DataError(
            f"{file.path} holds its own validation images, but a validation share is given too.",
            hint="Leave --validation-share out.",
        )
    images = np.concatenate([train.images, validation.images])
    labels = np.concatenate([train.labels, validation.labels])
    return images, labels, given_split(labels, len(train))


def _listed(numbers: Sequence[int], most: int = 5) -> str:
    shown = ", ".join(str(number) for number in numbers[:most])
    return shown if len(numbers) <= most else f"{shown} and {len(numbers) - most} more"


def _sentence(path: Path, num_train: int, test: Part | None) -> str:
    kept_apart = f", {count_of(len(test), 'test image')}" if test else ""
    return f"arrays from {path} ({num_train:,} training and validation images{kept_apart})"
