"""How well images are predicted, for every kind of problem, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from hpsearch.analysis.intervals import (
    Interval,
    bootstrap_interval,
    bootstrap_of_sums,
    interval_json,
    wilson_interval,
)
from hpsearch.training.class_scores import CLASS_SCORES

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCORE_NAMES = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "balanced_accuracy": "balanced accuracy",
    "micro_f1": "micro-F1",
    "subset_accuracy": "all labels right",
    "mean_auc": "mean AUC",
    "mse": "mean squared error",
    "mae": "mean absolute error",
    "r2": "R²",
}
"""What scores are called, for people."""
THRESHOLD = 0.5
"""Of several labels those whose probability is above it are said to be there."""

Scores = Mapping[str, Interval]
"""By name; the first is the one that is quoted."""


def scores_json(scores: Scores) -> dict[str, Any]:
    """The first score as `mean`, `low` and `high`, the others by name beside it."""
    first, *others = scores
    return {
        **interval_json(scores[first]),
        **{name: interval_json(scores[name]) for name in others},
    }


def class_scores(confusion: NDArray[np.int64]) -> Scores:
    """Accuracy (Wilson's interval), macro-F1 and balanced accuracy (bootstrap within each class).

    Args:
        confusion: (classes, classes) counts, a row for each true class.
    """
    right, total = int(confusion.trace()), int(confusion.sum())
    by_class = {name: bootstrap_interval(confusion, score) for name, score in CLASS_SCORES.items()}
    return {"accuracy": wilson_interval(right, total), **by_class}


def label_scores(truth: NDArray[Any], probabilities: NDArray[np.float64]) -> Scores:
    """Micro- and macro-F1, share of images with all labels right, and mean area under the ROC.

    A label counts as predicted above 1/2. Macro-F1 leaves out labels that are neither there nor
    predicted anywhere, the area those that all images have, or none; it comes without an interval.
    F1 by a bootstrap over images, the share by Wilson's.

    Args:
        truth: (n, k) of 0 and 1.
        probabilities: (n, k).
    """
    there, said = truth.astype(bool), probabilities > THRESHOLD
    right, wrong = there & said, there ^ said
    terms = np.hstack([right, wrong]).astype(np.float64)
    whole = wilson_interval(int((~wrong).all(axis=1).sum()), len(truth))
    found = bootstrap_of_sums(terms, {"micro_f1": _micro_f1, "macro_f1": _macro_f1})
    found["subset_accuracy"] = whole
    area = _mean_area(there, probabilities)
    return found if area is None else {**found, "mean_auc": Interval(area, None, None)}


def value_scores(truth: NDArray[Any], predicted: NDArray[np.float64]) -> Scores:
    """Mean squared error, mean absolute error and R², each a mean over the values of an image.

    Intervals by a bootstrap over images; no R² where all true values are equal.

    Args:
        truth: (n,) or (n, k).
        predicted: The same shape.
    """
    wanted = np.asarray(truth, np.float64).reshape(len(truth), -1)
    error = predicted.reshape(wanted.shape) - wanted
    centred = wanted - wanted.mean(axis=0)  # so that differences of large sums stay exact
    terms = np.hstack([error**2, np.abs(error), centred, centred**2, np.ones((len(wanted), 1))])
    scores: dict[str, Callable[[Any], Any]] = {"mse": _mse, "mae": _mae}
    if (wanted.var(axis=0) > 0).all():
        scores["r2"] = _r2
    return bootstrap_of_sums(terms, scores)


def _micro_f1(sums: NDArray[np.float64]) -> Any:
    right, wrong = (half.sum(-1) for half in np.split(sums, 2, axis=-1))
    return _share(2 * right, 2 * right + wrong)


def _macro_f1(sums: NDArray[np.float64]) -> Any:
    right, wrong = np.split(sums, 2, axis=-1)
    shares = _share(2 * right, 2 * right + wrong)
    known = ~np.isnan(shares)
    return _share(np.where(known, shares, 0).sum(-1), known.sum(-1))


def _share(part: Any, total: Any) -> Any:
    """The one divided by the other, NaN where that is 0 / 0."""
    out = np.full(np.shape(total), np.nan)
    return np.divide(part, total, out=out, where=np.asarray(total) > 0)


def _mse(sums: NDArray[np.float64]) -> Any:
    return _parts(sums)[0].mean(-1)


def _mae(sums: NDArray[np.float64]) -> Any:
    return _parts(sums)[1].mean(-1)


def _r2(sums: NDArray[np.float64]) -> Any:
    """1 - squared error / squared distance from the mean of the images drawn."""
    squared_error, _, value, square = _parts(sums)
    return 1 - _share(squared_error, square - value**2).mean(-1)


def _parts(sums: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Means over images of squared error, absolute error, value and its square, each (…, k)."""
    return np.split(sums[..., :-1] / sums[..., -1:], 4, axis=-1)


def _mean_area(there: NDArray[np.bool_], probabilities: NDArray[np.float64]) -> float | None:
    from sklearn.metrics import roc_auc_score

    mixed = there.any(axis=0) & ~there.all(axis=0)
    if not mixed.any():
        return None
    return float(roc_auc_score(there[:, mixed], probabilities[:, mixed], average="macro"))
