"""`ModelCard`: what travels inside a saved model so that it can be used without its study.

The name is that of Mitchell et al., *Model Cards for Model Reporting* (FAT* 2019).
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from hpsearch.data.data_card import DataCard
from hpsearch.errors import DataError, InputError
from hpsearch.storage.atomic import dumps
from hpsearch.storage.file_shapes import CARD
from hpsearch.storage.shapes import ShapeError, check_shape

MEMBER = "hpsearch.json"
"""Beside Keras's own members of the archive, which it does not look at."""
SCHEMA_VERSION = 1
LARGEST = 64 << 20
"""Bytes; more is no card."""
SEED_TRAINED, JOINTLY_TRAINED = "training part", "training and validation parts"


@dataclass(frozen=True)
class Training:
    """How a model came about.

    Args:
        space: Name of the search space.
        stage: `coarse`, `fine` or `confirm`.
        trial: Its number; None for a model retrained afterwards.
        objective: What trials were compared by.
        value: The objective at the epoch whose weights are kept; None where nothing was left to
            validate on.
        trained_on: `SEED_TRAINED` or `JOINTLY_TRAINED`.
        params: The hyperparameters.
    """

    space: str
    stage: str
    trial: int | None
    objective: str
    value: float | None
    trained_on: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class ModelCard:
    """What a saved model tells of itself.

    Args:
        data: How an image becomes its input, and what its output means.
        training: How it came about.
    """

    data: DataCard
    training: Training

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; `from_json` gives an equal object back."""
        from hpsearch import __version__

        return {
            "schema_version": SCHEMA_VERSION,
            "hpsearch": __version__,
            "data": self.data.to_json(),
            "training": asdict(self.training),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`.

        Raises:
            ShapeError: It is of another shape.
            DataError: A value makes no sense.
        """
        check_shape(data, CARD)
        own = data["training"]
        training = Training(**{name: own[name] for name in Training.__dataclass_fields__})
        return cls(DataCard.from_json(data["data"]), training)


def write_card(path: Path, card: ModelCard) -> None:
    """Put a card into a `.keras` file that has none.

    Raises:
        OSError: The disk refuses.
    """
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(MEMBER, dumps(card.to_json()), zipfile.ZIP_DEFLATED)


def read_card(path: Path) -> ModelCard:
    """The card of a saved model.

    Raises:
        InputError: There is no such file, it is no `.keras` file, or it has no card, or one that
            this version does not know.
    """
    text = _member(path)
    if text is None:
        raise InputError(
            f"{path} does not say how its images were prepared: it was not saved by hpsearch, or "
            "by a version before there was a command predict.",
            "Train it again, or use it with Keras and prepare the images as it was trained.",
        )
    try:
        data = json.loads(text)
        check_shape(data, {"schema_version": int})
        if data["schema_version"] != SCHEMA_VERSION:
            raise InputError(
                f"{path} was saved by hpsearch {data.get('hpsearch', 'unknown')} with a card of "
                f"version {data['schema_version']}; this version reads version {SCHEMA_VERSION}.",
                "Use the version that wrote it.",
            )
        return ModelCard.from_json(data)
    except (ValueError, RecursionError, ShapeError, DataError) as error:
        raise InputError(
            f"{path} is damaged: {MEMBER} inside it cannot be used ({error}).",
            "Restore it from a copy, or train again.",
        ) from None


def has_card(path: Path) -> bool:
    """Whether a saved model has a card; one of plain Keras has none.

    Raises:
        InputError: There is no such file, or it is no `.keras` file.
    """
    return _member(path) is not None


def fingerprint_of(path: Path) -> str:
    """Identifies the content of a saved model, without reading all of it.

    Raises:
        InputError: There is no such file, or it is no `.keras` file.
    """
    with _opened(path) as archive:
        members = [(own.filename, own.CRC, own.file_size) for own in archive.infolist()]
    return hashlib.sha256(repr(sorted(members)).encode()).hexdigest()[:16]


def _member(path: Path) -> bytes | None:
    """The text of the card; None if there is none."""
    with _opened(path) as archive:
        if MEMBER not in archive.namelist():
            return None
        if archive.getinfo(MEMBER).file_size > LARGEST:
            raise InputError(f"{path} is damaged: {MEMBER} inside it is too large.")
        return archive.read(MEMBER)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive that a saved model is; what cannot be read of it is an `InputError`."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except FileNotFoundError:
        raise InputError(f"There is no model {path}.", "Check the path.") from None
    except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile) as error:
        raise InputError(
            f"{path} is no saved model: {error}.", "Give a .keras file or a run directory."
        ) from None
