"""Where files of pretrained weights are looked for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from hpsearch.errors import InputError

IMAGENET = "imagenet"
PUBLISHED = "https://storage.googleapis.com/tensorflow/keras-applications/"
WEIGHTS_VARIABLE = "HPSEARCH_WEIGHTS_DIR"


@dataclass(frozen=True)
class PublishedWeights:
    """A file of weights that Keras publishes.

    Args:
        path: Below `PUBLISHED`.
        md5: Its checksum; None where Keras gives none.
    """

    path: str
    md5: str | None = None

    @property
    def file(self) -> str:
        """Name of the file."""
        return Path(self.path).name


def weights_file(name: str, published: PublishedWeights, weights: str) -> Path:
    """The file of the weights of a network without its top.

    `imagenet` is looked for in ``$HPSEARCH_WEIGHTS_DIR``, then in Keras's own folder
    (`~/.keras/models`), and then downloaded to there, as Keras does.

    Args:
        name: Name of the network.
        published: The file of its ImageNet weights.
        weights: `imagenet` or a path.

    Raises:
        InputError: There is no such file, and it cannot be downloaded.
    """
    if weights != IMAGENET:
        path = Path(weights).expanduser()
        if not path.is_file():
            raise InputError(
                f"There is no file of weights {path}.",
                "Give the path of a file, or weights='imagenet'.",
            )
        return path
    names = possible_names(name, published)
    for folder in weights_folders():
        for file in names:
            if (folder / file).is_file():
                return folder / file
    return _download(name, published)


def possible_names(name: str, published: PublishedWeights) -> tuple[str, ...]:
    """The names under which a network's weights are recognized in a folder."""
    return published.file, f"{name}_notop.weights.h5", f"{name}_notop.h5"


def weights_folders() -> list[Path]:
    """Where weights are looked for, in order."""
    own = os.environ.get(WEIGHTS_VARIABLE)
    return [*([Path(own).expanduser()] if own else []), keras_folder() / "models"]


def keras_folder() -> Path:
    """Keras's own folder, ``$KERAS_HOME`` or `~/.keras`."""
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()


def _download(name: str, published: PublishedWeights) -> Path:
    import keras

    address = PUBLISHED + published.path
    try:
        found = keras.utils.get_file(
            published.file, address, file_hash=published.md5, cache_subdir="models"
        )
    except Exception as error:  # noqa: BLE001  (Keras raises a bare one)
        reason = str(error).strip().partition("\n")[0]
        folder = weights_folders()[0]
        raise InputError(
            f"The ImageNet weights of {name} are not on this machine and could not be "
            f"downloaded: {reason}",
            f"Get {address} on a machine with a network and put it into {folder} "
            f"(or any folder named by ${WEIGHTS_VARIABLE}), or give the file's path as weights.",
        ) from None
    return Path(found)
