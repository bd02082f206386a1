"""Division for cross-validation: training and validation part pooled, each image validates once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.counting import count_of
from hpsearch.data.loaded import Fold, LoadedData, Part
from hpsearch.data.preprocessing import Preprocessing
from hpsearch.data.rows import Rows, joined
from hpsearch.data.splits import Indices, record_hash
from hpsearch.errors import DataError
from hpsearch.problems import ONE_CLASS


def with_folds(data: LoadedData, num_folds: int, seed: int) -> LoadedData:
    """The same images divided for cross-validation; the test part stays as it is.

    Folds have equal shares of every class where labels are classes, and whole groups where there
    are groups (scikit-learn's `StratifiedKFold` and `StratifiedGroupKFold`). The training and
    validation part are those of the first fold, and so is the preprocessing.

    Args:
        data: A loaded data set, whose own division into training and validation is given up.
        num_folds: 2 or more.
        seed: The same seed gives the same folds.

    Raises:
        DataError: The smallest class has fewer images than there are folds, or there are fewer
            groups.
    """
    pool, fold_of, record = _divided(data, num_folds, seed)
    first = np.concatenate([np.flatnonzero(fold_of != 0), np.flatnonzero(fold_of == 0)])
    pool, fold_of = _chosen(pool, first), fold_of[first]
    folds = tuple(_fold(pool, fold_of == k, data.preprocessing.kind) for k in range(num_folds))
    train, validation = (_chosen(pool, part) for part in (folds[0].train, folds[0].validation))
    record |= {"train_images": len(train), "validation_images": len(validation)}
    return replace(
        data,
        train=train,
        validation=validation,
        split=record | {"hash": record_hash(record)},
        preprocessing=folds[0].preprocessing,
        folds=folds,
    )


def _divided(data: LoadedData, num_folds: int, seed: int) -> tuple[Part, Indices, dict[str, Any]]:
    """All images but those of the test part, the fold in which each validates, and the record."""
    pool = _pool(data)
    is_classes = data.problem in ONE_CLASS
    classes = pool.labels if is_classes else np.zeros(len(pool), dtype=np.int64)
    _check_enough(classes, pool.groups, data.class_names if is_classes else (), num_folds)
    fold_of = np.empty(len(pool), dtype=np.int64)
    for fold, held_out in enumerate(_draw(pool, is_classes, num_folds, seed)):
        fold_of[held_out] = fold
    membership = hashlib.sha256(fold_of.tobytes() + pool.labels.tobytes()).hexdigest()
    record = {
        "method": "k-fold",
        "folds": num_folds,
        "stratified": is_classes,
        "grouped": pool.groups is not None,
        "pooled": data.split.get("method"),
        "seed": seed,
        "membership": membership[:32],
    }
    tests = {key: own for key, own in data.split.items() if key.startswith("test_")}
    return pool, fold_of, {**record, **tests}


def _pool(data: LoadedData) -> Part:
    parts = (data.train, data.validation)
    groups = [part.groups for part in parts if part.groups is not None]
    return Part(
        joined([part.images for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate(groups) if len(groups) == len(parts) else None,
    )


def _check_enough(
    classes: Indices, groups: Indices | None, names: tuple[str, ...], num_folds: int
) -> None:
    """Refuse more folds than the smallest class has images, or than there are groups."""
    if groups is not None and len(np.unique(groups)) < num_folds:
        found = count_of(len(np.unique(groups)), "group")
        raise DataError(
            f"{num_folds} folds are asked for, but the images are of {found}; expected a group or "
            "more for each fold, since a group is never divided.",
            f"Give --folds {max(1, len(np.unique(groups)))} or fewer.",
        )
    present, counts = np.unique(classes, return_counts=True)
    smallest = int(counts.min())
    if smallest < num_folds:
        label = int(present[counts.argmin()])
        told = f"the class {names[label]}" if label < len(names) else "the data"
        raise DataError(
            f"{num_folds} folds are asked for, but {told} has {count_of(smallest, 'image')} to "
            "train and validate on; expected one or more in every fold.",
            f"Give --folds {max(1, smallest)} or fewer, or more images of small classes.",
        )


def _draw(pool: Part, is_classes: bool, num_folds: int, seed: int) -> Iterator[Indices]:
    """The positions that validate in each fold."""
    from sklearn import model_selection as ways

    kind = {
        (True, True): ways.StratifiedGroupKFold,
        (True, False): ways.StratifiedKFold,
        (False, True): ways.GroupKFold,
        (False, False): ways.KFold,
    }[is_classes, pool.groups is not None]
    splitter = kind(num_folds, shuffle=True, random_state=seed % 2**32)
    places = np.zeros(len(pool))
    for train, held_out in splitter.split(places, pool.labels, pool.groups):
        if not len(train) or not len(held_out):
            raise DataError(
                f"The groups cannot be divided into {num_folds} folds: one would be empty.",
                "Give fewer --folds.",
            )
        yield held_out


def _fold(pool: Part, held_out: NDArray[np.bool_], scaling: str) -> Fold:
    train, validation = np.flatnonzero(~held_out), np.flatnonzero(held_out)
    return Fold(train, validation, Preprocessing.fit(scaling, _chosen(pool, train).images))


def _chosen(part: Part, positions: Indices) -> Part:
    """Some images of a part, without a copy of them."""
    images = part.images
    rows = (
        Rows(images.images, images.positions[positions])
        if isinstance(images, Rows)
        else Rows(images, positions)
    )
    return Part(
        rows, part.labels[positions], None if part.groups is None else part.groups[positions]
    )
