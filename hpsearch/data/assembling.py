"""Arrays of a user's or of a published set, made into a loaded data set."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpsearch.counting import count_of
from hpsearch.data.holding_out import Division, Shares, divide
from hpsearch.data.labels import labels_for, num_classes_of
from hpsearch.data.loaded import LoadedData, Part
from hpsearch.data.preprocessing import Preprocessing
from hpsearch.errors import DataError
from hpsearch.problems import ONE_CLASS, Problem

Pair = tuple[NDArray[Any], NDArray[Any]]
"""Images (n, height, width, channels) and labels."""


class ArrayFacts(NamedTuple):
    """What is known of arrays besides themselves.

    Args:
        source: Where they came from, as a sentence begins.
        settings: The data set's settings, for the fingerprint.
        scaling: See `Preprocessing`.
        class_names: One name a class; their numbers where there are none.
        problem: What the user says the problem is; None for what the labels say.
        is_numbered: Whether class numbers mean something elsewhere, so that there may be gaps.
    """

    source: str
    settings: Mapping[str, Any]
    scaling: str
    class_names: Sequence[str] = ()
    problem: Problem | None = None
    is_numbered: bool = False


def assemble(parts: Mapping[str, Pair], facts: ArrayFacts, shares: Shares, seed: int) -> LoadedData:
    """Divide arrays, check their labels and fit the preprocessing.

    Args:
        parts: Checked images and labels of ``train`` and, where they are given, of ``val`` and
            ``test``.
        facts: What else is known.
        shares: What to hold out of ``train`` for parts that are not given.
        seed: Seed of the split.

    Raises:
        DataError: The labels contradict the problem or are most likely a mistake, or the arrays
            cannot be divided.
    """
    names = [name for name in ("train", "val", "test") if name in parts]
    images = _joined([parts[name][0] for name in names])
    labels, problem = labels_for(_joined([parts[name][1] for name in names]), facts.problem)
    part_of_each = [name for name in names for _ in range(len(parts[name][1]))]
    num_classes = num_classes_of(labels, problem, len(facts.class_names))
    if problem in ONE_CLASS:
        _check_classes(labels, parts, facts, num_classes)
    division = divide(labels, None, part_of_each, shares, seed)
    train = Part(images[division.train], labels[division.train])
    return LoadedData(
        train=train,
        validation=Part(images[division.validation], labels[division.validation]),
        test=_test(images, labels, division),
        num_classes=num_classes,
        class_names=_names(num_classes, facts.class_names),
        fingerprint=_fingerprint(images, labels, parts, facts),
        split=division.record,
        source=_sentence(facts.source, division),
        synthetic=False,
        preprocessing=Preprocessing.fit(facts.scaling, train.images),
        problem=problem,
    )


def _joined(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _test(images: NDArray[Any], labels: NDArray[Any], division: Division) -> Part | None:
    if not len(division.test):
        return None
    return Part(images[division.test], labels[division.test])


def _check_classes(
    labels: NDArray[np.int64], parts: Mapping[str, Pair], facts: ArrayFacts, num_classes: int
) -> None:
    """Refuse labels that nothing can be learnt from, or that are most likely a mistake."""
    source = facts.source.removeprefix("arrays from ")
    found = np.unique(parts["train"][1])
    if len(found) < 2:
        raise DataError(
            f"{source} has the label {found[0]} on all of its "
            f"{count_of(len(parts['train'][1]), 'training image')}; "
            "expected two classes or more."
        )
    if facts.class_names and num_classes > len(facts.class_names):
        raise DataError(
            f"{source} has labels up to {num_classes - 1}; expected 0 to "
            f"{len(facts.class_names) - 1}, for {len(facts.class_names)} classes."
        )
    unused = sorted(set(range(num_classes)) - set(np.unique(labels).tolist()))
    if unused and not facts.is_numbered and not facts.class_names:
        raise DataError(
            f"{source} has labels up to {num_classes - 1}, but no image has "
            f"{_listed(unused)}; expected classes numbered from 0 without gaps.",
            hint="Renumber them: classes, y = numpy.unique(y, return_inverse=True).",
        )


def _names(num_classes: int, given: Sequence[str]) -> tuple[str, ...]:
    return tuple(given[i] if i < len(given) else str(i) for i in range(num_classes))


def _fingerprint(
    images: NDArray[Any], labels: NDArray[Any], parts: Mapping[str, Pair], facts: ArrayFacts
) -> str:
    sizes = {name: len(pair[1]) for name, pair in parts.items()}
    digest = hashlib.sha256(json.dumps([facts.settings, sizes], sort_keys=True).encode())
    for array in (images, labels):
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:32]


def _listed(numbers: Sequence[int], most: int = 5) -> str:
    shown = ", ".join(str(number) for number in numbers[:most])
    return shown if len(numbers) <= most else f"{shown} and {len(numbers) - most} more"


def _sentence(source: str, division: Division) -> str:
    num_train = len(division.train) + len(division.validation)
    kept = f", {count_of(len(division.test), 'test image')}" if len(division.test) else ""
    return f"{source} ({num_train:,} training and validation images{kept})"
