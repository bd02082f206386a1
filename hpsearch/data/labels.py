"""What labels say about the problem, and labels in the form their problem has."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpsearch.errors import DataError
from hpsearch.problems import ONE_CLASS, PROBLEMS, Problem


def infer_problem(labels: NDArray[Any]) -> Problem:
    """What labels ask of a model.

    (n,) whole numbers are one_label, also with two classes, for which both a softmax of two and
    a single sigmoid will do; (n, k) of 0 and 1 are many_labels; other numbers are regression.

    Args:
        labels: (n,) or (n, k) numbers.

    Raises:
        DataError: They are no numbers, or have another shape.
    """
    values = np.asarray(labels)
    if values.ndim not in (1, 2) or values.dtype.kind not in "biuf":
        raise DataError(
            f"The labels have shape {values.shape} and type {values.dtype}; expected (n,) or "
            "(n, k) numbers."
        )
    if values.ndim == 2 and values.shape[1] > 1 and np.isin(values, (0, 1)).all():
        return "many_labels"
    return "one_label" if values.dtype.kind in "biu" and values.ndim == 1 else "regression"


def labels_for(labels: NDArray[Any], given: Problem | None) -> tuple[NDArray[Any], Problem]:
    """Labels as `Part` has them, and their problem.

    Args:
        labels: (n,) or (n, k) numbers.
        given: What the user says the problem is; None for what the labels say.

    Raises:
        DataError: The labels contradict what the user says, or are not finite.
    """
    values = np.asarray(labels)
    problem = infer_problem(values) if given is None else given
    if problem not in PROBLEMS:
        raise DataError(
            f"The problem is {problem!r}; expected one of {', '.join(PROBLEMS)}.",
            "Leave it out for what the labels say.",
        )
    contradiction = _contradiction(values, problem)
    if contradiction:
        raise DataError(
            f"The problem is given as {problem}, but {contradiction}.",
            f"The labels look like {infer_problem(values)}: say so, or change the labels.",
        )
    if problem in ONE_CLASS:
        return values.astype(np.int64), problem
    return values.astype(np.uint8 if problem == "many_labels" else np.float32), problem


def num_classes_of(labels: NDArray[Any], problem: Problem, num_names: int = 0) -> int:
    """Number of classes; of numbers to be told for an image where labels are no classes.

    Args:
        labels: Labels of all parts.
        problem: What they ask of a model.
        num_names: How many classes have a name, of which some may have no image.
    """
    if problem in ONE_CLASS:
        return max(int(labels.max()) + 1, num_names, 2 * (problem == "binary"))
    return 1 if labels.ndim == 1 else int(labels.shape[1])


def _contradiction(values: NDArray[Any], problem: Problem) -> str:
    """What about the labels the problem cannot have; empty if nothing."""
    low, high = values.min(), values.max()
    if not np.isfinite([low, high]).all():
        return "there are labels that are NaN or infinite"
    is_bits = bool(np.isin(values, (0, 1)).all())
    if problem == "many_labels" and (values.ndim != 2 or not is_bits):
        return "the labels are no (n, k) matrix of 0 and 1"
    if problem == "regression_0_1" and (low < 0 or high > 1):
        return f"there are labels from {low:g} to {high:g}, not in 0..1"
    if problem in ONE_CLASS:
        return _no_classes(values, is_bits, problem)
    return ""


def _no_classes(values: NDArray[Any], is_bits: bool, problem: Problem) -> str:
    """Why labels are no classes, or not the two of a binary problem; empty if they are."""
    if values.ndim != 1 or (values != np.round(values)).any():
        return f"the labels of shape {values.shape} are not one whole number an image"
    if (problem == "binary" and not is_bits) or values.min() < 0:
        return f"there are labels from {values.min():g} to {values.max():g}"
    return ""
