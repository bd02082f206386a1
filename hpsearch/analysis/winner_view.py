"""`WinnerView`: what was seen of the winner's model, as a file that needs neither it nor data."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from hpsearch.errors import StudyError
from hpsearch.storage.atomic import dumps, write_bytes
from hpsearch.storage.file_shapes import WINNER_VIEW
from hpsearch.storage.run_directory import RunDirectory

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SCHEMA_VERSION = 1
LARGEST = 64 << 20
"""Bytes unpacked; many times what there is."""
UNREADABLE = (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What reading a damaged file ends in."""
MAKE_AGAIN = "Delete it: hpsearch report makes it again."
FACTS = "facts"
"""The member that holds the facts, as bytes of JSON."""
DIMENSIONS = {
    "losses": 1,
    "right": 1,
    "calibration": 2,
    "confusions": 2,
    "label_counts": 2,
    "train_counts": 1,
    "true_values": 2,
    "said_values": 2,
    "sample_images": 4,
    "sample_labels": 2,
    "sample_values": 2,
    "worst_images": 4,
    "worst_labels": 2,
    "worst_values": 2,
    "filters": 4,
    "map_image": 3,
    "maps_0": 3,
    "maps_1": 3,
    "maps_2": 3,
}
"""Every array that may be in the file, with its number of dimensions."""


@dataclass(frozen=True, eq=False)
class WinnerView:
    """Predictions, filters and feature maps of the model of a study's winner.

    Args:
        model: Identifies the file of the model; empty where there was none.
        trial: Which trial it is of; None for one retrained afterwards, or none.
        failure: Why nothing could be seen; empty if something was.
        predictions: On which part and how many images, with scores; None where there are none.
        network: Which layers are shown; None where none are.
        without: Picture (`predictions`, `images`, `filters`, `maps`) → why it is not there.
        arrays: By name, see `DIMENSIONS`.
    """

    model: str
    trial: int | None = None
    failure: str = ""
    predictions: Mapping[str, Any] | None = None
    network: Mapping[str, Any] | None = None
    without: Mapping[str, str] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def class_names(self) -> list[str]:
        """One a class or label, as far as they have names."""
        return list(self.predictions["class_names"]) if self.predictions else []

    def why_not(self, picture: str, array: str) -> str:
        """Why an array for a picture is not there; empty if it is.

        Args:
            picture: What it is for, a key of `without`.
            array: Its name.
        """
        if array in self.arrays:
            return ""
        return self.failure or self.without.get(picture, "It is not made for data of this kind.")

    def facts(self) -> dict[str, Any]:
        """All but the arrays, as plain JSON."""
        return {
            "schema_version": SCHEMA_VERSION,
            "model": self.model,
            "trial": self.trial,
            "failure": self.failure,
            "predictions": self.predictions,
            "network": self.network,
            "without": dict(self.without),
        }


def write_winner_view(path: Path, view: WinnerView) -> None:
    """Write the file; readers never see half of it."""
    members = {FACTS: np.frombuffer(dumps(view.facts()).encode(), np.uint8), **view.arrays}
    packed = io.BytesIO()
    np.savez_compressed(packed, **members)  # type: ignore[arg-type]  # its stub mixes up a flag
    write_bytes(path, packed.getvalue())


def read_winner_view(directory: RunDirectory) -> WinnerView | None:
    """What was seen of a study's winner; None where nobody has looked.

    Raises:
        StudyError: The file is damaged, or another version wrote it.
    """
    path = directory.winner_view_file
    if not path.is_file():
        return None
    try:
        facts, arrays = _members(path)
    except (*UNREADABLE, KeyError, ValueError, RecursionError) as error:
        raise StudyError(f"{path} is damaged: {error}.", MAKE_AGAIN) from None
    RunDirectory.check(path, facts, WINNER_VIEW)
    wrong = [name for name, own in arrays.items() if own.ndim != DIMENSIONS[name]]
    if wrong or facts["schema_version"] != SCHEMA_VERSION:
        raise StudyError(
            f"{path} is of another version or damaged ({', '.join(wrong) or 'schema_version'}).",
            MAKE_AGAIN,
        )
    known = {name: facts[name] for name in facts if name in WinnerView.__dataclass_fields__}
    return WinnerView(**known, arrays=arrays)


def _members(path: Path) -> tuple[Any, dict[str, NDArray[Any]]]:
    """The facts and the arrays that are known.

    Raises:
        ValueError: It holds more than any such file.
    """
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > LARGEST:
            raise ValueError("it is too large")
    with np.load(path, allow_pickle=False) as members:
        names = [name for name in members.files if name in DIMENSIONS]
        return json.loads(members[FACTS].tobytes()), {name: members[name] for name in names}
