"""Heads that pool the same maps in other ways: the frozen part is run once for all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from hpsearch.data import cache
from hpsearch.training.feature_store import FeatureStore
from hpsearch.training.features import Features, make_features, size_on_disk
from hpsearch.training.frozen_prefix import split
from tests.training.test_frozen_prefix import arrays

MAPS = 60 * 6 * 6 * 4 * 4
"""Bytes of the maps of all images."""
POOLED = 60 * 4 * 4


def network(*head: Any) -> Any:
    """A frozen convolution, what becomes of its maps, and a dense layer."""
    keras.utils.set_random_seed(4)
    conv = layers.Conv2D(4, 3, activation="relu", trainable=False)
    output = layers.Dense(3, activation="softmax")
    model = keras.Sequential([keras.Input((8, 8, 3)), conv, *head, output])
    model.compile("adam", loss="sparse_categorical_crossentropy")
    return model


def features(store: FeatureStore, *head: Any) -> Features:
    model = network(*head)
    parts = split(model)
    assert parts
    found = make_features(model, parts, arrays(), store)
    assert found
    computed = parts.prefix(np.asarray(arrays().x_train, np.float32) / 255, training=False)
    np.testing.assert_allclose(found.arrays.x_train, computed, rtol=1e-4, atol=1e-6)
    return found


def sizes(folder: Path) -> list[int]:
    """Bytes of the values in each entry."""
    facts = folder.glob("*/facts.json")
    return sorted(
        sum(np.load(file, mmap_mode="r").nbytes for file in own.parent.glob("*.npy"))
        for own in facts
    )


def test_another_pooling_needs_no_other_pass(tmp_path: Path, monkeypatch: Any) -> None:
    """The maps are kept beside what is pooled of them; flattened they are the same numbers."""
    store, made = FeatureStore(tmp_path), []
    array = cache.EntryWriter.array

    def count(self: Any, name: str, shape: Any, dtype: Any) -> Any:
        made.append(shape[1:])
        return array(self, name, shape, dtype)

    monkeypatch.setattr(cache.EntryWriter, "array", count)
    features(store, layers.GlobalAveragePooling2D())
    features(store, layers.GlobalMaxPooling2D())
    features(store, layers.Flatten())
    assert made.count((6, 6, 4)) == 2, "training and validation part, once each"
    assert sizes(tmp_path) == [POOLED, POOLED, MAPS]


def test_without_room_for_the_maps_only_the_features_are_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = features(FeatureStore(tmp_path, limit=MAPS), layers.GlobalAveragePooling2D())
    assert found.size == POOLED
    assert sizes(tmp_path) == [POOLED]
    assert "doing without" not in caplog.text


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (layers.GlobalAveragePooling2D, POOLED + MAPS),
        (layers.Flatten, MAPS),
        (layers.MaxPooling2D, 60 * 3 * 3 * 4 * 4),
    ],
)
def test_the_plan_is_told_what_all_of_it_takes(make: Any, size: int) -> None:
    head = [make()] if make is not layers.MaxPooling2D else [make(), layers.Conv2D(2, 1)]
    model = network(*head, *([layers.Flatten()] if len(head) > 1 else []))
    parts = split(model)
    assert parts
    assert size_on_disk(parts, arrays())[0] == size
