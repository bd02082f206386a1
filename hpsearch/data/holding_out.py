"""Training, validation and test part of a collection that brings all, some or none of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpsearch.data.shares import default_share
from hpsearch.data.splits import (
    Indices,
    Split,
    given_split,
    record_hash,
    split_by_group,
    split_by_track,
    split_random,
    split_stratified,
)
from hpsearch.errors import DataError

TEST_SEED = 0
"""Of the test part: whatever the seed of the split, nobody trains on another study's test part."""


class Division(NamedTuple):
    """Positions of the images of each part, with the record that repeats them."""

    train: Indices
    validation: Indices
    test: Indices
    record: dict[str, Any]


class Shares(NamedTuple):
    """What to hold out where a collection does not say; None for what its size suggests."""

    validation: float | None = None
    test: float | None = None


def divide(
    labels: NDArray[Any], groups: Indices | None, parts: Sequence[str], shares: Shares, seed: int
) -> Division:
    """Keep the parts that are given and hold out those that are not.

    Whole groups are held out if there are groups, else the same share of each class. A test
    part of the user's own is never touched; one that is held out does not depend on `seed`.

    Args:
        labels: (n,) classes, or labels of another kind, which are not stratified by.
        groups: (n,) group of every image, or None.
        parts: ``train``, ``val`` or ``test`` of every image.
        shares: Shares to hold out. A test share of 0 holds no test part out.
        seed: Seed of the split between training and validation.

    Raises:
        DataError: A share is given where the part is given too, or is impossible.
    """
    given = np.asarray(parts)
    test, rest = np.flatnonzero(given == "test"), np.flatnonzero(given != "test")
    _check_given(given, shares)
    share = _own_share(labels, rest) if shares.test is None else shares.test
    record: dict[str, Any] = {}
    if not len(test) and "val" not in given and share:
        held_out = _split(labels, groups, rest, share, TEST_SEED)
        test, rest = rest[held_out.validation], rest[held_out.train]
        record = {"test_share": share, "test_membership": held_out.record["membership"]}
    if "val" in given:
        order = np.concatenate([np.flatnonzero(given == "train"), np.flatnonzero(given == "val")])
        split = given_split(_classes(labels)[order], int((given == "train").sum()))
        rest = order
    else:
        share = _own_share(labels, rest) if shares.validation is None else shares.validation
        split = _split(labels, groups, rest, share, seed)
    whole = {**split.record, **record}
    return Division(
        rest[split.train], rest[split.validation], test, whole | {"hash": record_hash(whole)}
    )


def _own_share(labels: NDArray[Any], chosen: Indices) -> float:
    """The share for so many images; of a tiny set enough for one image of each class."""
    num_classes = len(np.unique(_classes(labels)[chosen]))
    return max(default_share(len(chosen)), num_classes / max(1, len(chosen)))


def _check_given(given: NDArray[Any], shares: Shares) -> None:
    for share, kind, part in (
        (shares.validation, "val", "validation"),
        (shares.test, "test", "test"),
    ):
        if share and kind in given:
            raise DataError(
                f"The data hold their own {part} images, but a {part} share is given too.",
                f"Leave the {part} share out.",
            )


def _split(
    labels: NDArray[Any], groups: Indices | None, chosen: Indices, share: float, seed: int
) -> Split:
    classes = _classes(labels)[chosen]
    if groups is not None:
        inside = groups[chosen]
        if labels.ndim == 1 and labels.dtype.kind == "i" and _are_within_classes(classes, inside):
            return split_by_track(classes, inside, share, seed)
        return split_by_group(classes, inside, share, seed)
    if labels.ndim > 1 or labels.dtype.kind == "f":
        return split_random(len(chosen), share, seed)
    return split_stratified(classes, share, seed)


def _are_within_classes(labels: Indices, groups: Indices) -> bool:
    pairs = np.unique(np.stack([groups, labels]), axis=1)
    return int(pairs.shape[1]) == len(np.unique(groups))


def _classes(labels: NDArray[Any]) -> Indices:
    """Classes to stratify by; one for all where labels are no classes."""
    if labels.ndim == 1 and labels.dtype.kind == "i":
        return labels
    return np.zeros(len(labels), dtype=np.int64)
