"""How much a trial's folds differ."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import stdev

from hpsearch.counting import count_of


def deviation_of(values: Sequence[float]) -> float | None:
    """The standard deviation over folds (by n − 1); None for fewer than two values.

    It is that of single folds. Folds share most of their training images, so that it says little
    about the error of their mean (Bengio and Grandvalet 2004, *No unbiased estimator of the
    variance of k-fold cross-validation*).

    Args:
        values: The objective of each fold.
    """
    return stdev(values) if len(values) > 1 else None


def spread_in_words(values: Sequence[float]) -> str:
    """The standard deviation over folds and both ends; empty for fewer than two values."""
    deviation = deviation_of(values)
    if deviation is None:
        return ""
    ends = f"{min(values):.4f} to {max(values):.4f}"
    return f"± {deviation:.4f} over {count_of(len(values), 'fold')}, {ends}"
