"""A data set of the user's own arrays, from a .npz file."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, cast

from hpsearch.data.array_file import ArrayFile
from hpsearch.data.assembling import ArrayFacts, assemble
from hpsearch.data.holding_out import Shares
from hpsearch.data.labels import labels_for, num_classes_of
from hpsearch.data.loaded import LoadedData, Progress
from hpsearch.data.preprocessing import check_scaling
from hpsearch.errors import DataError
from hpsearch.problems import Problem
from hpsearch.storage.places import expanded


@dataclass(frozen=True)
class ArrayDataset:
    """Images and labels of a .npz file, as ``--data images.npz`` gives it.

    The file holds ``x`` and ``y`` (or ``x_train`` and ``y_train``), and may hold ``x_val``,
    ``y_val``, ``x_test``, ``y_test``. Images are (n, height, width) or (n, height, width,
    channels), whole numbers in 0..255 or floats in 0..1. Labels are whole numbers from 0 (one
    class an image), floats (regression) or (n, k) numbers 0 and 1 (several labels an image).
    Without ``x_val`` a random share of each class is kept for validation.

    Args:
        path: The file; None to take the ``source`` of `load` or ``$HPSEARCH_DATA``.
        scaling: See `Preprocessing`; ``unit`` is 0..1.
        class_names: One name a class; their numbers if not given.
        given_problem: What a model is asked for; None for what the file's entry ``problem`` or
            the labels say.
        is_numbered: Whether class numbers mean something elsewhere, as where a space declares
            its classes; else a number below the highest label that no image has is refused.

    Raises:
        DataError: `scaling` does not exist; later, when used, that the file is not like this.
    """

    path: Path | None = None
    scaling: str = "unit"
    class_names: tuple[str, ...] = ()
    given_problem: Problem | None = None
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
        """Highest label plus one, or the number of names; of numbers to be told for others."""
        return num_classes_of(self._file.labels, self.problem, len(self.class_names))

    @property
    def problem(self) -> Problem:
        """What a model is asked for: what the user says, or what the labels say."""
        return labels_for(self._file.labels, self._given_problem(self._file))[1]

    def bound(self, source: Path) -> ArrayDataset:
        """The same data set with another file."""
        return replace(self, path=source)

    def settings(self) -> dict[str, Any]:
        """Everything that makes this data set what it is but its content, as plain JSON."""
        names = list(self.class_names)
        return {
            "name": self.name,
            "scaling": self.scaling,
            "class_names": names,
            "given_problem": self.given_problem,
        }

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
        parts = {kind: pair for kind in ("train", "val", "test") if (pair := file.part(kind))}
        facts = ArrayFacts(
            f"arrays from {file.path}",
            self.settings(),
            self.scaling,
            self.class_names,
            self._given_problem(file),
            is_numbered=self.is_numbered,
        )
        loaded = assemble(parts, facts, Shares(validation_share, test=0), seed)
        if progress:
            progress(len(file.labels), len(file.labels))
        return loaded

    def _given_problem(self, file: ArrayFile) -> Problem | None:
        return self.given_problem or cast("Problem | None", file.problem)

    def _find(self, source: Path | None) -> Path:
        found = source or self.path or os.environ.get("HPSEARCH_DATA")
        if not found:
            raise DataError(
                "No file of arrays is given; expected a .npz file with x and y.",
                hint="Give it with --data images.npz.",
            )
        return expanded(found)
