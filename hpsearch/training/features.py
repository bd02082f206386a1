"""Running the data through the frozen part of a model once, instead of in every epoch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hpsearch.data.cache import EntryWriter, key_of
from hpsearch.models.cuts import nodes_in_order
from hpsearch.training.arrays import PREPARED_SHARE, TrainingArrays, memory_limit
from hpsearch.training.batch_form import BatchForm, form_for
from hpsearch.training.feature_store import FeatureStore, default_store
from hpsearch.training.frozen_prefix import Split
from hpsearch.training.plain_values import plain_value

VERSION = "features 2"
BATCH = 128


@dataclass(frozen=True, eq=False)
class Features:
    """What a frozen part gives for all images.

    Args:
        arrays: The features in place of the images.
        cut: Name of the layer they come from.
        size: Bytes on disk.
    """

    arrays: TrainingArrays
    cut: str
    size: int


def make_features(
    model: Any, split: Split, arrays: TrainingArrays, store: FeatureStore | None = None
) -> Features | None:
    """The features of the training and the validation part, from disk if they are there.

    They are what the uncut model computes, to the bit for the same arithmetic, and are found
    again by the layers and weights of the frozen part, its precision, the preprocessing and the
    images themselves; by other workers, later stages and other studies, too.

    Args:
        model: The whole model.
        split: Where it is cut.
        arrays: The images.
        store: Where features are kept; None for that of this machine.

    Returns:
        None where there is no room for them.
    """
    form = form_for(model, arrays)
    images = _images(arrays)
    content = [_content(part) for part in images.values()]
    key = key_of(
        VERSION, _prefix_digest(split.prefix), form.preprocessing, form.wants_bytes, content
    )
    store = store or default_store()
    if (known := _known(key, arrays)) is not None:
        store.touch(key)
        return known
    size = size_of_features(split, arrays)
    entry = store.entry(key, size, lambda writer: _write(writer, split.prefix, form, images))
    if entry is None:
        return None
    in_memory = size <= PREPARED_SHARE * memory_limit()
    kind = split.prefix.output.dtype
    placed = [_placed(_of_kind(entry.arrays[name], kind), in_memory) for name in images]
    own = replace(
        arrays,
        x_train=placed[0],
        x_validation=placed[-1],
        preprocessing=None,
        is_prepared=True,
    )
    return _noted(key, arrays, Features(own, split.cut.name, size))


def _known(key: str, arrays: TrainingArrays) -> Features | None:
    """The features that this process has in use for these images and labels."""
    of, found = _IN_USE.get(key, (None, None))
    return found if of is arrays else None


def _noted(key: str, arrays: TrainingArrays, features: Features) -> Features:
    _IN_USE.pop(key, None)
    while len(_IN_USE) >= MOST_IN_USE:
        _IN_USE.pop(next(iter(_IN_USE)))
    _IN_USE[key] = (arrays, features)
    return features


MOST_IN_USE = 2
_IN_USE: dict[str, tuple[TrainingArrays, Features]] = {}
"""By their key: the same arrays for all trials, so that these can share graphs."""


def size_of_features(split: Split, arrays: TrainingArrays) -> int:
    """Bytes of the features of all images."""
    prefix = split.prefix.output
    values = int(np.prod(prefix.shape[1:])) * _stored_type(prefix.dtype).itemsize
    return values * sum(len(part) for part in _images(arrays).values())


def _images(arrays: TrainingArrays) -> dict[str, Any]:
    """The images by part; those of folds are in one, which all folds share."""
    if arrays.x_validation is arrays.x_train:
        return {"pool": arrays.x_train}
    return {"train": arrays.x_train, "validation": arrays.x_validation}


def _write(writer: EntryWriter, prefix: Any, form: BatchForm, images: Mapping[str, Any]) -> None:
    """Fill an entry, a batch at a time."""
    import tensorflow as tf

    shape, kind = tuple(prefix.output.shape[1:]), prefix.output.dtype
    first = next(iter(images.values()))
    signature = [tf.TensorSpec([None, *first.shape[1:]], tf.as_dtype(first.dtype))]
    run = tf.function(
        lambda batch: prefix(form.images(batch), training=False), input_signature=signature
    ).get_concrete_function()
    for name, part in images.items():
        stored = writer.array(name, (len(part), *shape), _stored_type(kind))
        for start in range(0, len(part), BATCH):
            values = run(tf.convert_to_tensor(part[start : start + BATCH])).numpy()
            stored[start : start + BATCH] = values.view(stored.dtype)
    writer.finish({"arrays": list(images), "kind": kind})


def _prefix_digest(prefix: Any) -> str:
    """What decides the features besides the images; names of layers do not."""
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


def _content(part: Any) -> str:
    """Digest of images, computed once for each array in a process."""
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


def _stored_type(kind: str) -> np.dtype[Any]:
    """NumPy's files do not know bfloat16: its bits are kept as whole numbers."""
    return np.dtype(np.uint16 if kind == "bfloat16" else kind)


def _of_kind(stored: Any, kind: str) -> Any:
    if kind != "bfloat16":
        return stored
    import ml_dtypes

    return stored.view(ml_dtypes.bfloat16)


def _placed(features: Any, in_memory: bool) -> Any:
    import tensorflow as tf

    return tf.constant(np.asarray(features)) if in_memory else features
