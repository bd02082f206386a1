"""Splits keep tracks together and classes in proportion, and can be repeated."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpsearch.data.splits import (
    given_split,
    record_hash,
    split_by_track,
    split_stratified,
)
from hpsearch.errors import DataError

# For each class the sizes of its tracks.
CLASSES = st.lists(
    st.lists(st.integers(1, 40), min_size=1, max_size=6), min_size=1, max_size=5
).filter(lambda classes: any(len(sizes) > 1 for sizes in classes))


def columns(classes: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    labels, tracks = [], []
    for label, sizes in enumerate(classes):
        for track, size in enumerate(sizes):
            labels += [label] * size
            tracks += [label * 100 + track] * size
    order = np.random.default_rng(1).permutation(len(labels))
    return np.array(labels)[order], np.array(tracks)[order]


@given(CLASSES, st.floats(0.01, 0.99), st.integers(0, 1000))
def test_no_track_is_on_both_sides_and_no_image_is_lost(
    classes: list[list[int]], share: float, seed: int
) -> None:
    labels, tracks = columns(classes)
    split = split_by_track(labels, tracks, share, seed)
    assert not set(tracks[split.train]) & set(tracks[split.validation])
    assert sorted([*split.train, *split.validation]) == list(range(len(labels)))
    for label, sizes in enumerate(classes):
        assert label in labels[split.train]
        assert (label in labels[split.validation]) == (len(sizes) > 1)


@given(CLASSES, st.floats(0.05, 0.95))
def test_each_class_comes_as_near_to_the_share_as_whole_tracks_allow(
    classes: list[list[int]], share: float
) -> None:
    labels, tracks = columns(classes)
    split = split_by_track(labels, tracks, share, seed=0)
    for label, sizes in enumerate(classes):
        if len(sizes) < 2:
            continue
        possible = [
            sum(chosen)
            for count in range(1, len(sizes))
            for chosen in itertools.combinations(sizes, count)
        ]
        found = int((labels[split.validation] == label).sum())
        target = share * sum(sizes)
        assert abs(found - target) == min(abs(total - target) for total in possible)


def test_the_same_seed_gives_the_same_split_and_another_seed_another() -> None:
    labels, tracks = columns([[30] * 20, [30] * 20])
    first, again, other = (split_by_track(labels, tracks, 0.2, seed) for seed in (5, 5, 6))
    assert first.record == again.record
    np.testing.assert_array_equal(first.validation, again.validation)
    assert first.record["validation_tracks"] != other.record["validation_tracks"]
    assert first.record["hash"] != other.record["hash"]


def test_the_record_is_json_and_enough_to_repeat_the_split() -> None:
    labels, tracks = columns([[30] * 5, [20] * 4])
    split = split_by_track(labels, tracks, 0.25, 3)
    record = json.loads(json.dumps(split.record))
    assert record_hash(record) == record["hash"]
    held_out = np.isin(tracks, record["validation_tracks"])
    np.testing.assert_array_equal(np.flatnonzero(held_out), split.validation)
    assert record["validation_images"] == len(split.validation)


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, float("nan")])
def test_a_share_outside_0_to_1_is_refused(share: float) -> None:
    labels, tracks = columns([[3, 3]])
    with pytest.raises(DataError, match="validation share"):
        split_by_track(labels, tracks, share, 0)
    with pytest.raises(DataError, match="validation share"):
        split_stratified(labels, share, 0)


def test_one_track_a_class_cannot_be_split() -> None:
    labels, tracks = columns([[5], [5]])
    with pytest.raises(DataError, match="0 for validation"):
        split_by_track(labels, tracks, 0.2, 0)


def test_stratified_takes_the_share_of_every_class() -> None:
    labels = np.repeat([0, 1, 2], [50, 30, 20])
    split = split_stratified(labels, 0.2, 0)
    assert np.bincount(labels[split.validation]).tolist() == [10, 6, 4]
    assert not set(split.train) & set(split.validation)


def test_stratified_keeps_a_class_of_one_image_in_training() -> None:
    labels = np.array([0] * 10 + [1] * 10 + [2])
    assert 20 in split_stratified(labels, 0.2, 0).train


def test_stratified_says_when_there_are_too_few_images() -> None:
    with pytest.raises(DataError, match="cannot be split"):
        split_stratified(np.array([0, 0, 1, 1, 2, 2]), 0.2, 0)


def test_given_split_is_the_users() -> None:
    split = given_split(np.array([0, 1, 0]), 2)
    assert split.train.tolist() == [0, 1]
    assert split.validation.tolist() == [2]
