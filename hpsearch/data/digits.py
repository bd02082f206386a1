"""Scikit-learn's small handwritten digits: real data that need no download."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from hpsearch.data.assembling import ArrayFacts, assemble
from hpsearch.data.holding_out import Shares
from hpsearch.data.loaded import LoadedData, Progress
from hpsearch.data.preprocessing import check_scaling
from hpsearch.errors import DataError
from hpsearch.problems import Problem

HIGHEST = 16
"""Each value counts the inked ones among 4×4 pixels of the scan."""


@dataclass(frozen=True)
class Digits:
    """1,797 handwritten digits, 8×8 grey, built in: seconds instead of minutes for a first try.

    The test part of UCI's *Optical Recognition of Handwritten Digits* (Alpaydin and Kaynak 1998),
    as ``sklearn.datasets.load_digits`` has it. Values 0 to 16 are brought to 0..1. A fifth is
    held out to test on, always the same.

    Args:
        scaling: See `Preprocessing`.
        validation_share: Share of the others to validate on; None for a fifth.
    """

    scaling: str = "unit"
    validation_share: float | None = None

    name: ClassVar[str] = "digits"
    image_shape: ClassVar[tuple[int, int, int]] = (8, 8, 1)
    num_classes: ClassVar[int] = 10
    problem: ClassVar[Problem] = "one_label"
    mirror_safe: ClassVar[bool] = False
    class_names: ClassVar[tuple[str, ...]] = tuple("0123456789")

    def __post_init__(self) -> None:
        check_scaling(self.scaling)

    def settings(self) -> dict[str, Any]:
        """Everything that makes this data set what it is, as plain JSON."""
        return {"name": self.name, "scaling": self.scaling}

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

        Raises:
            DataError: A source is given, which there is none for.
        """
        from sklearn.datasets import load_digits

        if source is not None:
            raise DataError(
                f"The digits are built in, but {source} is given too.", "Leave --data out."
            )
        images, labels = load_digits(return_X_y=True)
        values = (images.reshape(-1, 8, 8, 1) / HIGHEST).astype(np.float32)
        facts = ArrayFacts(
            "scikit-learn's handwritten digits", self.settings(), self.scaling, self.class_names
        )
        own = self.validation_share if validation_share is None else validation_share
        return assemble({"train": (values, labels)}, facts, Shares(own), seed)
