"""Folds: every image validates once, classes and groups are treated as they should be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hpsearch.data import LoadedData, Part, Preprocessing
from hpsearch.data.folds import with_folds
from hpsearch.data.rows import Rows
from hpsearch.errors import DataError

NUM_CLASSES = 3


def loaded(
    num_train: int = 40,
    num_validation: int = 20,
    groups: Any = None,
    scaling: str = "unit",
    **changes: Any,
) -> LoadedData:
    """Images that show their own number, of three classes of 10, 20 and 30 in each 60."""
    count = num_train + num_validation
    images = (
        np.zeros((count, 2, 2, 1), np.uint8) + np.arange(count, dtype=np.uint8)[:, None, None, None]
    )
    labels = np.searchsorted([1, 3, 6], np.arange(count) % 6, side="right").astype(np.int64)
    labels = changes.pop("labels", labels)
    parts = [
        Part(images[part], labels[part], None if groups is None else groups[part])
        for part in (slice(num_train), slice(num_train, None))
    ]
    facts: dict[str, Any] = {
        "test": Part(images[:3], labels[:3]),
        "num_classes": NUM_CLASSES,
        "class_names": ("a", "b", "c"),
        "fingerprint": "f",
        "split": {"method": "given", "test_share": 0.1},
        "source": "made up",
        "synthetic": False,
        "preprocessing": Preprocessing.fit(scaling, parts[0].images),
    }
    return LoadedData(train=parts[0], validation=parts[1], **{**facts, **changes})


def pooled(data: LoadedData) -> tuple[Any, Any]:
    """The first pixel of every image, which is its number, and its label, as folds count them."""
    images = np.concatenate([np.asarray(data.train.images), np.asarray(data.validation.images)])
    return images[:, 0, 0, 0], np.concatenate([data.train.labels, data.validation.labels])


def test_every_image_validates_in_exactly_one_fold() -> None:
    """Training and validation part are pooled; the test part stays as it is."""
    before = loaded()
    data = with_folds(before, 5, seed=0)
    numbers, _ = pooled(data)
    assert sorted(numbers.tolist()) == list(range(60))
    held_out = np.concatenate([fold.validation for fold in data.folds])
    assert sorted(held_out.tolist()) == list(range(60))
    for fold in data.folds:
        assert sorted([*fold.train, *fold.validation]) == list(range(60))
    assert data.test is before.test


def test_an_image_keeps_its_label() -> None:
    """Image i has the class that it had before the images were put into another order."""
    numbers, labels = pooled(with_folds(loaded(), 3, seed=0))
    expected = [[0, 1, 1, 2, 2, 2][number % 6] for number in numbers]
    assert labels.tolist() == expected


def test_parts_and_preprocessing_are_those_of_the_first_fold() -> None:
    """Whoever knows nothing of folds sees a single division, that of the model that is kept."""
    data = with_folds(loaded(scaling="standardize"), 4, seed=0)
    first = data.folds[0]
    assert first.train.tolist() == list(range(45))
    assert first.validation.tolist() == list(range(45, 60))
    assert (len(data.train), len(data.validation)) == (45, 15)
    assert data.preprocessing == first.preprocessing
    values = np.asarray(data.train.images) / 255
    assert data.preprocessing.offset[0] == pytest.approx(values.mean())


def test_folds_have_the_same_share_of_each_class() -> None:
    """Of 10, 20 and 30 images of the classes each of five folds validates 2, 4 and 6."""
    data = with_folds(loaded(), 5, seed=7)
    _, labels = pooled(data)
    for fold in data.folds:
        assert np.bincount(labels[fold.validation]).tolist() == [2, 4, 6]


def test_a_group_is_never_divided() -> None:
    """Of ten groups of six images each fold has whole ones, as many as the others."""
    groups = np.arange(60) // 6
    data = with_folds(loaded(groups=groups), 5, seed=0)
    numbers, _ = pooled(data)
    for fold in data.folds:
        inside, outside = (set(groups[numbers[part]]) for part in (fold.validation, fold.train))
        assert not inside & outside
        assert len(inside) == 2
    assert data.split["grouped"]
    assert data.train.groups is not None


def test_labels_that_are_no_classes_are_divided_at_random() -> None:
    """Six folds of sixty images with numbers to be learnt have ten each."""
    labels = np.linspace(0, 1, 60).astype(np.float32)
    data = with_folds(loaded(labels=labels, problem="regression"), 6, seed=0)
    assert [len(fold.validation) for fold in data.folds] == [10] * 6
    assert not data.split["stratified"]


def test_the_seed_alone_decides() -> None:
    """The same seed gives the same folds, another one others."""
    one, same, other = (with_folds(loaded(), 3, seed).split for seed in (1, 1, 2))
    assert one == same
    assert one["membership"] != other["membership"]
    assert one["test_share"] == 0.1
    assert (one["folds"], one["pooled"]) == (3, "given")


def test_images_are_not_copied() -> None:
    """Rows of one array on disk stay rows of it."""
    data = loaded()
    images = np.concatenate([data.train.images, data.validation.images])
    rows = [
        replace(part, images=Rows(images, where))
        for part, where in ((data.train, np.arange(40)), (data.validation, np.arange(40, 60)))
    ]
    folded = with_folds(replace(data, train=rows[0], validation=rows[1]), 3, seed=0)
    for part in (folded.train, folded.validation):
        assert isinstance(part.images, Rows)
        assert part.images.images is images


@pytest.mark.parametrize("scaling", ["standardize", "center", "min_max"])
def test_statistics_never_see_what_a_fold_validates_on(scaling: str) -> None:
    """A bright image changes the statistics of all folds but the one it validates in."""
    clean, poisoned = loaded(scaling=scaling), loaded(scaling=scaling)
    poisoned.train.images[5] = 255
    folds = [with_folds(data, 3, seed=0).folds for data in (clean, poisoned)]
    numbers, _ = pooled(with_folds(clean, 3, seed=0))
    for before, after in zip(*folds, strict=True):
        validates = 5 in numbers[before.validation]
        assert (before.preprocessing == after.preprocessing) is validates


def test_more_folds_than_images_of_a_class_are_refused() -> None:
    """The message says which class it is, and how many folds there may be."""
    with pytest.raises(DataError, match="the class a has 10 images") as error:
        with_folds(loaded(), 11, seed=0)
    assert "--folds 10 or fewer" in error.value.hint


def test_fewer_groups_than_folds_are_refused() -> None:
    """Four patients cannot be divided into five folds."""
    with pytest.raises(DataError, match="are of 4 groups"):
        with_folds(loaded(groups=np.arange(60) // 15), 5, seed=0)
