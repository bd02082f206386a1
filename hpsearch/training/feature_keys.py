"""What decides the features of a frozen part: its layers, their weights, and the images."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np

from hpsearch.models.cuts import nodes_in_order
from hpsearch.training.plain_values import plain_value


def prefix_digest(prefix: Any) -> str:
    """Hex digest of what decides the features besides the images; names of layers do not.

    Args:
        prefix: A functional model from images to features.
    """
    digest = hashlib.sha256()
    for step in prefix.operations:
        settings = {key: value for key, value in step.get_config().items() if key != "name"}
        digest.update(type(step).__name__.encode())
        digest.update(json.dumps(settings, sort_keys=True, default=plain_value).encode())
        for weights in step.get_weights() if hasattr(step, "weights") else ():
            digest.update(np.ascontiguousarray(weights).view(np.uint8).data)
    digest.update(_wiring(prefix).encode())
    return digest.hexdigest()


def _wiring(prefix: Any) -> str:
    """Which operation takes what from which, by their places in the graph, and which numbers."""
    import keras

    places: dict[int, int] = {}

    def said_of(value: Any) -> Any:
        return {"tensor": places[id(value)]} if isinstance(value, keras.KerasTensor) else value

    said = []
    for node in nodes_in_order(prefix):
        given = [node.arguments.args, node.arguments.kwargs]
        said.append([type(node.operation).__name__, keras.tree.map_structure(said_of, given)])
        for tensor in node.output_tensors:
            places[id(tensor)] = len(places)
    return json.dumps(said, sort_keys=True, default=plain_value)


def content_of(part: Any) -> str:
    """Hex digest of images, computed once for each array in a process.

    Args:
        part: (n, …), an array or a tensor.
    """
    known = _CONTENTS.get(id(part))
    if known is None or known[0] is not part:
        digest = hashlib.sha256(f"{part.dtype}{part.shape}".encode())
        for start in range(0, len(part), 1024):
            digest.update(np.ascontiguousarray(part[start : start + 1024]).data)
        while len(_CONTENTS) >= MOST_CONTENTS:
            _CONTENTS.pop(next(iter(_CONTENTS)))
        known = _CONTENTS[id(part)] = (part, digest.hexdigest())
    return known[1]


MOST_CONTENTS = 8
_CONTENTS: dict[int, tuple[Any, str]] = {}
"""By identity: the array itself, which keeps the identity from being used again, and its digest."""
