"""Scores of a classifier by class, from its confusion matrix."""

from __future__ import annotations

from typing import Any

import numpy as np


def accuracy(confusion: Any) -> Any:
    """The share of images that are classified rightly.

    Args:
        confusion: (…, classes, classes) counts, a row for each true class, a column for each
            predicted one.

    Returns:
        (…) shares.
    """
    counts = np.asarray(confusion)
    return _diagonal(counts).sum(-1) / counts.sum((-2, -1))


def balanced_accuracy(confusion: Any) -> Any:
    """The mean over classes of the share of their images that are classified rightly.

    Classes without an image are left out, as scikit-learn does.
    """
    counts = np.asarray(confusion)
    return _mean_where(_diagonal(counts), counts.sum(-1))


def macro_f1(confusion: Any) -> Any:
    """The mean over classes of F1 = 2·right / (2·right + wrongly taken for it + missed).

    Classes that are neither true nor predicted anywhere are left out, as scikit-learn does.
    """
    counts = np.asarray(confusion)
    return _mean_where(2 * _diagonal(counts), counts.sum(-1) + counts.sum(-2))


def _diagonal(counts: Any) -> Any:
    return np.diagonal(counts, axis1=-2, axis2=-1)


def _mean_where(parts: Any, totals: Any) -> Any:
    """The mean of parts / totals over the classes whose total is not 0."""
    shares = np.divide(parts, totals, out=np.zeros(np.shape(parts)), where=totals > 0)
    return shares.sum(-1) / (totals > 0).sum(-1)


CLASS_SCORES = {"macro_f1": macro_f1, "balanced_accuracy": balanced_accuracy}
