"""The store of features: bounded, oldest out first, never what is in use."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import numpy as np
import pytest

from hpsearch.data.cache import EntryWriter
from hpsearch.errors import InputError
from hpsearch.training.feature_store import FeatureStore, default_store

SIZE = 1000


def fill(writer: EntryWriter) -> None:
    writer.array("train", (SIZE,), np.uint8)[:] = 7
    writer.finish({"arrays": ["train"]})


def age(folder: Path, key: str, hours: float) -> None:
    then = time.time() - 3600 * hours
    os.utime(folder / key / "facts.json", (then, then))


def keys(folder: Path) -> list[str]:
    return sorted(entry.parent.name for entry in folder.glob("*/facts.json"))


def test_the_least_recently_used_gives_way(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path, limit=3 * SIZE + 1000)
    for key, hours in (("a", 5), ("b", 9), ("c", 3)):
        assert store.entry(key, SIZE, fill)
        age(tmp_path, key, hours)
    assert store.entry("d", SIZE, fill)
    assert keys(tmp_path) == ["a", "c", "d"]


def test_what_was_used_lately_is_left_alone(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path, limit=SIZE + 1000)
    assert store.entry("a", SIZE, fill)
    assert store.entry("b", SIZE, fill) is None
    assert keys(tmp_path) == ["a"]


def test_reading_counts_as_use(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path, limit=SIZE + 1000)
    store.entry("a", SIZE, fill)
    age(tmp_path, "a", 5)
    found = store.entry("a", SIZE, fill)
    assert found
    assert found.arrays["train"][0] == 7
    assert store.entry("b", SIZE, fill) is None


def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def full(writer: EntryWriter) -> None:
        fill(writer)
        raise OSError(errno.ENOSPC, "No space left on device")

    assert FeatureStore(tmp_path).entry("a", SIZE, full) is None
    assert "No space left on device" in caplog.text
    assert not keys(tmp_path)
    assert FeatureStore(tmp_path).entry("a", SIZE, fill)


def test_the_limit_is_given_by_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPSEARCH_CACHE", str(tmp_path))
    monkeypatch.setenv("HPSEARCH_FEATURES", "1.5k")
    assert default_store() == FeatureStore(tmp_path / "features", 1536)
    monkeypatch.setenv("HPSEARCH_FEATURES", "much")
    with pytest.raises(InputError, match="much"):
        default_store()
