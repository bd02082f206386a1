"""Intervals: how far means, shares and differences can be trusted."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CONFIDENCE = 0.95
SHARES = ("accuracy", "f1", "f1_score", "precision", "recall", "auc")  # ends of names within [0, 1]
CELLS_AT_ONCE = 4_000_000
UNBOUNDED = (-math.inf, math.inf)


class Interval(NamedTuple):
    """A mean with its confidence interval; the ends are None where nothing can be said."""

    mean: float
    low: float | None
    high: float | None


def interval_json(interval: Interval | None) -> dict[str, float | None]:
    """An interval as JSON; all null where there is none."""
    if interval is None:
        return {"mean": None, "low": None, "high": None}
    return dict(interval._asdict())


def range_of(metric: str, values: Sequence[float]) -> tuple[float, float]:
    """Between what a metric lies: 0 and 1 for accuracies and the like, else anywhere.

    Args:
        metric: Its name, such as `val_accuracy`.
        values: What was measured; a value outside [0, 1] shows that the name means another thing.
    """
    is_share = metric.lower().endswith(SHARES) and all(0 <= value <= 1 for value in values)
    return (0.0, 1.0) if is_share else UNBOUNDED


def mean_interval(values: Sequence[float], within: tuple[float, float] = UNBOUNDED) -> Interval:
    """The mean with its 95 % interval by Student's t; no interval for a single value.

    An end that would lie where no value can is put at the limit, which loses no coverage.
    """
    mean = float(np.mean(values))
    if len(values) < 2:
        return Interval(mean, None, None)
    from scipy import stats

    error = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * error
    return Interval(mean, max(within[0], mean - reach), min(within[1], mean + reach))


def difference_interval(
    first: Sequence[float], second: Sequence[float], within: tuple[float, float] = UNBOUNDED
) -> Interval:
    """The difference of two means with its 95 % interval by Welch's t.

    Args:
        first: Values of the one.
        second: Values of the other, which is subtracted.
        within: Between what each value lies; the difference is held within the width of it.
    """
    gap = float(np.mean(first) - np.mean(second))
    if min(len(first), len(second)) < 2:
        return Interval(gap, None, None)
    if float(np.var(first) + np.var(second)) == 0.0:
        return Interval(gap, gap, gap)
    from scipy import stats

    # By hand: scipy's own test warns where the values of one side are all equal, as two seeds of a
    # small validation part often are.
    squares = [float(np.var(values, ddof=1)) / len(values) for values in (first, second)]
    freedom = sum(squares) ** 2 / sum(
        square**2 / (len(values) - 1)
        for square, values in zip(squares, (first, second), strict=True)
    )
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) * math.sqrt(sum(squares))
    width = within[1] - within[0]
    return Interval(gap, max(-width, gap - reach), min(width, gap + reach))


def wilson_interval(successes: int, total: int) -> Interval:
    """A share with its 95 % interval (Wilson, JASA 22, 1927), good for shares near 0 and 1."""
    if total < 1:
        raise ValueError("the share of nothing")
    from scipy import stats

    share, z = successes / total, float(stats.norm.ppf((1 + CONFIDENCE) / 2))
    centre = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    spread = math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    reach = z * spread / (1 + z**2 / total)
    return Interval(share, max(0.0, centre - reach), min(1.0, centre + reach))


def bootstrap_interval(
    confusion: NDArray[np.int64], score: Callable[[Any], Any], repetitions: int = 2000
) -> Interval:
    """A score of a confusion matrix with its 95 % interval by a stratified bootstrap.

    The images of each class are drawn again from those of that class, as they are when a test set
    has a fixed number of each (Efron & Tibshirani, *An Introduction to the Bootstrap*, 1993,
    section 13.3: percentiles). Where nothing was wrong, nothing wrong can be drawn: the interval
    is then a point, and too short.

    Args:
        confusion: (classes, classes) counts, a row for each true class.
        score: Gives (…) scores for (…, classes, classes) counts.
        repetitions: How often the images are drawn again.
    """
    generator = np.random.default_rng(0)
    sizes = confusion.sum(axis=1)
    shares = confusion / np.maximum(sizes, 1)[:, None]
    shares[sizes == 0, 0] = 1.0  # a class without images is drawn zero times, from anywhere
    at_once = max(1, CELLS_AT_ONCE // confusion.size)
    drawn: list[float] = []
    while len(drawn) < repetitions:
        count = min(at_once, repetitions - len(drawn))
        again = generator.multinomial(sizes, shares, size=(count, len(sizes)))
        drawn.extend(np.atleast_1d(score(again)).tolist())
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return Interval(float(score(confusion)), float(low), float(high))


def bootstrap_of_sums(
    terms: NDArray[np.float64],
    scores: Mapping[str, Callable[[Any], Any]],
    repetitions: int = 2000,
) -> dict[str, Interval]:
    """Scores that follow from sums over images, with their 95 % intervals by a bootstrap.

    Images are drawn again from all of them (Efron & Tibshirani 1993, section 13.3: percentiles),
    the same drawings for all scores. What has no score in a drawing, such as an R² where all
    drawn values are equal, is left out.

    Args:
        terms: (n, m): what each image adds to each of the m sums.
        scores: By name; each gives (…) scores for (…, m) sums, NaN where there is none.
        repetitions: How often the images are drawn again.
    """
    generator = np.random.default_rng(0)
    at_once = max(1, CELLS_AT_ONCE // len(terms))
    drawn: list[NDArray[np.float64]] = []
    for start in range(0, repetitions, at_once):
        count = min(at_once, repetitions - start)
        drawn.append(_times_drawn(len(terms), count, generator) @ terms)
    sums, tail = np.concatenate(drawn), 100 * (1 - CONFIDENCE) / 2
    found = {}
    for name, score in scores.items():
        low, high = np.nanpercentile(score(sums), [tail, 100 - tail])
        found[name] = Interval(float(score(terms.sum(axis=0))), float(low), float(high))
    return found


def _times_drawn(size: int, count: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """(count, size): how often each of `size` things is among `size` drawn, `count` times."""
    drawn = generator.integers(size, size=(count, size)) + size * np.arange(count)[:, None]
    times = np.bincount(drawn.ravel(), minlength=count * size)
    return times.reshape(count, size).astype(np.float64)
