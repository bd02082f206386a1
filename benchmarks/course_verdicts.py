"""Whether our figures bear out what the course says, judged by how far seeds scatter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

LEVEL = 0.95
CHANCE = 0.35
"""Of four classes: a network whose accuracy is below has learnt nothing."""
TINY = 1e-9


class Verdict(NamedTuple):
    """What ours say to a figure of the course.

    Args:
        word: `yes`, `no`, `not told apart`, or empty where the course says nothing.
        reason: Why.
    """

    word: str
    reason: str


def against_baseline(
    ours: Sequence[float], baseline: Sequence[float], course_difference: float, unit: str
) -> Verdict:
    """Whether a difference has the course's sign, by Welch's interval at 95 %.

    Args:
        ours: One value a seed; more is better.
        baseline: The same of what it is compared with.
        course_difference: The course's own difference; only its sign is looked at.
        unit: Behind the numbers of the reason.
    """
    difference = float(np.mean(ours) - np.mean(baseline))
    low, high = _interval(ours, baseline)
    half = (high - low) / 2
    reason = f"{difference:+.3f} ± {half:.3f}{unit}"
    if low <= 0 <= high:
        return Verdict("not told apart", reason)
    return Verdict("yes" if difference * course_difference > 0 else "no", reason)


def against_chance(ours: Sequence[float], course: float | None) -> Verdict:
    """Whether a network learns or stays at chance, as in the course."""
    mean, half = float(np.mean(ours)), _half_width(ours)
    if mean - half <= CHANCE <= mean + half:
        return Verdict("not told apart" if course is not None else "", "depends on the seed")
    reason = "learns" if mean > CHANCE else "stays at chance"
    if course is None:
        return Verdict("", reason)
    return Verdict("yes" if (course > CHANCE) == (mean > CHANCE) else "no", reason)


def _interval(ours: Sequence[float], baseline: Sequence[float]) -> tuple[float, float]:
    if np.std(ours) < TINY and np.std(baseline) < TINY:
        return (float(np.mean(ours) - np.mean(baseline)),) * 2
    found = stats.ttest_ind(ours, baseline, equal_var=False).confidence_interval(LEVEL)
    return float(found.low), float(found.high)


def _half_width(values: Sequence[float]) -> float:
    error = float(np.std(values, ddof=1)) / np.sqrt(len(values))
    return float(stats.t.ppf((1 + LEVEL) / 2, len(values) - 1) * error)
