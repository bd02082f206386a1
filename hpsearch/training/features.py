"""Running the data through the frozen part of a model once, instead of in every epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hpsearch.data.cache import Entry, EntryWriter, key_of
from hpsearch.training.arrays import PREPARED_SHARE, TrainingArrays, memory_limit
from hpsearch.training.batch_form import BatchForm, form_for
from hpsearch.training.feature_keys import content_of, prefix_digest
from hpsearch.training.feature_store import FeatureStore, default_store
from hpsearch.training.frozen_prefix import Split
from hpsearch.training.pooled_features import Pooling, pooling_of

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
    images = _images(arrays)
    kept = _Kept(store or default_store(), form_for(model, arrays), images)
    prefix, pooling = _kept_part(split.prefix)
    key, shape = kept.key(prefix), tuple(split.prefix.output.shape[1:])
    if (known := _known((key, shape), arrays)) is not None:
        kept.store.touch(key)
        return known
    entry = kept.entry(key, prefix, pooling)
    if entry is None:
        return None
    size = size_of_features(split, arrays)
    in_memory = size <= PREPARED_SHARE * memory_limit()
    values = [_values(entry, name, prefix.output.dtype) for name in images]
    placed = [_placed(own.reshape(len(own), *shape), in_memory) for own in values]
    own = replace(
        arrays,
        x_train=placed[0],
        x_validation=placed[-1],
        preprocessing=None,
        is_prepared=True,
    )
    return _noted((key, shape), arrays, Features(own, split.cut.name, size))


_Key = tuple[str, tuple[int, ...]]


def _known(key: _Key, arrays: TrainingArrays) -> Features | None:
    """The features that this process has in use for these images and labels."""
    of, found = _IN_USE.get(key, (None, None))
    return found if of is arrays else None


def _noted(key: _Key, arrays: TrainingArrays, features: Features) -> Features:
    _IN_USE.pop(key, None)
    while len(_IN_USE) >= MOST_IN_USE:
        _IN_USE.pop(next(iter(_IN_USE)))
    _IN_USE[key] = (arrays, features)
    return features


MOST_IN_USE = 2
_IN_USE: dict[_Key, tuple[TrainingArrays, Features]] = {}
"""By key and shape: the same arrays for all trials, so that these can share graphs."""


def size_of_features(split: Split, arrays: TrainingArrays) -> int:
    """Bytes of the features of all images."""
    return _size(split.prefix, _images(arrays))


def size_on_disk(split: Split, arrays: TrainingArrays) -> tuple[int, int]:
    """Bytes of all that is kept of all images, and of the last maps alone."""
    images, pooling = _images(arrays), pooling_of(split.prefix)
    features = _size(split.prefix, images)
    if pooling is None:
        return features, features
    maps = _size(pooling.before, images)
    return maps if pooling.keeps_values else maps + features, maps


def last_maps(split: Split) -> str:
    """Name of the layer that the last maps before the cut come from, or the cut without any."""
    pooling = pooling_of(split.prefix)
    return split.cut.name if pooling is None else str(pooling.before.layers[-1].name)


def _kept_part(prefix: Any) -> tuple[Any, Pooling | None]:
    """The part whose output is kept, and its pooling; maps that are flattened are kept as maps."""
    pooling = pooling_of(prefix)
    if pooling is not None and pooling.keeps_values:
        return pooling.before, None
    return prefix, pooling


@dataclass(frozen=True, eq=False)
class _Kept:
    """Features of the same images by several frozen parts."""

    store: FeatureStore
    form: BatchForm
    images: Mapping[str, Any]

    def entry(self, key: str, prefix: Any, pooling: Pooling | None) -> Entry | None:
        """What a frozen part gives; the maps before a pooling are kept, too, if there is room."""
        size = _size(prefix, self.images)
        if pooling is None:
            return self.store.entry(key, size, self._from_images(prefix))
        return self.store.entry(key, size, lambda writer: self._pool(writer, prefix, pooling))

    def key(self, prefix: Any) -> str:
        """Of everything that decides what a frozen part gives for the images."""
        content = [content_of(part) for part in self.images.values()]
        form = self.form
        return key_of(VERSION, prefix_digest(prefix), form.preprocessing, form.wants_bytes, content)

    def _from_images(self, prefix: Any) -> Callable[[EntryWriter], None]:
        return lambda writer: _write(writer, prefix, self.form.images, self.images)

    def _pool(self, writer: EntryWriter, prefix: Any, pooling: Pooling) -> None:
        before, make = pooling.before, self._from_images(pooling.before)
        size = _size(before, self.images) + _size(prefix, self.images)
        maps = self.store.entry(self.key(before), size, make, tells=False)
        if maps is None:
            self._from_images(prefix)(writer)
            return
        kind = before.output.dtype
        values = {name: _values(maps, name, kind) for name in self.images}
        _write(writer, pooling.rest, lambda batch: batch, values)


def _size(prefix: Any, images: Mapping[str, Any]) -> int:
    values = int(np.prod(prefix.output.shape[1:])) * _stored_type(prefix.output.dtype).itemsize
    return values * sum(len(part) for part in images.values())


def _images(arrays: TrainingArrays) -> dict[str, Any]:
    """The images by part; those of folds are in one, which all folds share."""
    if arrays.x_validation is arrays.x_train:
        return {"pool": arrays.x_train}
    return {"train": arrays.x_train, "validation": arrays.x_validation}


def _write(
    writer: EntryWriter, part: Any, form: Callable[[Any], Any], images: Mapping[str, Any]
) -> None:
    """Fill an entry with what a part of a model gives, a batch at a time.

    Args:
        writer: Of the entry.
        part: A model.
        form: Brings a batch to what it takes.
        images: By name, or the maps of images.
    """
    import tensorflow as tf

    shape, kind = tuple(part.output.shape[1:]), part.output.dtype
    first = next(iter(images.values()))
    signature = [tf.TensorSpec([None, *first.shape[1:]], tf.as_dtype(first.dtype))]
    run = tf.function(
        lambda batch: part(form(batch), training=False),
        input_signature=signature,
        autograph=False,
    ).get_concrete_function()
    for name, own in images.items():
        stored = writer.array(name, (len(own), *shape), _stored_type(kind))
        for start in range(0, len(own), BATCH):
            values = run(tf.convert_to_tensor(own[start : start + BATCH])).numpy()
            stored[start : start + BATCH] = values.view(stored.dtype)
    writer.finish({"arrays": list(images), "kind": kind})


def _stored_type(kind: str) -> np.dtype[Any]:
    """NumPy's files do not know bfloat16: its bits are kept as whole numbers."""
    return np.dtype(np.uint16 if kind == "bfloat16" else kind)


def _values(entry: Entry, name: str, kind: str) -> Any:
    """An array of an entry, mapped, in the type of its values."""
    stored = entry.arrays[name]
    if kind != "bfloat16":
        return stored
    import ml_dtypes

    return stored.view(ml_dtypes.bfloat16)


def _placed(features: Any, in_memory: bool) -> Any:
    import tensorflow as tf

    return tf.constant(np.asarray(features)) if in_memory else features
