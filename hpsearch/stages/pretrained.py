"""Which file of pretrained weights a stage builds its models on."""

from __future__ import annotations

import hashlib
from pathlib import Path

from hpsearch.errors import InputError
from hpsearch.execution.study_plan import check_takes_weights
from hpsearch.spaces import LoadedSpace
from hpsearch.stages.request import StageRequest
from hpsearch.storage.places import absolute


def settled_weights(request: StageRequest, loaded: LoadedSpace) -> str | None:
    """The path of the file that was asked for; None for what the space names.

    Raises:
        InputError: There is no such file, or the space has no pretrained base.
    """
    if request.weights is None:
        return None
    path = absolute(request.weights)
    if not path.is_file():
        raise InputError(
            f"There is no file of weights {path}.",
            "Give the path of a file, or leave --weights out for ImageNet's.",
        )
    check_takes_weights(loaded.space)
    return str(path)


def weights_digest(path: str | None) -> str | None:
    """Hex digest of the weights, which are the same wherever the file lies."""
    if path is None:
        return None
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
