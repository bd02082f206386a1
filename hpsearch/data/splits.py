"""Which training images are kept for validation."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpsearch.counting import count_of
from hpsearch.errors import DataError

Indices = NDArray[np.int64]
GROUP_DRAWS = 50
"""Random choices of groups to take the best of."""


class Split(NamedTuple):
    """Indices into the training images (ascending) with the record that repeats them."""

    train: Indices
    validation: Indices
    record: dict[str, Any]


def split_by_track(labels: Indices, tracks: Indices, share: float, seed: int) -> Split:
    """Keep whole tracks for validation, class by class.

    GTSRB's photos come in tracks of about 30 of one physical sign: photos of one track on both
    sides would flatter the result (Stallkamp et al. 2012, *Man vs. computer*, split by track
    too). In each class tracks are drawn at random such that their images come as near to the
    share as whole tracks allow. At least one track stays on either side; a class with one
    track stays in training.

    Args:
        labels: (n,), class of every image.
        tracks: (n,), number of the track of every image, unique over classes.
        share: Share of the images for validation, inside (0, 1).
        seed: The same seed gives the same split.

    Raises:
        DataError: `share` is outside (0, 1), or no class has two tracks.
    """
    check_share(share)
    random = np.random.default_rng([seed % 2**64, 0x5917])
    chosen: list[int] = []
    for label in np.unique(labels):
        chosen += _choose_tracks(tracks[labels == label], share, random)
    held_out = np.isin(tracks, chosen)
    record = {"method": "by track", "seed": seed, "share": share}
    return _finish(held_out, {**record, "validation_tracks": sorted(chosen)}, labels)


def split_stratified(labels: Indices, share: float, seed: int) -> Split:
    """Draw single images at random, the same share of each class (scikit-learn).

    Args:
        labels: (n,), class of every image.
        share: Share of the images for validation, inside (0, 1).
        seed: The same seed gives the same split.

    Raises:
        DataError: `share` is outside (0, 1), or there are too few images for it.
    """
    from sklearn.model_selection import train_test_split

    check_share(share)
    counts = np.bincount(labels)
    single = np.flatnonzero(counts[labels] < 2)
    several = np.flatnonzero(counts[labels] >= 2)
    try:
        _, chosen = train_test_split(
            several, test_size=share, random_state=seed % 2**32, stratify=labels[several]
        )
    except ValueError as error:
        raise DataError(
            f"{count_of(len(labels), 'image')} of "
            f"{count_of(int(np.count_nonzero(counts)), 'class', 'classes')} cannot be split with "
            f"a validation share of {share}; expected room for every class on both sides.",
            hint="Give more images or another --validation-share.",
        ) from error
    held_out = np.zeros(len(labels), dtype=bool)
    held_out[chosen] = True
    record = {"method": "stratified", "seed": seed, "share": share, "single": len(single)}
    return _finish(held_out, record, labels)


def split_by_group(labels: Indices, groups: Indices, share: float, seed: int) -> Split:
    """Keep whole groups for validation, also where a group has images of several classes.

    Of many random choices of groups (scikit-learn's ``GroupShuffleSplit``) the one is taken that
    comes nearest to the share of every class.

    Args:
        labels: (n,), class of every image; 0 for all where there are no classes.
        groups: (n,), number of the group of every image.
        share: Share of the images for validation, inside (0, 1).
        seed: The same seed gives the same split.

    Raises:
        DataError: `share` is outside (0, 1), or there is one group only.
    """
    from sklearn.model_selection import GroupShuffleSplit

    check_share(share)
    if len(np.unique(groups)) < 2:
        raise DataError(
            "All images are of one group; expected two or more, one on either side.",
            "Look at the column group.",
        )
    wanted = share * np.bincount(labels)
    draws = GroupShuffleSplit(GROUP_DRAWS, test_size=share, random_state=seed % 2**32)
    chosen = min(
        (side for _, side in draws.split(labels, labels, groups)),
        key=lambda side: np.abs(np.bincount(labels[side], minlength=len(wanted)) - wanted).sum(),
    )
    record = {"method": "by group", "seed": seed, "share": share}
    return _finish(np.isin(np.arange(len(labels)), chosen), record, labels)


def split_random(num_images: int, share: float, seed: int) -> Split:
    """Draw single images at random, for labels that are no classes.

    Args:
        num_images: Number of images.
        share: Share of the images for validation, inside (0, 1).
        seed: The same seed gives the same split.

    Raises:
        DataError: `share` is outside (0, 1), or there are too few images for it.
    """
    check_share(share)
    order = np.random.default_rng([seed % 2**64, 0x4A2D]).permutation(num_images)
    held_out = np.zeros(num_images, dtype=bool)
    held_out[order[: round(share * num_images)]] = True
    record = {"method": "random", "seed": seed, "share": share}
    return _finish(held_out, record, np.zeros(num_images, dtype=np.int64))


def given_split(labels: Indices, num_train: int) -> Split:
    """The first `num_train` images are for training, as the user's own file says."""
    held_out = np.arange(len(labels)) >= num_train
    return _finish(held_out, {"method": "given"}, labels)


def check_share(share: float) -> None:
    """Refuse a share that leaves one side empty.

    Raises:
        DataError: `share` is outside (0, 1).
    """
    if not 0 < share < 1:
        raise DataError(
            f"The validation share is {share}; expected a number above 0 and below 1.",
            hint="Give --validation-share 0.2.",
        )


def record_hash(record: Mapping[str, Any]) -> str:
    """Hex digest of a record of plain JSON, whatever the order of its keys."""
    text = json.dumps({k: v for k, v in record.items() if k != "hash"}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _choose_tracks(tracks: Indices, share: float, random: np.random.Generator) -> list[int]:
    """Whole tracks of one class that come nearest to the share of its images."""
    names, sizes = np.unique(tracks, return_counts=True)
    if len(names) < 2:
        return []
    order = random.permutation(len(names))
    picked = _nearest_subset(sizes[order].tolist(), share * len(tracks))
    return [int(names[order[i]]) for i in picked]


def _nearest_subset(sizes: Sequence[int], target: float) -> tuple[int, ...]:
    """Positions whose sizes add up nearest to the target: neither none of them nor all.

    Subset sums by dynamic programming; the first way found to each sum is kept, which is as
    random as the order of the sizes.
    """
    sums: dict[int, tuple[int, ...]] = {0: ()}
    for position, size in enumerate(sizes):
        for total, picked in list(sums.items()):
            if total < target:
                sums.setdefault(total + size, (*picked, position))
    usable = {total: picked for total, picked in sums.items() if 0 < len(picked) < len(sizes)}
    return usable[min(usable, key=lambda total: (abs(total - target), total))]


def _finish(held_out: NDArray[np.bool_], record: dict[str, Any], labels: Indices) -> Split:
    train, validation = np.flatnonzero(~held_out), np.flatnonzero(held_out)
    if not len(train) or not len(validation):
        raise DataError(
            f"The split leaves {count_of(len(train), 'image')} for training and "
            f"{len(validation)} for validation; expected some of both.",
            hint="Give more images or tracks, or another --validation-share.",
        )
    membership = hashlib.sha256(np.packbits(held_out).tobytes() + labels.tobytes()).hexdigest()
    record |= {"train_images": len(train), "validation_images": len(validation)}
    record |= {"membership": membership[:32]}
    return Split(train, validation, record | {"hash": record_hash(record)})
